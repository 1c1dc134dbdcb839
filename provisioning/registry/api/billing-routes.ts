/** What operators call about bills: the papers. With all that belongs to bills. */
import * as v from 'valibot';
import { isoTime } from '../../../gateway/contract/time.ts';
import { type DocumentHead, findDocument, listDocuments } from '../billing/documents.ts';
import { paperLines, paperOf, placeAfter } from '../billing/papers.ts';
import { billingOf, monthIn, named, billingRoot as root, wordIn } from './billing-call.ts';
import { billingMoneyRoutes } from './billing-money-routes.ts';
import { billingPlanRoutes } from './billing-plan-routes.ts';
import * as shapes from './billing-shapes.ts';
import { billingStandingRoutes } from './billing-standing-routes.ts';
import { type Call, json, pageOf, pageQuery, type Route } from './route.ts';

/** A page needs its own styles, and nothing else. */
export const paperPolicy =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** More lines would hold up everybody else's requests: the command makes a page of them, or they are read in parts. */
const linesMax = 5_000;

const toldHead = ({ issuedAtMs, ...head }: DocumentHead) => ({ ...head, issuedAt: isoTime(issuedAtMs) });

const papers: readonly Route[] = [
  {
    method: 'get',
    path: `${root}/documents`,
    summary: 'Invoices, acts and credit notes without their lines, newest first. Amounts are in minor units.',
    scope: 'billing:read',
    query: {
      ...pageQuery,
      customer: 'only of this customer',
      month: 'only of the month that they bill, YYYY-MM',
      kind: 'invoice, act or creditNote',
      open: 'true: only invoices of which something is open, by number alone',
    },
    answer: { [json]: v.array(shapes.documentHead) },
    async handle(call) {
      billingOf(call);
      const { core, operator, query } = call;
      const { after, limit } = pageOf(call);
      const heads = await listDocuments(core, operator, {
        customer: query.customer,
        month: monthIn(call),
        kind: wordIn(call, 'kind', ['invoice', 'act', 'creditNote']),
        open: wordIn(call, 'open', ['true', 'false']) === 'true',
        after: after === undefined ? undefined : await placeAfter(core, operator, after),
        limit,
      });
      return { json: heads.map(toldHead) };
    },
  },
  {
    method: 'get',
    path: `${root}/documents/:number`,
    summary: `One paper by its number, of at most ${linesMax} lines; with .html behind the number as a page to print.`,
    scope: 'billing:read',
    query: { language: 'of the page: uk or en; uk when absent' },
    answer: { [json]: shapes.document, 'text/html': v.string() },
    handle: readPaper,
  },
  {
    method: 'get',
    path: `${root}/documents/:number/lines`,
    summary:
      "The lines of an invoice or of its act, by box; a credit note has none. `after`: the last line's billedAs.",
    scope: 'billing:read',
    query: pageQuery,
    answer: { [json]: v.array(shapes.line) },
    async handle(call) {
      billingOf(call);
      return { json: await paperLines(call.core, call.operator, named(call, 'number'), pageOf(call)) };
    },
  },
];

async function readPaper(call: Call) {
  billingOf(call);
  const { core, operator } = call;
  const number = named(call, 'number');
  if (!number.endsWith('.html')) {
    const { lines, ...head } = await findDocument(core, operator, number, { linesMax });
    return { json: { ...toldHead(head), lines } };
  }
  const language = wordIn(call, 'language', ['uk', 'en']) ?? 'uk';
  const text = await paperOf(core, operator, number.slice(0, -'.html'.length), { language, linesMax });
  return { text, type: 'text/html; charset=utf-8', policy: paperPolicy };
}

/** All of them. */
export const billingRoutes: readonly Route[] = [
  ...papers,
  ...billingMoneyRoutes,
  ...billingStandingRoutes,
  ...billingPlanRoutes,
];
