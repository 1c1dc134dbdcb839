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
  /** Book it anew if it was reversed: somebody says so, or the bank's statement has it. Absent: it stays reversed. */
  anew?: boolean | undefined;
  note?: string | null;
  /** Invoices that it pays first, in this order. The oldest are next, the rest is credit. */
  invoices?: readonly string[];
}

/** What became of it. */
export interface BookedPayment {
  payment: string;
  /** It was booked before: nothing was changed. */
  again: boolean;
  /** Why that payment was reversed; null: it stands. */
  reversed: string | null;
  settled: Settled[];
  credit: number;
  state: Standing;
}

/**
 * Books a payment that came in. One whose reference was reversed is told as such, and booked only with `anew`: whoever
 * sends all movements of an account every night would book money that the bank has taken back.
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
  const { customer, currency, amount, day, reference, note = null, invoices = [], anew = false } = wanted;
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
  const row: PaymentRow = {
    id: newId('PM', core.random.bytes),
    customer,
    currency,
    amount,
    day,
    // As payments are listed it has a number behind it: that is the same movement.
    reference: movementOf(reference),
    note,
    booked_by: actor.name,
    booked_at_ms: nowMs,
  };
  const { payment, known } = await putPayment(tx, row, anew);
  if (known !== null) return { ...(await bookedBefore(tx, known, row)), state: account.state };
  const { settled, credit } = await takeIn(purse, { source: payment.id, amount, invoices });
  const state = await review(tx, { core, billing, actor: actor.name }, account);
  await audit(tx, nowMs, {
    actor: actor.name,
    action: 'billing.payment',
    subject: payment.id,
    customer,
    after: { amount, currency, day, reference: payment.reference, settled, credit },
  });
  return { payment: payment.id, again: false, reversed: null, settled, credit, state };
}

/** How often one movement may be booked and reversed. */
const timesMost = 100;

/**
 * The reference of a payment: the movement's, with a number behind it once it was booked and reversed before. No
 * reference out of a statement has two blanks.
 */
const referenceOf = (movement: string, times: number): string =>
  times === 1 ? movement : `${movement}  [${times}]`;

/** The reference of the movement, by that of a payment. */
export const movementOf = (reference: string): string => reference.replace(/ {2}\[\d{1,3}\]$/, '');

/** A payment as it was booked, and why it was reversed. */
type Known = PaymentRow & { reversed: string | null };

/**
 * Writes a payment down, unless its movement is booked: then `known` is the payment that it is booked as. A payment that
 * was reversed keeps its reference for ever: with `anew` it counts as none, and the next one has a number behind it.
 */
async function putPayment(
  tx: Tx,
  row: PaymentRow,
  anew: boolean,
): Promise<{ payment: PaymentRow; known: Known | null }> {
  let reversed: Known | null = null;
  for (let times = 1; times <= timesMost; times += 1) {
    const payment = { ...row, reference: referenceOf(row.reference, times) };
    if (reversed !== null && !anew && (await knownBy(tx, payment.reference)) === undefined)
      return { payment, known: reversed };
    const put = await tx
      .insertInto('billing_payments')
      .values(payment)
      .onConflict((conflict) => conflict.column('reference').doNothing())
      .returning('id')
      .executeTakeFirst();
    if (put !== undefined) return { payment, known: null };
    const known = await knownBy(tx, payment.reference);
    if (known === undefined) throw new Refusal('failed', `the payment ${payment.reference} is gone`);
    if (known.reversed === null) return { payment, known };
    reversed = known;
  }
  throw new Refusal('conflict', `this was booked and reversed ${timesMost} times`);
}

const knownBy = (tx: Tx, reference: string): Promise<Known | undefined> =>
  tx
    .selectFrom('billing_payments')
    .leftJoin('billing_reversals', 'billing_reversals.payment', 'billing_payments.id')
    .selectAll('billing_payments')
    .select('billing_reversals.reason as reversed')
    .where('billing_payments.reference', '=', reference)
    .executeTakeFirst();

/** What became of the payment that a movement is booked as. */
async function bookedBefore(tx: Tx, known: Known, wanted: PaymentRow): Promise<Omit<BookedPayment, 'state'>> {
  const { id, customer, currency, amount, day, reversed } = known;
  const isSame =
    customer === wanted.customer &&
    currency === wanted.currency &&
    amount === wanted.amount &&
    day === wanted.day;
  if (!isSame) {
    const but = reversed === null ? '' : ', which was reversed: with `anew` it can be booked';
    throw new Refusal('conflict', `the reference is that of another payment, ${id}${but}`);
  }
  if (reversed !== null) return { payment: id, again: true, reversed, settled: [], credit: 0 };
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
  return { payment: id, again: true, reversed, settled, credit };
}
