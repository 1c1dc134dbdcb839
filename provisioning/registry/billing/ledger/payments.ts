/** Money that came in, booked by hand or out of a statement. */
import { newId } from '../../identity/codes.ts';
import { Refusal } from '../../refusal.ts';
import type { Actor, Core } from '../../services/core.ts';
import { audit } from '../../store/audit.ts';
import type { Tx } from '../../store/store.ts';
import type { PaymentRow } from '../../store/tables-billing.ts';
import type { Billing } from '../billing.ts';
import type { Standing } from '../rules/standing.ts';
import type { Day } from '../shapes.ts';
import { review } from '../standing/review.ts';
import { type Settled, takeIn } from './settle.ts';
import { checkDay, checkMoney, checkText, invoiceOf, mayWork, openAccount } from './working.ts';

/** A payment to book. */
export interface NewPayment {
  customer: string;
  currency: string;
  amount: number;
  /** On which day the money came. */
  day: Day;
  /** The bank's reference: the same one is the same payment, and booked once. */
  reference: string;
  note?: string | null;
  /** Invoices that it pays first, in this order. The oldest are next, the rest is credit. */
  invoices?: readonly string[];
}

/** What became of it. */
export interface BookedPayment {
  payment: string;
  /** It was booked before: nothing was changed. */
  again: boolean;
  settled: Settled[];
  credit: number;
  state: Standing;
}

/**
 * Books a payment that came in.
 *
 * @throws Refusal `forbidden`, `restored`, `malformed`, `notFound`; `conflict` when the reference is another payment's,
 *   or an invoice another customer's
 */
export async function bookPayment(
  core: Core,
  billing: Billing,
  actor: Actor,
  wanted: NewPayment,
): Promise<BookedPayment> {
  mayWork(core, actor);
  const booked = await core.store.write((tx) => bookIn(tx, core, billing, { actor, wanted }));
  core.errandsWait();
  return booked;
}

/** The same within a transaction, for an entry of a statement. */
export async function bookIn(
  tx: Tx,
  core: Core,
  billing: Billing,
  { actor, wanted }: { actor: Actor; wanted: NewPayment },
): Promise<BookedPayment> {
  const { customer, currency, amount, day, reference, note = null, invoices = [] } = wanted;
  const nowMs = core.clock.nowMs();
  checkMoney(amount, currency);
  checkDay(billing, day, nowMs);
  checkText('reference', reference);
  if (note !== null) checkText('note', note, 1000);
  const { account, purse } = await openAccount(tx, core, billing, customer, currency);
  for (const number of invoices) {
    const invoice = await invoiceOf(tx, number);
    if (invoice.customer !== customer || invoice.currency !== currency)
      throw new Refusal('conflict', `${number} is not an invoice in ${currency} of this customer`);
  }
  const payment: PaymentRow = {
    id: newId('PM', core.random.bytes),
    customer,
    currency,
    amount,
    day,
    reference,
    note,
    booked_by: actor.name,
    booked_at_ms: nowMs,
  };
  const put = await tx
    .insertInto('billing_payments')
    .values(payment)
    .onConflict((conflict) => conflict.column('reference').doNothing())
    .returning('id')
    .executeTakeFirst();
  if (put === undefined) return { ...(await bookedBefore(tx, payment)), state: account.state };
  const { settled, credit } = await takeIn(purse, { source: payment.id, amount, invoices });
  const state = await review(tx, { core, billing, actor: actor.name }, account);
  await audit(tx, nowMs, {
    actor: actor.name,
    action: 'billing.payment',
    subject: payment.id,
    customer,
    after: { amount, currency, day, reference, settled, credit },
  });
  return { payment: payment.id, again: false, settled, credit, state };
}

/** What became of a payment with this reference. */
async function bookedBefore(tx: Tx, wanted: PaymentRow): Promise<Omit<BookedPayment, 'state'>> {
  const known = await tx
    .selectFrom('billing_payments')
    .selectAll()
    .where('reference', '=', wanted.reference)
    .executeTakeFirstOrThrow();
  const { id, customer, currency, amount, day } = known;
  const isSame =
    customer === wanted.customer &&
    currency === wanted.currency &&
    amount === wanted.amount &&
    day === wanted.day;
  if (!isSame) throw new Refusal('conflict', `the reference is that of another payment, ${id}`);
  const rows = await tx
    .selectFrom('billing_ledger')
    .select(['invoice', 'amount'])
    .where('source', '=', id)
    .where('amount', '>', 0)
    .orderBy('id')
    .execute();
  const settled = rows.flatMap(({ invoice, amount: part }) =>
    invoice === null ? [] : [{ invoice, amount: part }],
  );
  const credit = rows.find(({ invoice }) => invoice === null)?.amount ?? 0;
  return { payment: id, again: true, settled, credit };
}
