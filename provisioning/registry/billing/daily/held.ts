/** Months that are billed but for some customers, which are held since a box of theirs has no plan. */
import type { Core } from '../../services/core.ts';
import { raiseAlarm } from '../../store/audit.ts';
import type { Tx } from '../../store/store.ts';
import type { Billing } from '../billing.ts';
import { addMonths } from '../rules/dates.ts';
import { billMonth, settlingMs } from '../run/month.ts';
import type { Day, Month } from '../shapes.ts';

/** So many of the last months are looked at again by themselves. A plan that came later than that waits for a person. */
export const monthsHeld = 3;

/**
 * Looks once a day at the finished months in which somebody is held: bills who has got a plan meanwhile, and says who
 * has none. What is held for longer is told as well, until a person bills it.
 */
export async function billHeld(core: Core, billing: Billing, goesOn: () => boolean): Promise<void> {
  const { calendar, config } = billing;
  const nowMs = core.clock.nowMs();
  const today = calendar.dayAt(nowMs);
  const last = calendar.lastOver(nowMs - settlingMs);
  const held = await core.store.reader
    .selectFrom('billing_runs')
    .select(['month', 'without_plan as boxes', 'finished_at_ms as lookedAtMs'])
    .where('state', '=', 'finished')
    .where('without_plan', '>', 0)
    .where('month', '>=', config.firstMonth)
    .where('month', '<=', last)
    .orderBy('month')
    .execute();
  const since = addMonths(last, 1 - monthsHeld);
  for (const { month, lookedAtMs } of held) {
    if (month < since || calendar.dayAt(lookedAtMs ?? 0) === today) continue;
    const { issued } = await billMonth(core, billing, month, { goesOn });
    if (issued > 0) core.log.info('customers that were held were billed', { id: month, count: issued });
  }
  const older = held.filter(({ month }) => month < since);
  if (older.length > 0) await core.store.write((tx) => tellOfOlder(tx, older, { billing, nowMs, today }));
}

/** An alarm a day, also where yesterday's was acknowledged: nothing else speaks of them any more. */
async function tellOfOlder(
  tx: Tx,
  older: readonly { month: Month; boxes: number }[],
  { billing, nowMs, today }: { billing: Billing; nowMs: number; today: Day },
): Promise<void> {
  const alarm = { kind: 'withoutPlan', subject: 'earlier', customer: null };
  const last = await tx
    .selectFrom('alarms')
    .select('last_at_ms')
    .where('kind', '=', alarm.kind)
    .where('subject', '=', alarm.subject)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (last !== undefined && billing.calendar.dayAt(last.last_at_ms) === today) return;
  const months = older.slice(0, 12).map(({ month, boxes }) => `${month} (${boxes} boxes)`);
  const more = older.length > months.length ? ` and ${older.length - months.length} months more` : '';
  const detail = `held for more than ${monthsHeld} months, and no longer billed by themselves: ${months.join(', ')}${more}. Give their customers plans, then \`swipe registry bill --period\` for each`;
  await raiseAlarm(tx, nowMs, { ...alarm, detail });
}
