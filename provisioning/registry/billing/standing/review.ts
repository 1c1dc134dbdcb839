/** Changes where a customer stands, and has its boxes told, in the transaction of whatever is the reason. */
import type { Core } from '../../services/core.ts';
import { audit } from '../../store/audit.ts';
import type { Tx } from '../../store/store.ts';
import type { AccountRow } from '../../store/tables-billing.ts';
import type { Billing } from '../billing.ts';
import { betterOf, type Standing, standingOf } from '../rules/standing.ts';
import type { Day } from '../shapes.ts';
import { tellBoxes } from './tell.ts';

/** The parts that a review needs. */
export interface ReviewParts {
  core: Pick<Core, 'clock'>;
  billing: Billing;
  actor: string;
}

/** The earliest due day of what a customer has open, in whatever currency; null: nothing is. */
export async function oldestDueOf(tx: Tx, customer: string): Promise<Day | null> {
  const row = await tx
    .selectFrom('billing_open')
    .select((eb) => eb.fn.min('due_day').as('due'))
    .where('customer', '=', customer)
    .executeTakeFirst();
  return row?.due ?? null;
}

/** Puts a customer, whose account is locked, to a state, and has its boxes told. */
export async function putTo(
  tx: Tx,
  { core, billing, actor }: ReviewParts,
  account: Pick<AccountRow, 'customer' | 'state'>,
  state: Standing,
  { tell = true }: { tell?: boolean } = {},
): Promise<void> {
  if (state === account.state) return;
  const nowMs = core.clock.nowMs();
  const { customer } = account;
  await tx
    .updateTable('billing_accounts')
    .set({ state, since_day: billing.calendar.dayAt(nowMs), decided_by: actor })
    .where('customer', '=', customer)
    .execute();
  if (tell) await tellBoxes(tx, [customer], nowMs);
  await audit(tx, nowMs, {
    actor,
    action: 'billing.standing',
    subject: customer,
    customer,
    before: { state: account.state },
    after: { state },
  });
}

/**
 * Where a customer stands after money came in, or something was deferred: never worse than before, since only the
 * daily work makes it worse.
 */
export async function review(tx: Tx, parts: ReviewParts, account: AccountRow): Promise<Standing> {
  const { core, billing } = parts;
  const byRule = standingOf({
    oldestDue: await oldestDueOf(tx, account.customer),
    today: billing.calendar.dayAt(core.clock.nowMs()),
    graceDays: billing.config.graceDays,
    deferredUntil: account.deferred_until,
  });
  const state = betterOf(account.state, byRule);
  await putTo(tx, parts, account, state);
  return state;
}
