/** Who owes what, who has credit, what was paid: lists for operators, in pages. */
import type { Actor, Core } from '../services/core.ts';
import { mine } from '../services/customers.ts';
import type { Billing } from './billing.ts';
import { daysBetween } from './rules/dates.ts';
import type { Standing } from './rules/standing.ts';
import type { Day } from './shapes.ts';

/** A page of a list. */
export interface Page {
  /** The last one of the page before. */
  after?: string | undefined;
  limit: number;
}

/** An invoice that is due and not paid. */
export interface Arrear {
  invoice: string;
  customer: string;
  currency: string;
  open: number;
  dueDay: Day;
  daysLate: number;
  state: Standing;
  deferredUntil: Day | null;
  /** The last reminder, in days after the due day; null: none yet. */
  reminded: number | null;
}

/** Invoices that are overdue, by number. */
export async function arrears(
  { store, clock }: Core,
  { calendar }: Billing,
  { customer: bound }: Actor,
  { after, limit, customer }: Page & { customer?: string | undefined },
): Promise<Arrear[]> {
  const today = calendar.dayAt(clock.nowMs());
  const rows = await store.reader
    .selectFrom('billing_open')
    .innerJoin('billing_accounts', 'billing_accounts.customer', 'billing_open.customer')
    .selectAll('billing_open')
    .select(['billing_accounts.state', 'billing_accounts.deferred_until'])
    .where('billing_open.due_day', '<', today)
    .$if(bound !== null, (query) => query.where('billing_open.customer', '=', bound ?? ''))
    .$if(customer !== undefined, (query) => query.where('billing_open.customer', '=', customer ?? ''))
    .$if(after !== undefined, (query) => query.where('billing_open.invoice', '>', after ?? ''))
    .orderBy('billing_open.invoice')
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    invoice: row.invoice,
    customer: row.customer,
    currency: row.currency,
    open: row.open,
    dueDay: row.due_day,
    daysLate: daysBetween(row.due_day, today),
    state: row.state,
    deferredUntil: row.deferred_until,
    reminded: row.reminded === 0 ? null : row.reminded,
  }));
}

/** Where a customer stands. */
export interface Account {
  customer: string;
  state: Standing;
  since: Day | null;
  deferredUntil: Day | null;
  /** What is open, due or not, and the credit, by currency. */
  open: { invoice: string; currency: string; open: number; dueDay: Day }[];
  credit: { currency: string; amount: number }[];
}

/** A customer's account, with at most 1000 open invoices, oldest first. @throws Refusal `notFound` */
export async function account({ store }: Core, actor: Actor, customer: string): Promise<Account> {
  const { reader } = store;
  const known = await reader
    .selectFrom('customers')
    .leftJoin('billing_accounts', 'billing_accounts.customer', 'customers.id')
    .select(['customers.id', 'state', 'since_day', 'deferred_until'])
    .where('customers.id', '=', customer)
    .executeTakeFirst();
  const row = mine(actor, known && { ...known, customer: known.id }, 'customer');
  const open = await reader
    .selectFrom('billing_open')
    .select(['invoice', 'currency', 'open', 'due_day'])
    .where('customer', '=', customer)
    .orderBy('due_day')
    .orderBy('invoice')
    .limit(1000)
    .execute();
  const credit = await reader
    .selectFrom('billing_credit')
    .select(['currency', 'amount'])
    .where('customer', '=', customer)
    .orderBy('currency')
    .execute();
  return {
    customer,
    state: row.state ?? 'active',
    since: row.since_day,
    deferredUntil: row.deferred_until,
    open: open.map(({ due_day, ...rest }) => ({ ...rest, dueDay: due_day })),
    credit,
  };
}

/**
 * Customers with credit, by customer and currency. `after`: the customer and the currency of the last row of the page
 * before, such as `CU-7 UAH`; a customer alone: after all that it has.
 */
export function credits(
  { store }: Core,
  { customer: bound }: Actor,
  { after = '', limit }: Page,
): Promise<{ customer: string; currency: string; amount: number }[]> {
  const [customer = '', currency] = after.split(' ');
  return store.reader
    .selectFrom('billing_credit')
    .selectAll()
    .$if(bound !== null, (query) => query.where('customer', '=', bound ?? ''))
    .where('customer', '>=', customer)
    .where((eb) =>
      currency === undefined
        ? eb('customer', '<>', customer)
        : eb.or([eb('customer', '<>', customer), eb('currency', '>', currency)]),
    )
    .orderBy('customer')
    .orderBy('currency')
    .limit(limit)
    .execute();
}

/** Payments by id, with why they were reversed where they were. */
export async function payments(
  { store }: Core,
  { customer: bound }: Actor,
  { after, limit, customer }: Page & { customer?: string | undefined },
) {
  const rows = await store.reader
    .selectFrom('billing_payments')
    .leftJoin('billing_reversals', 'billing_reversals.payment', 'billing_payments.id')
    .selectAll('billing_payments')
    .select('billing_reversals.reason as reversed')
    .$if(bound !== null, (query) => query.where('customer', '=', bound ?? ''))
    .$if(customer !== undefined, (query) => query.where('customer', '=', customer ?? ''))
    .$if(after !== undefined, (query) => query.where('id', '>', after ?? ''))
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map(({ id, booked_by, booked_at_ms, ...row }) => ({
    payment: id,
    ...row,
    bookedBy: booked_by,
    bookedAtMs: booked_at_ms,
  }));
}

/** Reminders to send, in the order in which they were written. `after`: the number of the last one that was sent. */
export async function reminders(
  { store }: Core,
  { customer: bound }: Actor,
  { after, limit }: { after?: number | undefined; limit: number },
) {
  const rows = await store.reader
    .selectFrom('billing_reminders')
    .selectAll()
    .$if(bound !== null, (query) => query.where('customer', '=', bound ?? ''))
    .$if(after !== undefined, (query) => query.where('id', '>', after ?? 0))
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map(({ id, after_days, ...row }) => ({ reminder: id, afterDays: after_days, ...row }));
}
