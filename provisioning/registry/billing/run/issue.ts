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

/**
 * Writes invoices and acts, applies credit, writes down what is open. What the credit pays stands on the invoice: it is
 * asked for what is left, now and whenever it is printed. The drafts are in the order of customers.
 */
export async function issue(tx: Tx, drafts: readonly Draft[], parts: IssueParts): Promise<void> {
  const first = drafts[0];
  const last = drafts.at(-1);
  if (first === undefined || last === undefined) return;
  const { dialect, billing, month, today, nowMs, acts } = parts;
  const insert = bulks(tx, dialect);
  const seller = frozen(billing.seller);
  const buyers = await buyersOf(tx, first.customer, last.customer);
  const purse = await creditFor(tx, drafts, parts);
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
      credit_used: purse.use({ number, customer, currency, total }),
    };
    invoices.push(invoice);
    acceptances.push({
      ...invoice,
      number: acts.next(),
      kind: 'act',
      day: lastDayOf(month),
      due_day: null,
      invoice: number,
      credit_used: 0,
    });
  }
  await insert.parties([...parties.values()]);
  await insert.documents([...invoices, ...acceptances]);
  await insert.open(invoices.flatMap(openOf));
  await purse.keep();
}

/** What is open of a new invoice: nothing, where credit paid all of it. */
function openOf({ number, customer, currency, total, credit_used, due_day, day }: DocumentRow): OpenRow[] {
  const open = total - credit_used;
  return open === 0
    ? []
    : [{ invoice: number, customer, currency, due_day: due_day ?? day, open, reminded: 0 }];
}

/** The credit of the customers of a page, whose accounts are locked. */
interface PagePurse {
  /** Pays what it can of an invoice, and says how much. */
  use(invoice: Pick<DocumentRow, 'number' | 'customer' | 'currency' | 'total'>): number;
  /** Writes down what it paid; the invoices must be written. */
  keep(): Promise<void>;
}

/**
 * Credit pays for new invoices at once. Whoever has credit has nothing else open in that currency, so that the new
 * invoice is the oldest.
 */
async function creditFor(
  tx: Tx,
  drafts: readonly Draft[],
  { dialect, nowMs, today }: IssueParts,
): Promise<PagePurse> {
  const customers = [...new Set(drafts.map(({ customer }) => customer))];
  await lockAccounts(tx, dialect, customers, today);
  const credit = await creditOf(tx, customers);
  const ledger: LedgerLine[] = [];
  return {
    use({ number, customer, currency, total }) {
      const balance = credit.get(customer)?.get(currency) ?? 0;
      const paid = Math.min(balance, total);
      if (paid === 0) return 0;
      const line = { customer, currency, source: 'credit', at_ms: nowMs };
      ledger.push({ ...line, invoice: null, amount: -paid }, { ...line, invoice: number, amount: paid });
      credit.get(customer)?.set(currency, balance - paid);
      return paid;
    },
    async keep() {
      if (ledger.length === 0) return;
      await bulks(tx, dialect).ledger(ledger);
      await keepCredit(tx, dialect, credit);
    },
  };
}
