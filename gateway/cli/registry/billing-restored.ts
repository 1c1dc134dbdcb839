/** Numbers of papers after a restore: the operator says how far they had been given. */
import { loseNumbers } from '../../../provisioning/registry/billing/restored.ts';
import { lastNumbers } from '../../../provisioning/registry/billing/runs.ts';
import type { OpenRegistry } from '../../../provisioning/registry/main.ts';
import { SwipeError } from '../../seams/error.ts';
import { listIn } from './billing-parts.ts';
import { person } from './config-file.ts';
import type { Task } from './work.ts';

/** What `confirm` shows of them; nothing where nobody is billed. */
export async function numbersShown({ core, billing }: OpenRegistry): Promise<string[]> {
  if (billing === null) return [];
  const known = await lastNumbers(core);
  return [
    `the last numbers of papers that are known: ${known.length === 0 ? 'none' : known.join(', ')}`,
    'say the last one of each kind and year that was sent to customers: confirm --yes --last-number SW-2026-000123,SA-2026-000123 (none: nothing was sent since the backup)',
  ];
}

/**
 * Writes down what `--last-number` says, before the confirmation: said twice, the second time does nothing.
 *
 * @throws SwipeError `usage` when it is not said; Refusal `conflict` when a series would leap far without
 *   `--yes-that-many`
 */
export async function numbersSaid(task: Task, { core, billing }: OpenRegistry): Promise<void> {
  const said = listIn(task, 'last-number');
  if (billing === null) {
    if (said !== undefined) throw new SwipeError('usage', '--last-number: nobody is billed');
    return;
  }
  if (said === undefined)
    throw new SwipeError(
      'usage',
      '--last-number is needed: the last numbers that were sent to customers, such as SW-2026-000123, or none',
    );
  if (said.length === 1 && said[0] === 'none') return;
  const thatMany = task.values['yes-that-many'] === true;
  const lost = await core.store.write((tx) =>
    loseNumbers(tx, billing, { actor: person().name, numbers: said, nowMs: core.clock.nowMs(), thatMany }),
  );
  for (const { prefix, year, first, last } of lost)
    task.io.out(`${prefix}-${year}: the numbers ${first} to ${last} are not given again`);
}
