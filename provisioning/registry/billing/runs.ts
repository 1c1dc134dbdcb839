import { isoTime } from '../../../gateway/contract/time.ts';
import type { Actor, Core } from '../services/core.ts';
import { seesAll } from './everybodys.ts';
import { numberText } from './rules/numbers.ts';
import type { Month } from './shapes.ts';

/** The run of a month. */
export interface ToldRun {
  month: Month;
  state: 'running' | 'finished';
  /** Boxes that were looked at, and about how many there are. */
  boxes: number;
  boxesTotal: number;
  invoices: number;
  lines: number;
  /** Boxes that were not billed, since their customer, or another of its boxes, has no plan. */
  withoutPlan: number;
  startedAt: string;
  finishedAt: string | null;
}

/** The runs of the last ten years, newest first. @throws Refusal `forbidden` */
export async function runs({ store }: Core, actor: Actor): Promise<ToldRun[]> {
  seesAll(actor);
  const rows = await store.reader
    .selectFrom('billing_runs')
    .selectAll()
    .orderBy('month', 'desc')
    .limit(120)
    .execute();
  return rows.map((row) => ({
    month: row.month,
    state: row.state,
    boxes: row.boxes,
    boxesTotal: row.boxes_total,
    invoices: row.invoices,
    lines: row.lines,
    withoutPlan: row.without_plan,
    startedAt: isoTime(row.started_at_ms),
    finishedAt: row.finished_at_ms === null ? null : isoTime(row.finished_at_ms),
  }));
}

/** The last number of each series that the database knows, the newest year's first. */
export async function lastNumbers({ store }: Core): Promise<string[]> {
  const rows = await store.reader
    .selectFrom('billing_series')
    .select(['prefix', 'year', 'last'])
    .where('last', '>', 0)
    .orderBy('year', 'desc')
    .orderBy('prefix')
    .execute();
  return rows.map(({ prefix, year, last }) => numberText({ prefix, year, count: last }));
}
