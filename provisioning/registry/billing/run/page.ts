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
import { type Had, type Place, readKnown, readOthersPlans } from './portion.ts';
import { portionsFrom } from './portions.ts';
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
  /** Boxes of customers that are not billed, since one of their boxes has no plan. */
  withoutPlan: number;
  /** One that has none. */
  lacking: Pick<Had, 'customer' | 'billedAs'> | null;
}

interface Writing {
  parts: PageParts;
  series: Series;
  /** By customer and currency, in the order in which they were begun. */
  drafts: Map<string, Draft>;
  /** Customers that get no invoice now. */
  held: Set<string>;
  done: PageDone;
}

/**
 * Bills the customers after those that the run has billed. The row of the run is locked.
 *
 * A customer is billed for a month whole or not at all: while one of its boxes has no plan, it has no invoice, since the
 * month's one invoice could not be added to later.
 */
export async function billPage(tx: Tx, parts: PageParts, run: RunRow): Promise<PageDone> {
  const { core, billing, reckoning } = parts;
  const { month } = reckoning.frame;
  const nowMs = core.clock.nowMs();
  const today = billing.calendar.dayAt(nowMs);
  const series = await lockSeries(tx, billing, 'invoice', today);
  const acts = await lockSeries(tx, billing, 'act', lastDayOf(month));
  const done: PageDone = {
    after: run.after_customer,
    isLast: false,
    boxes: 0,
    invoices: 0,
    lines: 0,
    withoutPlan: 0,
    lacking: null,
  };
  const writing: Writing = { parts, series, drafts: new Map(), held: new Set(), done };
  const most = parts.portion ?? portionMax;
  const start: Place = { customer: run.after_customer, billedAs: null };
  for await (const { boxes, isFirst, next, isLast } of portionsFrom(tx, reckoning.frame, start, most)) {
    if (isFirst && next !== null) await holdIfLacking(tx, writing, boxes, next);
    await writeLines(tx, writing, boxes);
    done.isLast = isLast;
    done.after = boxes.at(-1)?.customer ?? done.after;
  }
  const drafts = [...writing.drafts.values()];
  await issue(tx, drafts, { dialect: core.store.dialect, billing, month, today, nowMs, acts });
  await series.keep();
  await acts.keep();
  return { ...done, invoices: drafts.length };
}

/** Of a customer that fills more than a portion, all boxes must be known before the first line is written. */
async function holdIfLacking(
  tx: Tx,
  { parts, held }: Writing,
  first: readonly Had[],
  next: Place,
): Promise<void> {
  const isLacking = async (boxes: readonly Had[]): Promise<boolean> =>
    (await reckonAll(tx, parts, boxes)).some(({ cost }) => cost === 'withoutPlan');
  let lacking = await isLacking(first);
  if (!lacking)
    for await (const { boxes } of portionsFrom(
      tx,
      parts.reckoning.frame,
      next,
      parts.portion ?? portionMax,
    )) {
      lacking = await isLacking(boxes);
      if (lacking) break;
    }
  if (lacking) held.add(next.customer);
}

/** What each box of a portion costs. */
async function reckonAll(
  tx: Tx,
  { core, reckoning }: PageParts,
  boxes: readonly Had[],
): Promise<{ had: Had; cost: ReturnType<typeof reckon> }[]> {
  const known = await readKnown(tx, core.store.dialect, reckoning.frame, boxes);
  await readOthersPlans(tx, known, trialsOfOthers(boxes, known, reckoning));
  return boxes.map((had) => ({ had, cost: reckon(reckoning, known, had) }));
}

/** Reckons a portion and writes its lines. An invoice has its number from its first line on. */
async function writeLines(
  tx: Tx,
  { parts, series, drafts, held, done }: Writing,
  boxes: readonly Had[],
): Promise<void> {
  if (boxes.length === 0) return;
  const before = await invoicedAlready(tx, parts.reckoning.frame.month, boxes);
  const costs = (await reckonAll(tx, parts, boxes)).filter(({ had }) => !before.has(had.customer));
  for (const { had, cost } of costs) {
    if (cost !== 'withoutPlan') continue;
    held.add(had.customer);
    done.lacking ??= had;
  }
  const lines: BillingLinesTable[] = [];
  for (const { had, cost } of costs) {
    if (cost === null) continue;
    if (cost === 'withoutPlan' || held.has(had.customer)) {
      done.withoutPlan += 1;
      continue;
    }
    const { customer } = had;
    const { currency, line } = cost;
    const key = `${customer} ${currency}`;
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
  await bulks(tx, parts.core.store.dialect).lines(lines);
  done.boxes += boxes.length;
  done.lines += lines.length;
}

/**
 * Customers that have their invoices of the month, in whatever currency, also if another seller's config wrote them: a
 * plan in another currency, said since, does not bill the same days again.
 */
async function invoicedAlready(tx: Tx, month: string, boxes: readonly Had[]): Promise<Set<string>> {
  const rows = await tx
    .selectFrom('billing_documents')
    .select('customer')
    .distinct()
    .where('kind', '=', 'invoice')
    .where('month', '=', month)
    .where('customer', '>=', boxes[0]?.customer ?? '')
    .where('customer', '<=', boxes.at(-1)?.customer ?? '')
    .execute();
  return new Set(rows.map(({ customer }) => customer));
}
