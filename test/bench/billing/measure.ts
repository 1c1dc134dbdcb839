/** One month's run, in a process of its own, and the bare insertion of what it wrote. */
import { join } from 'node:path';
import type { RunDone } from '../../../provisioning/registry/billing/run/month.ts';
import { startChild } from '../children.ts';
import { short } from '../numbers.ts';
import { memoryOf } from '../registry/processors.ts';
import type { Row } from '../report.ts';
import { type Bare, copyRows } from './bare.ts';
import type { BillingSite } from './site.ts';

/** The run may take so many times what the bare insertion takes. */
const ratioMax = 30;
/** Resident memory, whatever the number of boxes: SQLite's caches have 64 MiB for each of two connections. */
const memoryMax = 400 * 2 ** 20;
/** What is bare takes hundredths of a second for fewer boxes. */
const judgedFrom = 100_000;
const sampleMs = 50;

interface Told {
  began?: true;
  boxes?: number;
  boxesTotal?: number;
  done?: RunDone;
  tookMs?: number;
  againTookMs?: number;
  again?: number;
}

const mib = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MiB`;
const seconds = (ms: number): string => `${short(ms / 1000)} s`;

/** Bills the month and compares. */
export async function measure(
  { site, configFile }: BillingSite,
  program: string,
  { month, boxes, profile }: { month: string; boxes: number; profile: string | undefined },
  died: (error: Error) => void,
): Promise<Row[]> {
  const args = [configFile, month];
  const logFile = join(site.directory, 'bill.log');
  const usedBefore = site.databaseMs();
  let isDone = false;
  const diedEarly = (error: Error): void => {
    if (!isDone) died(error);
  };
  const child =
    profile === undefined
      ? startChild({ command: program, args, logFile, died: diedEarly })
      : startChild({
          command: process.execPath,
          args: ['--cpu-prof', `--cpu-prof-dir=${profile}`, `${program}.js`, ...args],
          logFile,
          died: diedEarly,
        });
  const memory = { half: 0, end: 0, peak: 0 };
  let share = 0;
  const sampling = setInterval(() => {
    const { rss, peak } = memoryOf(child.pid);
    if (share <= 0.5) memory.half = rss;
    memory.end = rss;
    memory.peak = peak;
  }, sampleMs);
  let told = (await child.next()) as Told;
  let pages = 0;
  try {
    for (let shown = 0; told.done === undefined; told = (await child.next()) as Told) {
      if (told.boxes === undefined) continue;
      pages += 1;
      share = told.boxes / (told.boxesTotal ?? told.boxes);
      if (Math.floor(share * 10) <= shown) continue;
      shown = Math.floor(share * 10);
      process.stderr.write(`  ${told.boxes} of about ${told.boxesTotal} boxes\n`);
    }
  } finally {
    clearInterval(sampling);
  }
  const { done, tookMs = 0, againTookMs = 0, again } = told;
  const databaseMs = site.databaseMs() - usedBefore;
  isDone = true;
  // It closes the database, and writes its profile: its end is what comes next.
  await child.next().catch(() => {});
  const keys = await copyRows(site.config.database, false);
  const indexes = await copyRows(site.config.database, true);
  if (again !== 0) throw new Error(`billed again, ${again} invoices were issued`);
  return rowsOf({ done, tookMs, againTookMs, pages, databaseMs, memory, keys, indexes, boxes });
}

interface Measured {
  done: RunDone;
  tookMs: number;
  againTookMs: number;
  pages: number;
  databaseMs: number;
  memory: { half: number; end: number; peak: number };
  keys: Bare;
  indexes: Bare;
  boxes: number;
}

function rowsOf(found: Measured): Row[] {
  const { done, tookMs, againTookMs, pages, databaseMs, memory, keys, indexes, boxes } = found;
  const isJudged = boxes >= judgedFrom;
  const number = (what: string, value: string): Row => ({ what, goal: '', value, met: null });
  const ratio = tookMs / keys.tookMs;
  return [
    number(
      'a month billed',
      `${done.invoices} invoices, ${done.lines} lines in ${seconds(tookMs)}, ${pages} pages`,
    ),
    number('boxes in a second', `${Math.round((done.boxes / tookMs) * 1000)}`),
    ...(databaseMs === 0 ? [] : [number("of it the database's processor time", seconds(databaseMs))]),
    number('the same rows by INSERT … SELECT, keys alone', `${keys.rows} rows in ${seconds(keys.tookMs)}`),
    {
      what: 'the run to that',
      goal: `<= ${ratioMax} times`,
      value: `${short(ratio)} times`,
      met: isJudged ? ratio <= ratioMax : null,
    },
    number('the run to that with all indexes', `${short(tookMs / indexes.tookMs)} times`),
    {
      what: 'resident memory at most; in the middle, at the end',
      goal: `<= ${mib(memoryMax)}`,
      value: `${mib(memory.peak)}; ${mib(memory.half)}, ${mib(memory.end)}`,
      met: memory.peak <= memoryMax,
    },
    number('billed again: nothing to do', `${short(againTookMs)} ms`),
  ];
}
