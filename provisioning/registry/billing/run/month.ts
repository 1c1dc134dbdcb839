/** Bills a month: once, however often it is asked for, wherever it was interrupted, on however many instances. */
import { isoTime } from '../../../../gateway/contract/time.ts';
import { Refusal } from '../../refusal.ts';
import type { Core } from '../../services/core.ts';
import { audit, raiseForEpisode } from '../../store/audit.ts';
import type { Tx } from '../../store/store.ts';
import type { RunRow } from '../../store/tables-billing.ts';
import type { Billing } from '../billing.ts';
import type { MonthFrame } from '../rules/calendar.ts';
import { isMonth } from '../rules/dates.ts';
import type { Month } from '../shapes.ts';
import { billPage, type PageDone, type PageParts } from './page.ts';
import { readPlans } from './plan-book.ts';
import { reckoningOf } from './reckon.ts';
import { lookAnew } from './statistics.ts';

/**
 * What began before midnight is written down within this time, also on an instance whose clock is behind: until then
 * a month is not over.
 */
export const settlingMs = 5 * 60_000;

/** How far a run is. */
export interface RunProgress {
  month: Month;
  /** Boxes that were looked at, and about how many there are. */
  boxes: number;
  boxesTotal: number;
  /** What there is of this month now. */
  invoices: number;
  lines: number;
  /** Boxes that were not billed, since their customer, or another of its boxes, has no plan. */
  withoutPlan: number;
}

/** A month that is billed. */
export interface RunDone extends RunProgress {
  /** Invoices that this very call issued. */
  issued: number;
}

/** How a run is started. */
export interface RunOptions {
  /** Who asked for it, as the audit log names them. */
  actor?: string;
  onProgress?: (progress: RunProgress) => void;
  /** False: it stops after the page that is being written, and the next run goes on there. */
  goesOn?: () => boolean;
  /** Boxes that are looked at together; for tests. */
  portion?: number;
}

const progressOf = (run: RunRow): RunProgress => ({
  month: run.month,
  boxes: run.boxes,
  boxesTotal: run.boxes_total,
  invoices: run.invoices,
  lines: run.lines,
  withoutPlan: run.without_plan,
});

/**
 * Bills a month that is over. A month that was billed is told as it is, unless boxes had no plan then: their customers
 * are looked at again.
 *
 * @throws Refusal `malformed`; `conflict` when the month is not over or is before the first one that is billed;
 *   `restored`; `busy` when it was stopped
 */
export async function billMonth(
  core: Core,
  billing: Billing,
  month: Month,
  { actor = 'registry', onProgress, goesOn = () => true, portion }: RunOptions = {},
): Promise<RunDone> {
  checkMonth(core, billing, month);
  const frame = billing.calendar.frameOf(month);
  let run = await begin(core, frame);
  let issued = 0;
  if (run.state === 'running') {
    const reckoning = reckoningOf(billing, await readPlans(core.store.reader), month);
    const parts: PageParts = { core, billing, reckoning, ...(portion === undefined ? {} : { portion }) };
    while (run.state === 'running') {
      if (core.isRestored()) throw new Refusal('restored');
      if (!goesOn()) throw new Refusal('busy', 'the run was stopped; the next one goes on where it is');
      const page: { run: RunRow; issued: number } = await core.store.write((tx) =>
        turn(tx, parts, month, actor),
      );
      run = page.run;
      if (issued === 0 && page.issued > 0) await lookAnew(core.store);
      issued += page.issued;
      onProgress?.(progressOf(run));
    }
  }
  return { ...progressOf(run), issued };
}

function checkMonth(core: Core, { config, calendar }: Billing, month: Month): void {
  if (core.isRestored()) throw new Refusal('restored');
  if (!isMonth(month)) throw new Refusal('malformed', 'a month, YYYY-MM');
  if (month < config.firstMonth)
    throw new Refusal('conflict', `nothing before ${config.firstMonth} is billed (billing.firstMonth)`);
  const { startsMs, days } = calendar.frameOf(month);
  const billableMs = (startsMs[days] ?? 0) + settlingMs;
  if (core.clock.nowMs() < billableMs)
    throw new Refusal('conflict', `${month} can be billed from ${isoTime(billableMs)} on`);
}

/** The row of the run, made where there is none; begun anew where customers had no plan. */
async function begin({ store, clock }: Core, { month, startsMs, days }: MonthFrame): Promise<RunRow> {
  const known = await store.reader
    .selectFrom('billing_runs')
    .selectAll()
    .where('month', '=', month)
    .executeTakeFirst();
  if (known?.state === 'running' || (known !== undefined && known.without_plan === 0)) return known;
  const { boxes } = await store.reader
    .selectFrom('tenures')
    .select((eb) => eb.fn.countAll<number>().as('boxes'))
    .where('from_ms', '<', startsMs[days] ?? 0)
    .where((eb) => eb.or([eb('until_ms', 'is', null), eb('until_ms', '>=', startsMs[0] ?? 0)]))
    .executeTakeFirstOrThrow();
  return store.write(async (tx) => {
    await tx
      .insertInto('billing_runs')
      .values({
        month,
        state: 'running',
        after_customer: '',
        boxes: 0,
        boxes_total: Number(boxes),
        invoices: 0,
        lines: 0,
        without_plan: 0,
        started_at_ms: clock.nowMs(),
      })
      .onConflict((conflict) => conflict.column('month').doNothing())
      .execute();
    const run = await lockRun(tx, month);
    if (run.state === 'running' || run.without_plan === 0) return run;
    const again = { state: 'running', after_customer: '', boxes: 0, without_plan: 0 } as const;
    await tx.updateTable('billing_runs').set(again).where('month', '=', month).execute();
    return { ...run, ...again };
  });
}

const lockRun = (tx: Tx, month: Month): Promise<RunRow> =>
  tx.selectFrom('billing_runs').selectAll().where('month', '=', month).forUpdate().executeTakeFirstOrThrow();

/** The next page, whoever did the ones before it. Instances take turns by the lock on the row of the run. */
async function turn(
  tx: Tx,
  parts: PageParts,
  month: Month,
  actor: string,
): Promise<{ run: RunRow; issued: number }> {
  const run = await lockRun(tx, month);
  if (run.state === 'finished') return { run, issued: 0 };
  const page = await billPage(tx, parts, run);
  const nowMs = parts.core.clock.nowMs();
  const after: RunRow = {
    ...run,
    state: page.isLast ? 'finished' : 'running',
    after_customer: page.after,
    boxes: run.boxes + page.boxes,
    invoices: run.invoices + page.invoices,
    lines: run.lines + page.lines,
    without_plan: run.without_plan + page.withoutPlan,
    finished_at_ms: page.isLast ? nowMs : null,
  };
  const { month: _, ...changed } = after;
  await tx.updateTable('billing_runs').set(changed).where('month', '=', month).execute();
  if (page.lacking !== null) await alarmed(tx, after, page.lacking, nowMs);
  if (page.isLast) await noted(tx, after, actor, nowMs);
  return { run: after, issued: page.invoices };
}

/** Somebody's boxes have no price: a person is told which, and how many wait for it. */
async function alarmed(
  tx: Tx,
  { month, without_plan: boxes }: RunRow,
  { customer, billedAs }: NonNullable<PageDone['lacking']>,
  nowMs: number,
): Promise<void> {
  await raiseForEpisode(tx, nowMs, {
    kind: 'withoutPlan',
    subject: month,
    customer: null,
    detail: `${boxes} boxes were not billed: a box of each of their customers has no plan, such as ${billedAs} of ${customer}`,
  });
}

/** One line for the whole run. */
async function noted(tx: Tx, run: RunRow, actor: string, nowMs: number): Promise<void> {
  const { month, boxes, invoices, lines, without_plan: withoutPlan } = run;
  const after = { boxes, invoices, lines, withoutPlan };
  await audit(tx, nowMs, { actor, action: 'billing.run', subject: month, customer: null, after });
}
