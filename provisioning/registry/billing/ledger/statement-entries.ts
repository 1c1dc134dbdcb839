/** Entries of bank statements that wait: the operator's call, and what comes back to him. */
import { Refusal } from '../../refusal.ts';
import type { Actor, Core } from '../../services/core.ts';
import { audit } from '../../store/audit.ts';
import type { Tx } from '../../store/store.ts';
import type { EntryRow, PaymentRow } from '../../store/tables-billing.ts';
import type { Billing } from '../billing.ts';
import type { WaitingReason } from '../statements/match.ts';
import type { StatementEntry } from '../statements/shapes.ts';
import { type BookedPayment, bookIn, movementOf, type NewPayment } from './payments.ts';
import { checkText, mayWork } from './working.ts';

/**
 * One movement of an account is one payment, whoever books it. The bank says that this money came, or a person has just
 * decided so: it is booked, whatever was reversed before.
 */
export const paymentOf = (
  {
    account,
    reference,
    amount,
    currency,
    day,
  }: Pick<StatementEntry, 'account' | 'reference' | 'amount' | 'currency' | 'day'>,
  customer: string,
  invoices: readonly string[],
): NewPayment => ({
  customer,
  currency,
  amount,
  day,
  reference: `${account} ${reference}`,
  anew: true,
  invoices,
});

/**
 * The operator's call: whose money an entry is. It pays the named invoices first, then the oldest, the rest is credit.
 *
 * @throws Refusal `forbidden`, `restored`, `notFound`; `conflict` when it is booked, or no money that came in
 */
export async function bookEntry(
  core: Core,
  billing: Billing,
  actor: Actor,
  { entry: id, customer, invoices = [] }: { entry: number; customer: string; invoices?: readonly string[] },
): Promise<BookedPayment> {
  mayWork(core, actor);
  const booked = await core.store.write(async (tx) => {
    const entry = await lockEntry(tx, id);
    if (entry.direction !== 'credit' || entry.reversal === 1 || entry.account !== billing.config.seller.iban)
      throw new Refusal('conflict', 'this is no money that came in on the account of the seller');
    const done = await bookIn(tx, core, billing, { actor, wanted: paymentOf(entry, customer, invoices) });
    const nowMs = core.clock.nowMs();
    await tx
      .updateTable('billing_entries')
      .set({
        state: 'booked',
        why: null,
        customer,
        payment: done.payment,
        decided_by: actor.name,
        decided_at_ms: nowMs,
      })
      .where('id', '=', id)
      .execute();
    await audit(tx, nowMs, {
      actor: actor.name,
      action: 'billing.entry.booked',
      subject: String(id),
      customer,
      before: { state: entry.state, why: entry.why },
      after: { payment: done.payment, invoices },
    });
    return done;
  });
  core.errandsWait();
  return booked;
}

/** The operator's call: it is not to be booked. @throws Refusal `forbidden`, `restored`, `malformed`, `notFound`, `conflict` */
export async function setAside(
  core: Core,
  actor: Actor,
  { entry: id, reason }: { entry: number; reason: string },
): Promise<void> {
  mayWork(core, actor);
  checkText('reason', reason, 1000);
  const nowMs = core.clock.nowMs();
  await core.store.write(async (tx) => {
    const before = await lockEntry(tx, id);
    await tx
      .updateTable('billing_entries')
      .set({ state: 'setAside', why: reason, decided_by: actor.name, decided_at_ms: nowMs })
      .where('id', '=', id)
      .execute();
    await audit(tx, nowMs, {
      actor: actor.name,
      action: 'billing.entry.setAside',
      subject: String(id),
      customer: null,
      before: { state: before.state, why: before.why },
      after: { reason },
    });
  });
}

/**
 * The payment that an entry was booked as is reversed: the money came all the same, so the entry waits again.
 *
 * @param payment with its reference, {@link paymentOf}'s
 * @returns the entry; null: the payment is of no statement
 */
export async function waitAgain(
  tx: Tx,
  { id: payment, reference }: Pick<PaymentRow, 'id' | 'reference'>,
  { actor, nowMs }: { actor: string; nowMs: number },
): Promise<number | null> {
  const [account = '', ...words] = reference.split(' ');
  const own = words.join(' ');
  const row = await tx
    .updateTable('billing_entries')
    .set({
      state: 'waiting',
      why: 'reversed' satisfies WaitingReason,
      customer: null,
      payment: null,
      decided_by: actor,
      decided_at_ms: nowMs,
    })
    .where('account', '=', account)
    .where('reference', 'in', [own, movementOf(own)])
    .where('payment', '=', payment)
    .returning('id')
    .executeTakeFirst();
  return row?.id ?? null;
}

async function lockEntry(tx: Tx, id: number): Promise<EntryRow> {
  const entry = await tx
    .selectFrom('billing_entries')
    .selectAll()
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  if (entry === undefined) throw new Refusal('notFound', 'there is no such entry');
  if (entry.state === 'booked') throw new Refusal('conflict', `it is booked as ${entry.payment}`);
  return entry;
}

/** Entries in the order in which they came, such as those that wait. `after`: the last one of the page before. */
export const statementEntries = (
  { store }: Core,
  {
    after,
    limit,
    state,
  }: { after?: number | undefined; limit: number; state?: EntryRow['state'] | undefined },
): Promise<EntryRow[]> =>
  store.reader
    .selectFrom('billing_entries')
    .selectAll()
    .$if(state !== undefined, (query) => query.where('state', '=', state ?? 'waiting'))
    .$if(after !== undefined, (query) => query.where('id', '>', after ?? 0))
    .orderBy('id')
    .limit(limit)
    .execute();
