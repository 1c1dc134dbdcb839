/**
 * One page of a month's run, in one transaction: whole customers with a portion of boxes together, or one customer
 * with more boxes than that, read and written portion by portion. What is in memory never exceeds a portion.
 */
import type { Core } from '../../services/core.ts';
import type { Tx } from '../../store/store.ts';
import type { BillingLinesTable, RunRow } from '../../store/tables-billing.ts';
import type { Billing } from '../billing.ts';
import { lastDayOf } from '../rules/dates.ts';
import { bulks } from './bulks.ts';
import { type Draft, issue } from './issue.ts';
import { type Had, type Place, readKnown, readOthersPlans, readPortion } from './portion.ts';
import { type Reckoning, reckon, trialsOfOthers } from './reckon.ts';
import { lockSeries, type Series } from './series.ts';

/** Boxes that are looked at together. */
export const portionMax = 2000;

/** What a page is made with. */
export interface PageParts {
  core: Pick<Core, 'store' | 'clock'>;
  billing: Billing;
  reckoning: Reckoning;
  portion?: number;
}

/** What a page did. */
export interface PageDone {
  /** The last customer of the page. */
  after: string;
  isLast: boolean;
  boxes: number;
  invoices: number;
  lines: number;
  withoutPlan: number;
}

interface Writing {
  parts: PageParts;
  series: Series;
  /** By customer and currency, in the order in which they were begun. */
  drafts: Map<string, Draft>;
  done: PageDone;
}

/** Bills the customers after those that the run has billed. The row of the run is locked. */
export async function billPage(tx: Tx, parts: PageParts, run: RunRow): Promise<PageDone> {
  const { core, billing, reckoning } = parts;
  const { month } = reckoning.frame;
  const nowMs = core.clock.nowMs();
  const today = billing.calendar.dayAt(nowMs);
  const series = await lockSeries(tx, billing, 'invoice', today);
  const acts = await lockSeries(tx, billing, 'act', lastDayOf(month));
  const done = { after: run.after_customer, isLast: false, boxes: 0, invoices: 0, lines: 0, withoutPlan: 0 };
  const writing: Writing = { parts, series, drafts: new Map(), done };
  let place: Place = { customer: run.after_customer, billedAs: null };
  for (let more = true; more; ) {
    const read = await readPortion(tx, reckoning.frame, place, parts.portion ?? portionMax);
    const { boxes, next, isLast } = wholeCustomers(read, place);
    await writeLines(tx, writing, boxes);
    done.isLast = isLast;
    done.after = boxes.at(-1)?.customer ?? done.after;
    more = next !== null;
    place = next ?? place;
  }
  const drafts = [...writing.drafts.values()];
  await issue(tx, drafts, { dialect: core.store.dialect, billing, month, today, nowMs, acts });
  await series.keep();
  await acts.keep();
  return { ...done, invoices: drafts.length };
}

/**
 * Of a portion, the boxes that this page takes: those of whole customers. When one customer fills it, all of them, and
 * `next` says where that customer goes on; of what is read then, nothing but what is left of that customer.
 */
function wholeCustomers(
  { boxes, isLast }: { boxes: readonly Had[]; isLast: boolean },
  place: Place,
): { boxes: readonly Had[]; next: Place | null; isLast: boolean } {
  const going = place.billedAs === null ? boxes[0]?.customer : place.customer;
  const last = boxes.at(-1);
  if (last === undefined) return { boxes, next: null, isLast };
  if (last.customer === going && !isLast)
    return { boxes, next: { customer: last.customer, billedAs: last.billedAs }, isLast };
  if (isLast && place.billedAs === null) return { boxes, next: null, isLast };
  const taken = boxes.filter(({ customer }) =>
    place.billedAs === null ? customer !== last.customer : customer === going,
  );
  return { boxes: taken, next: null, isLast: isLast && taken.length === boxes.length };
}

/** Reckons a portion and writes its lines. An invoice has its number from its first line on. */
async function writeLines(
  tx: Tx,
  { parts, series, drafts, done }: Writing,
  boxes: readonly Had[],
): Promise<void> {
  const { core, reckoning } = parts;
  if (boxes.length === 0) return;
  const known = await readKnown(tx, core.store.dialect, reckoning.frame, boxes);
  await readOthersPlans(tx, known, trialsOfOthers(boxes, known, reckoning));
  const before = await invoicedAlready(tx, reckoning.frame.month, boxes);
  const lines: BillingLinesTable[] = [];
  for (const had of boxes) {
    const reckoned = reckon(reckoning, known, had);
    if (reckoned === 'withoutPlan') done.withoutPlan += 1;
    if (reckoned === null || reckoned === 'withoutPlan') continue;
    const { customer } = had;
    const { currency, line } = reckoned;
    const key = `${customer} ${currency}`;
    if (before.has(key)) continue;
    let draft = drafts.get(key);
    if (draft === undefined) {
      draft = { number: series.next(), customer, currency, sum: 0 };
      drafts.set(key, draft);
    }
    draft.sum += line.amount;
    lines.push({
      invoice: draft.number,
      billed_as: line.billedAs,
      plan: line.plan,
      price: line.price,
      days: line.days,
      days_of_month: line.daysOfMonth,
      amount: line.amount,
    });
  }
  await bulks(tx, core.store.dialect).lines(lines);
  done.boxes += boxes.length;
  done.lines += lines.length;
}

/** Customers and currencies that have their invoice of the month, also if another seller's config wrote it. */
async function invoicedAlready(tx: Tx, month: string, boxes: readonly Had[]): Promise<Set<string>> {
  const rows = await tx
    .selectFrom('billing_documents')
    .select(['customer', 'currency'])
    .where('kind', '=', 'invoice')
    .where('month', '=', month)
    .where('customer', '>=', boxes[0]?.customer ?? '')
    .where('customer', '<=', boxes.at(-1)?.customer ?? '')
    .execute();
  return new Set(rows.map(({ customer, currency }) => `${customer} ${currency}`));
}
