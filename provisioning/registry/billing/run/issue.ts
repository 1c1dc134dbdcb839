/** Issues the invoices and acts of one page of a run, and lets customers' credit pay for them. */
import { createHash } from 'node:crypto';
import type { Dialect } from '../../store/schema.ts';
import type { Tx } from '../../store/store.ts';
import type { DocumentRow, OpenRow } from '../../store/tables-billing.ts';
import type { Billing } from '../billing.ts';
import { creditOf, keepCredit, lockAccounts } from '../ledger/accounts.ts';
import { addDays, lastDayOf } from '../rules/dates.ts';
import { taxed } from '../rules/vat.ts';
import type { Day, Month, Party } from '../shapes.ts';
import { bulks, type LedgerLine } from './bulks.ts';
import type { Series } from './series.ts';

/** An invoice that is being written. */
export interface Draft {
  number: string;
  customer: string;
  currency: string;
  /** Of its lines. */
  sum: number;
}

/** What all documents of a page have in common. */
export interface IssueParts {
  dialect: Dialect;
  billing: Billing;
  month: Month;
  today: Day;
  nowMs: number;
  acts: Series;
}

/** A party as documents refer to it. */
export interface FrozenParty {
  id: string;
  details: string;
}

/** The party by its hash. */
export function frozen(party: Party): FrozenParty {
  const details = JSON.stringify(party);
  return { id: createHash('sha256').update(details).digest('hex').slice(0, 32), details };
}

/** The legal details of the customers of a page, or their names where nothing else is known. */
export async function buyersOf(tx: Tx, from: string, to: string): Promise<Map<string, FrozenParty>> {
  const rows = await tx
    .selectFrom('customers')
    .leftJoin('billing_buyers', 'billing_buyers.customer', 'customers.id')
    .select(['customers.id', 'customers.name', 'billing_buyers.details'])
    .where('customers.id', '>=', from)
    .where('customers.id', '<=', to)
    .execute();
  return new Map(
    rows.map(({ id, name, details }) => [
      id,
      frozen(details === null ? nameOnly(name) : (JSON.parse(details) as Party)),
    ]),
  );
}

/** A party of which nothing but the name is known. */
export const nameOnly = (name: string): Party => ({
  name,
  code: null,
  vatNumber: null,
  iban: null,
  bank: null,
  address: null,
  contract: null,
});

/** Writes invoices and acts, applies credit, writes down what is open. The drafts are in the order of customers. */
export async function issue(tx: Tx, drafts: readonly Draft[], parts: IssueParts): Promise<void> {
  const first = drafts[0];
  const last = drafts.at(-1);
  if (first === undefined || last === undefined) return;
  const { dialect, billing, month, today, nowMs, acts } = parts;
  const insert = bulks(tx, dialect);
  const seller = frozen(billing.seller);
  const buyers = await buyersOf(tx, first.customer, last.customer);
  const invoices: DocumentRow[] = [];
  const acceptances: DocumentRow[] = [];
  const parties = new Map([[seller.id, seller]]);
  for (const { number, customer, currency, sum } of drafts) {
    const buyer = buyers.get(customer) ?? frozen(nameOnly(customer));
    parties.set(buyer.id, buyer);
    const { net, vat, total } = taxed(sum, billing.vat);
    const invoice: DocumentRow = {
      number,
      kind: 'invoice',
      seller: billing.config.seller.code,
      customer,
      day: today,
      due_day: addDays(today, billing.config.dueDays),
      month,
      currency,
      net,
      vat_mode: billing.vat.mode,
      vat_rate: billing.vat.rateBasisPoints,
      vat,
      total,
      seller_party: seller.id,
      buyer_party: buyer.id,
      invoice: null,
      reason: null,
      issued_at_ms: nowMs,
    };
    invoices.push(invoice);
    acceptances.push({
      ...invoice,
      number: acts.next(),
      kind: 'act',
      day: lastDayOf(month),
      due_day: null,
      invoice: number,
    });
  }
  await insert.parties([...parties.values()]);
  await insert.documents([...invoices, ...acceptances]);
  await payFromCredit(tx, invoices, parts);
}

/**
 * Credit pays for new invoices at once. Whoever has credit has nothing else open in that currency, so that the new
 * invoice is the oldest.
 */
async function payFromCredit(tx: Tx, invoices: readonly DocumentRow[], parts: IssueParts): Promise<void> {
  const { dialect, nowMs, today } = parts;
  const insert = bulks(tx, dialect);
  const customers = [...new Set(invoices.map(({ customer }) => customer))];
  await lockAccounts(tx, dialect, customers, today);
  const credit = await creditOf(tx, customers);
  const ledger: LedgerLine[] = [];
  const open: OpenRow[] = [];
  for (const { number, customer, currency, total, due_day } of invoices) {
    const balance = credit.get(customer)?.get(currency) ?? 0;
    const paid = Math.min(balance, total);
    if (paid > 0) {
      const line = { customer, currency, source: 'credit', at_ms: nowMs };
      ledger.push({ ...line, invoice: null, amount: -paid }, { ...line, invoice: number, amount: paid });
      credit.get(customer)?.set(currency, balance - paid);
    }
    if (paid === total) continue;
    const due = due_day ?? today;
    open.push({ invoice: number, customer, currency, due_day: due, open: total - paid, reminded: 0 });
  }
  await insert.open(open);
  if (ledger.length === 0) return;
  await insert.ledger(ledger);
  await keepCredit(tx, dialect, credit);
}
