/** Credit notes: what was invoiced is never changed, it is taken back by a paper of its own. */
import { Refusal } from '../../refusal.ts';
import type { Actor, Core } from '../../services/core.ts';
import { audit } from '../../store/audit.ts';
import type { Tx } from '../../store/store.ts';
import type { DocumentRow } from '../../store/tables-billing.ts';
import type { Billing } from '../billing.ts';
import type { Standing } from '../rules/standing.ts';
import { taxTakenBack } from '../rules/vat.ts';
import { bulks } from '../run/bulks.ts';
import { buyersOf, frozen, nameOnly } from '../run/issue.ts';
import { lockSeries } from '../run/series.ts';
import { review } from '../standing/review.ts';
import { creditIn, type Purse, type Settled, setCredit, setOpen, useCredit, write } from './settle.ts';
import { checkText, invoiceOf, mayWork, openAccount } from './working.ts';

/** What is to be taken back. */
export interface NewCreditNote {
  invoice: string;
  /** With VAT; at most what earlier credit notes have left. Absent: all of that. */
  total?: number;
  reason: string;
}

/** What became of it. */
export interface IssuedCreditNote {
  number: string;
  total: number;
  /** So much less is open of the invoice; the rest had been paid, and is credit or has paid for others. */
  settled: Settled[];
  credit: number;
  state: Standing;
}

/**
 * Issues a credit note with a number of its own.
 *
 * @throws Refusal `forbidden`, `restored`, `malformed`, `notFound`; `conflict` when less is left of the invoice, or it
 *   is another seller's
 */
export async function creditNote(
  core: Core,
  billing: Billing,
  actor: Actor,
  { invoice: number, total: wanted, reason }: NewCreditNote,
): Promise<IssuedCreditNote> {
  mayWork(core, actor);
  checkText('reason', reason, 1000);
  if (wanted !== undefined && !(Number.isSafeInteger(wanted) && wanted > 0))
    throw new Refusal('malformed', 'total: allowed: an integer of minor units above 0');
  const issued = await core.store.write(async (tx) => {
    const nowMs = core.clock.nowMs();
    const today = billing.calendar.dayAt(nowMs);
    const invoice = await invoiceOf(tx, number);
    if (invoice.seller !== billing.config.seller.code)
      throw new Refusal('conflict', `${number} is an invoice of the seller ${invoice.seller}`);
    // The series first, as the run does.
    const series = await lockSeries(tx, billing, 'creditNote', today);
    const { account, purse } = await openAccount(tx, core, billing, invoice.customer, invoice.currency);
    const before = await takenBackOf(tx, number);
    const total = wanted ?? invoice.total - before;
    if (total > invoice.total - before || total === 0)
      throw new Refusal('conflict', `${invoice.total - before} of ${invoice.total} is left of ${number}`);
    const buyer = (await buyersOf(tx, invoice.customer, invoice.customer)).get(invoice.customer);
    const parties = [frozen(billing.seller), buyer ?? frozen(nameOnly(invoice.customer))] as const;
    const note: DocumentRow = {
      ...invoice,
      ...taxTakenBack(invoice, before, total),
      number: series.next(),
      kind: 'creditNote',
      day: today,
      due_day: null,
      seller_party: parties[0].id,
      buyer_party: parties[1].id,
      invoice: number,
      reason,
      issued_at_ms: nowMs,
      credit_used: 0,
    };
    const insert = bulks(tx, core.store.dialect);
    await insert.parties(parties);
    await insert.documents([note]);
    await series.keep();
    const taken = await giveBack(purse, note.number, number, total);
    const state = await review(tx, { core, billing, actor: actor.name }, account);
    await audit(tx, nowMs, {
      actor: actor.name,
      action: 'billing.creditNote',
      subject: note.number,
      customer: invoice.customer,
      after: { invoice: number, total, currency: invoice.currency, reason, ...taken },
    });
    return { number: note.number, total, ...taken, state };
  });
  core.errandsWait();
  return issued;
}

/** What earlier credit notes took back of an invoice. */
async function takenBackOf(tx: Tx, invoice: string): Promise<number> {
  const row = await tx
    .selectFrom('billing_documents')
    .select((eb) => eb.fn.sum<number | null>('total').as('total'))
    .where('kind', '=', 'creditNote')
    .where('invoice', '=', invoice)
    .executeTakeFirst();
  return Number(row?.total ?? 0);
}

/** What is open of the invoice is settled; what had been paid becomes credit, which pays for others at once. */
async function giveBack(
  purse: Purse,
  note: string,
  invoice: string,
  total: number,
): Promise<{ settled: Settled[]; credit: number }> {
  const row = await purse.tx
    .selectFrom('billing_open')
    .select('open')
    .where('invoice', '=', invoice)
    .executeTakeFirst();
  const open = row?.open ?? 0;
  const part = Math.min(open, total);
  const credit = total - part;
  if (part > 0) {
    await setOpen(purse, invoice, open - part);
    await write(purse, [{ invoice, source: note, amount: part }]);
  }
  if (credit > 0) {
    await write(purse, [{ invoice: null, source: note, amount: credit }]);
    await setCredit(purse, (await creditIn(purse)) + credit);
  }
  const others = await useCredit(purse);
  return {
    settled: [...(part > 0 ? [{ invoice, amount: part }] : []), ...others],
    credit: await creditIn(purse),
  };
}
