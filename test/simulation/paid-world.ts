import * as assert from 'uvu/assert';
import type { RuleInput, ScriptInput } from '../../gateway/simulators/terminal/script.ts';
import { World } from './world.ts';

/** A box that has taken a payment of 5.00 (`operation-0001`), so that there is a baseline; then the rule. */
export async function worldWith(options: ScriptInput['options'] = {}, rule?: RuleInput): Promise<World> {
  const world = new World({ script: { options: { stepMs: 500, ...options } } });
  await world.start();
  assert.is((await world.ask(world.payment(500))).outcome, 'approved');
  if (rule !== undefined) world.terminal.addRule(rule);
  return world;
}

/** What happens to the next purchase. */
export const purchase = (rule: Omit<RuleInput, 'match'>): RuleInput => ({
  match: { method: 'Purchase' },
  times: 1,
  ...rule,
});

/** Waits until the terminal shows this status code. */
export const busyWith = (world: World, status: number): Promise<void> =>
  world.until(() => world.terminal.status() === status);

/** What the bank has of what came after the first payment. */
export const ours = (world: World): string[] => world.ledger().slice(1);
