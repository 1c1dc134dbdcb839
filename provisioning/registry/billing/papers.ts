/** Papers as people and programs take them: as a page, one after the other with their lines, line by line. */
import { Refusal } from '../refusal.ts';
import type { Actor, Core } from '../services/core.ts';
import { mine } from '../services/customers.ts';
import {
  type DocumentHead,
  type DocumentQuery,
  documentLines,
  findDocument,
  listDocuments,
} from './documents.ts';
import type { Language } from './paper/money.ts';
import { paperPage } from './paper/page.ts';
import { readPlans } from './run/plan-book.ts';
import type { BillingDocument, InvoiceLine } from './shapes.ts';

/** A paper with all that stands on it, and what is open of it. */
export type WholePaper = DocumentHead & BillingDocument;

/**
 * A paper as an HTML page, see {@link paperPage}.
 *
 * @throws Refusal `notFound`; `tooLarge` for more lines than that
 */
export async function paperOf(
  core: Core,
  actor: Actor,
  number: string,
  { language, linesMax }: { language: Language; linesMax?: number },
): Promise<string> {
  const document = await findDocument(core, actor, number, linesMax === undefined ? {} : { linesMax });
  const plans = await readPlans(core.store.reader);
  const names = Object.fromEntries([...plans.values()].map(({ id, name }) => [id, name]));
  return paperPage(document, { language, plans: names, open: document.open });
}

const pageMax = 500;

/** All papers that are wanted, newest first, with their lines: no more than one of them, and a page of heads, is held. */
export async function* wholePapers(
  core: Core,
  actor: Actor,
  query: Omit<DocumentQuery, 'after' | 'limit'>,
): AsyncGenerator<WholePaper> {
  for (let after: DocumentQuery['after']; ; ) {
    const page = await listDocuments(core, actor, { ...query, after, limit: pageMax });
    for (const { number } of page) yield await findDocument(core, actor, number, { linesMax: 1_000_000 });
    const last = page.at(-1);
    if (last === undefined || page.length < pageMax) return;
    after = { month: last.month, number: last.number };
  }
}

/** Where a page of the list begins, by the last number of the page before. @throws Refusal `malformed` */
export async function placeAfter(
  { store }: Core,
  { customer: bound }: Actor,
  number: string,
): Promise<NonNullable<DocumentQuery['after']>> {
  const row = await store.reader
    .selectFrom('billing_documents')
    .select(['month', 'customer'])
    .where('number', '=', number)
    .executeTakeFirst();
  if (row === undefined || (bound !== null && bound !== row.customer))
    throw new Refusal('malformed', 'after: allowed: the last number of the page before');
  return { month: row.month, number };
}

/** Some lines of an invoice, or of the act that goes with it, by box. @throws Refusal `notFound` */
export async function paperLines(
  { store }: Core,
  actor: Actor,
  number: string,
  page: { after?: string | undefined; limit: number },
): Promise<InvoiceLine[]> {
  const row = await store.reader
    .selectFrom('billing_documents')
    .select(['kind', 'invoice', 'customer'])
    .where('number', '=', number)
    .executeTakeFirst();
  const { kind, invoice } = mine(actor, row, 'document');
  if (kind === 'creditNote') return [];
  const { lines } = await documentLines(store.reader, invoice ?? number, page);
  return lines;
}
