/** What billing does every day, and when the registry starts: nothing of it twice, whoever comes to it. */
import { messageOf } from '../../../../gateway/seams/error.ts';
import type { Core } from '../../services/core.ts';
import { raiseAlarm } from '../../store/audit.ts';
import type { Reader } from '../../store/store.ts';
import type { Billing } from '../billing.ts';
import { addMonths } from '../rules/dates.ts';
import { billMonth, settlingMs } from '../run/month.ts';
import type { Month } from '../shapes.ts';
import { dun } from './dunning.ts';
import { billHeld } from './held.ts';
import { remind } from './reminders.ts';

/**
 * More months than this are never billed unasked: either billing was just switched on, and the operator should look at
 * the first month before the others follow, or the clock is wrong.
 */
export const monthsUnasked = 3;

/** The months that are over and not billed, oldest first. */
export async function missedMonths(
  reader: Reader,
  { config, calendar }: Billing,
  nowMs: number,
): Promise<Month[]> {
  const rows = await reader
    .selectFrom('billing_runs')
    .select('month')
    .where('state', '=', 'finished')
    .execute();
  const finished = new Set(rows.map(({ month }) => month));
  const last = calendar.lastOver(nowMs - settlingMs);
  const missed: Month[] = [];
  for (let month = config.firstMonth; month <= last; month = addMonths(month, 1))
    if (!finished.has(month)) missed.push(month);
  return missed;
}

/**
 * Bills what was missed and who was held, then reminds, then sees who is late. What fails is an alarm, and tried again the next day; the
 * others are done all the same.
 */
export async function billingDay(
  core: Core,
  billing: Billing,
  { goesOn = () => true }: { goesOn?: () => boolean } = {},
): Promise<void> {
  if (core.isRestored()) return;
  for (const [what, work] of [
    ['a month could not be billed', () => billMissed(core, billing, goesOn)],
    ['who was held could not be billed', () => billHeld(core, billing, goesOn)],
    ['the reminders could not be written', () => remind(core, billing)],
    ['who is late could not be seen to', () => dun(core, billing)],
  ] as const)
    try {
      if (!goesOn()) return;
      await patiently(work);
    } catch (error) {
      if (!goesOn()) return;
      core.log.error(what, { error: messageOf(error) });
      await alarm(core, { kind: 'billingFailed', detail: `${what}: ${messageOf(error)}` });
    }
}

async function billMissed(core: Core, billing: Billing, goesOn: () => boolean): Promise<void> {
  const missed = await missedMonths(core.store.reader, billing, core.clock.nowMs());
  if (missed.length > monthsUnasked)
    return alarm(core, {
      kind: 'billingBehind',
      detail: `${missed.length} months are not billed, from ${missed[0]} on: each waits for \`swipe registry bill --period\``,
    });
  for (const month of missed) {
    const { invoices } = await billMonth(core, billing, month, { goesOn });
    core.log.info('a month was billed', { id: month, count: invoices });
  }
}

/** PostgreSQL's words for "waited too long" (query_canceled, lock_not_available). */
const tooLong: ReadonlySet<unknown> = new Set(['57014', '55P03']);
const triesMost = 10;

/**
 * All of it can be begun anew wherever it was interrupted. Another instance that writes a page of a very large customer
 * keeps this one waiting for longer than a statement may take: that is no fault, unless it goes on for some minutes.
 */
async function patiently(work: () => Promise<unknown>): Promise<void> {
  for (let tries = 1; ; tries += 1)
    try {
      await work();
      return;
    } catch (error) {
      if (tries >= triesMost || !tooLong.has((error as { code?: unknown }).code)) throw error;
    }
}

const alarm = ({ store, clock }: Core, { kind, detail }: { kind: string; detail: string }): Promise<void> =>
  store.write((tx) => raiseAlarm(tx, clock.nowMs(), { kind, subject: 'billing', customer: null, detail }));
