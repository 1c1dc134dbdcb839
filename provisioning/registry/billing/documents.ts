/** Reads the papers that were issued. */
import { Refusal } from '../refusal.ts';
import type { Actor, Core } from '../services/core.ts';
import { mine } from '../services/customers.ts';
import type { Reader } from '../store/store.ts';
import type { DocumentRow } from '../store/tables-billing.ts';
import type { BillingDocument, DocumentKind, InvoiceLine, Month, Party } from './shapes.ts';

/** A paper without its lines, with what is open of it. */
export interface DocumentHead extends Omit<BillingDocument, 'lines'> {
  /** Of an invoice: what is still to be paid, 0 when nothing is. */
  open: number;
  issuedAtMs: number;
}

/** Which papers are wanted. */
export interface DocumentQuery {
  customer?: string | undefined;
  month?: Month | undefined;
  kind?: DocumentKind | undefined;
  /** True: invoices of which something is open, alone. */
  open?: boolean | undefined;
  /** The last one of the page before. */
  after?: { month: Month; number: string } | undefined;
  limit: number;
}

type Row = DocumentRow & { seller_details: string; buyer_details: string; open: number | null };

const details = [
  'seller_row.details as seller_details',
  'buyer_row.details as buyer_details',
  'billing_open.open',
] as const;

const withParties = (reader: Reader) =>
  reader
    .selectFrom('billing_documents as document')
    .innerJoin('billing_parties as seller_row', 'seller_row.id', 'document.seller_party')
    .innerJoin('billing_parties as buyer_row', 'buyer_row.id', 'document.buyer_party')
    .leftJoin('billing_open', 'billing_open.invoice', 'document.number')
    .selectAll('document')
    .select(details);

const toldHead = (row: Row): DocumentHead => ({
  kind: row.kind,
  number: row.number,
  customer: row.customer,
  day: row.day,
  dueDay: row.due_day,
  month: row.month,
  currency: row.currency,
  seller: JSON.parse(row.seller_details) as Party,
  buyer: JSON.parse(row.buyer_details) as Party,
  net: row.net,
  vat: { mode: row.vat_mode, rateBasisPoints: row.vat_rate, amount: row.vat },
  total: row.total,
  creditUsed: row.credit_used,
  invoice: row.invoice,
  reason: row.reason,
  open: row.open ?? 0,
  issuedAtMs: row.issued_at_ms,
});

/** A paper with its first lines. @throws Refusal `notFound` */
export async function findDocument(
  { store }: Core,
  actor: Actor,
  number: string,
  { linesMax = 100_000 }: { linesMax?: number } = {},
): Promise<DocumentHead & BillingDocument> {
  const row = await withParties(store.reader).where('document.number', '=', number).executeTakeFirst();
  const head = toldHead(mine(actor, row, 'document'));
  const invoice = linesOf(head);
  if (invoice === null) return { ...head, lines: [] };
  const { lines, more } = await documentLines(store.reader, invoice, { limit: linesMax });
  if (more)
    throw new Refusal('tooLarge', `${number} has more than ${linesMax} lines: they are read in pages`);
  return { ...head, lines };
}

/** An act has its invoice's lines, a credit note none. */
const linesOf = ({ kind, number, invoice }: DocumentHead): string | null =>
  kind === 'invoice' ? number : kind === 'act' ? invoice : null;

/** The lines of an invoice by box, in pages. */
export async function documentLines(
  reader: Reader,
  invoice: string,
  { after, limit }: { after?: string | undefined; limit: number },
): Promise<{ lines: InvoiceLine[]; more: boolean }> {
  const rows = await reader
    .selectFrom('billing_lines')
    .selectAll()
    .where('invoice', '=', invoice)
    .$if(after !== undefined, (query) => query.where('billed_as', '>', after ?? ''))
    .orderBy('billed_as')
    .limit(limit + 1)
    .execute();
  const lines = rows.slice(0, limit).map((row) => ({
    billedAs: row.billed_as,
    plan: row.plan,
    price: row.price,
    days: row.days,
    daysOfMonth: row.days_of_month,
    amount: row.amount,
  }));
  return { lines, more: rows.length > limit };
}

/**
 * Papers without their lines, by month and number, newest first. Those of which something is open are few among all that
 * were ever issued: they are found by what is open, and come by their numbers alone, newest first.
 */
export async function listDocuments(
  { store }: Core,
  { customer: bound }: Actor,
  { customer, month, kind, open, after, limit }: DocumentQuery,
): Promise<DocumentHead[]> {
  const wanted = {
    customers: [bound, customer].filter((one) => typeof one === 'string'),
    month,
    after,
    limit,
  };
  if (open !== true) return (await issued(store.reader, { ...wanted, kind })).map(toldHead);
  // Nothing is open of other papers than invoices.
  if (kind !== undefined && kind !== 'invoice') return [];
  return (await openOnes(store.reader, wanted)).map(toldHead);
}

interface Wanted extends Pick<DocumentQuery, 'month' | 'kind' | 'after' | 'limit'> {
  /** All of them: whoever sees one customer alone may ask for another, and sees nothing. */
  customers: readonly string[];
}

function issued(reader: Reader, { customers, month, kind, after, limit }: Wanted): Promise<Row[]> {
  let query = withParties(reader)
    .$if(month !== undefined, (some) => some.where('document.month', '=', month ?? ''))
    .$if(kind !== undefined, (some) => some.where('document.kind', '=', kind ?? 'invoice'))
    .$if(after !== undefined, (some) =>
      some.where((eb) =>
        eb.or([
          eb('document.month', '<', after?.month ?? ''),
          eb.and([
            eb('document.month', '=', after?.month ?? ''),
            eb('document.number', '<', after?.number ?? ''),
          ]),
        ]),
      ),
    );
  for (const customer of customers) query = query.where('document.customer', '=', customer);
  return query.orderBy('document.month', 'desc').orderBy('document.number', 'desc').limit(limit).execute();
}

function openOnes(reader: Reader, { customers, month, after, limit }: Wanted): Promise<Row[]> {
  let query = reader
    .selectFrom('billing_open')
    // SQLite keeps to the order of a cross join. Without it, it may read all papers to find the open ones.
    .crossJoin('billing_documents as document')
    .innerJoin('billing_parties as seller_row', 'seller_row.id', 'document.seller_party')
    .innerJoin('billing_parties as buyer_row', 'buyer_row.id', 'document.buyer_party')
    .selectAll('document')
    .select(details)
    .whereRef('document.number', '=', 'billing_open.invoice')
    .$if(month !== undefined, (some) => some.where('document.month', '=', month ?? ''))
    .$if(after !== undefined, (some) => some.where('billing_open.invoice', '<', after?.number ?? ''));
  for (const customer of customers) query = query.where('billing_open.customer', '=', customer);
  return query.orderBy('billing_open.invoice', 'desc').limit(limit).execute();
}
