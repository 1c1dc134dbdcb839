import * as assert from 'uvu/assert';
import type { ProblemCode } from '../../gateway/contract/registration.ts';
import { isRefusal } from '../../provisioning/registry/refusal.ts';

/** Does it, which must be refused with this code. */
export async function refused(code: ProblemCode, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    assert.ok(isRefusal(error, code), String(error));
    return;
  }
  assert.unreachable(`not refused as ${code}`);
}
