/** Writes down which reminders are to be sent: each once, and of those that were missed only the latest. */
import type { Core } from '../../services/core.ts';
import type { Tx } from '../../store/store.ts';
import type { OpenRow } from '../../store/tables-billing.ts';
import type { Billing } from '../billing.ts';
import { addDays } from '../rules/dates.ts';
import { reminderDue } from '../rules/standing.ts';
import type { Day } from '../shapes.ts';

/** Invoices that are looked at together. */
const pageMax = 500;

/** Writes the reminders of today. How many those are. */
export async function remind(core: Core, billing: Billing): Promise<number> {
  if (core.isRestored()) return 0;
  const today = billing.calendar.dayAt(core.clock.nowMs());
  const { reminderDays } = billing.config;
  const earliest = Math.min(...reminderDays);
  if (reminderDays.length === 0) return 0;
  let count = 0;
  for (let after = ''; ; ) {
    const page = await core.store.reader
      .selectFrom('billing_open')
      .selectAll()
      .where('invoice', '>', after)
      .where('due_day', '<=', addDays(today, -earliest))
      .where('reminded', '<', Math.max(...reminderDays))
      .orderBy('invoice')
      .limit(pageMax)
      .execute();
    const late = page.filter((row) => reminderOf(row, today, reminderDays) !== null);
    if (late.length > 0) count += await core.store.write((tx) => write(tx, late, { today, reminderDays }));
    if (page.length < pageMax) return count;
    after = page.at(-1)?.invoice ?? after;
  }
}

const reminderOf = (
  { due_day: dueDay, reminded }: OpenRow,
  today: Day,
  reminderDays: readonly number[],
): number | null => reminderDue({ dueDay, reminded }, today, reminderDays);

/** What is still open, now that it is locked. */
async function write(
  tx: Tx,
  late: readonly OpenRow[],
  { today, reminderDays }: { today: Day; reminderDays: readonly number[] },
): Promise<number> {
  const rows = await tx
    .selectFrom('billing_open')
    .selectAll()
    .where(
      'invoice',
      'in',
      late.map(({ invoice }) => invoice),
    )
    .orderBy('invoice')
    .forUpdate()
    .execute();
  let count = 0;
  for (const row of rows) {
    const afterDays = reminderOf(row, today, reminderDays);
    if (afterDays === null) continue;
    const { invoice, customer, open, currency } = row;
    await tx
      .insertInto('billing_reminders')
      .values({ invoice, customer, after_days: afterDays, day: today, open, currency })
      .onConflict((conflict) => conflict.columns(['invoice', 'after_days']).doNothing())
      .execute();
    await tx
      .updateTable('billing_open')
      .set({ reminded: afterDays })
      .where('invoice', '=', invoice)
      .execute();
    count += 1;
  }
  return count;
}
