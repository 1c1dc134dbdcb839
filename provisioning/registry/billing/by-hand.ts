/** Money that a person books: by what is known of the bank's movement, or an entry of a statement that waits. */
import { Refusal } from '../refusal.ts';
import type { Actor, Core } from '../services/core.ts';
import type { Billing } from './billing.ts';
import { type BookedPayment, bookPayment } from './ledger/payments.ts';
import { bookEntry } from './ledger/statement-entries.ts';
import { mayWork } from './ledger/working.ts';
import type { Day } from './shapes.ts';

/** Whose money it is: a customer's, or by its invoices, which it pays first. */
export interface Whose {
  customer?: string | undefined;
  invoices?: readonly string[] | undefined;
}

/** A payment as a person or a program knows it. */
export interface HandPayment extends Whose {
  amount: number;
  currency: string;
  day: Day;
  /** The bank's, as its statements have it: the same movement in a statement is then known to be booked. */
  reference: string;
  /** Book it although a payment by this reference was reversed. */
  anew?: boolean | undefined;
  note?: string | null | undefined;
}

/** What became of it, and whose it was. */
export interface BookedByHand extends BookedPayment {
  customer: string;
}

/**
 * Books a payment by hand.
 *
 * @throws Refusal as {@link bookPayment}; `malformed` when neither a customer nor an invoice is named
 */
export async function bookByHand(
  core: Core,
  billing: Billing,
  actor: Actor,
  { amount, currency, day, reference, anew, note = null, ...whose }: HandPayment,
): Promise<BookedByHand> {
  mayWork(core, actor);
  const { customer, invoices } = await whoseIs(core, whose);
  const { iban } = billing.config.seller;
  const movement = reference.startsWith(`${iban} `) ? reference : `${iban} ${reference}`;
  const wanted = { customer, invoices, amount, currency, day, reference: movement, anew, note };
  return { ...(await bookPayment(core, billing, actor, wanted)), customer };
}

/**
 * Books an entry of a statement that waits, or was set aside.
 *
 * @throws Refusal as {@link bookEntry}; `malformed` when neither a customer nor an invoice is named
 */
export async function bookWaiting(
  core: Core,
  billing: Billing,
  actor: Actor,
  { entry, ...whose }: Whose & { entry: number },
): Promise<BookedByHand> {
  mayWork(core, actor);
  const { customer, invoices } = await whoseIs(core, whose);
  return { ...(await bookEntry(core, billing, actor, { entry, customer, invoices })), customer };
}

async function whoseIs(
  { store }: Core,
  { customer, invoices = [] }: Whose,
): Promise<{ customer: string; invoices: readonly string[] }> {
  if (customer !== undefined) return { customer, invoices };
  const [first] = invoices;
  if (first === undefined) throw new Refusal('malformed', 'whose money is it: a customer, or an invoice');
  const invoice = await store.reader
    .selectFrom('billing_documents')
    .select('customer')
    .where('number', '=', first)
    .where('kind', '=', 'invoice')
    .executeTakeFirst();
  if (invoice === undefined) throw new Refusal('notFound', `there is no invoice ${first}`);
  return { customer: invoice.customer, invoices };
}
