import { Refusal } from '../../refusal.ts';
import type { Actor, Core } from '../../services/core.ts';
import { audit } from '../../store/audit.ts';
import type { Billing } from '../billing.ts';
import { lockAccount } from '../ledger/accounts.ts';
import { checkText, mayWork } from '../ledger/working.ts';
import { addDays, isDay } from '../rules/dates.ts';
import type { Standing } from '../rules/standing.ts';
import type { Day } from '../shapes.ts';
import { review } from './review.ts';

/** How long a suspension can be put off at a time. */
const longestDays = 366;

/**
 * Puts a customer's suspension off: until the day is over nobody suspends it, and if it is suspended its boxes work
 * again at once.
 *
 * @param until null: no longer; the daily work then decides
 * @throws Refusal `forbidden`, `restored`, `malformed`, `notFound`
 */
export async function defer(
  core: Core,
  billing: Billing,
  actor: Actor,
  { customer, until, reason }: { customer: string; until: Day | null; reason: string },
): Promise<{ state: Standing }> {
  mayWork(core, actor);
  checkText('reason', reason, 1000);
  const nowMs = core.clock.nowMs();
  const today = billing.calendar.dayAt(nowMs);
  if (until !== null && !(isDay(until) && until >= today && until <= addDays(today, longestDays)))
    throw new Refusal('malformed', `until: allowed: a day from ${today} to ${addDays(today, longestDays)}`);
  const state = await core.store.write(async (tx) => {
    const known = await tx.selectFrom('customers').select('id').where('id', '=', customer).executeTakeFirst();
    if (known === undefined) throw new Refusal('notFound', 'there is no such customer');
    const account = await lockAccount(tx, customer, today);
    await tx
      .updateTable('billing_accounts')
      .set({ deferred_until: until })
      .where('customer', '=', customer)
      .execute();
    await audit(tx, nowMs, {
      actor: actor.name,
      action: 'billing.deferred',
      subject: customer,
      customer,
      before: { until: account.deferred_until },
      after: { until, reason },
    });
    const deferred = { ...account, deferred_until: until };
    return review(tx, { core, billing, actor: actor.name }, deferred);
  });
  core.errandsWait();
  return { state };
}
