import type { ReportLine } from './report.ts';

/** How a test file's process ended. */
export interface FileEnd {
  code: number | null;
  signal: string | null;
  /** The limit that was reached; null when it ended by itself. */
  timedOutAfterMs: number | null;
  /** What it had started and left running, such as `socat (4711)`. */
  leftRunning: readonly string[];
}

/** The judgement on one test file. It is good if and only if there are no faults. */
export interface Verdict {
  passed: number;
  failed: number;
  skipped: number;
  faults: string[];
  /** Where `test.only` was left in. */
  only: string[];
}

type Line<Event extends ReportLine['event']> = Extract<ReportLine, { event: Event }>;

/**
 * Judges a test file by what it reported and how it ended. uvu alone passes files falsely: with a throw in
 * `before`, with a suite that is never run, with a second batch of suites that overwrites the exit code of the
 * first. Here nothing passes that was not counted as passed.
 * @param onlyIsFault whether a `test.only` that was left in is a fault, as in CI
 */
export function judge(lines: readonly ReportLine[], end: FileEnd, onlyIsFault: boolean): Verdict {
  const suites = suitesOf(lines);
  const tests = [...suites.values()].flatMap((suite) => suite.tests);
  const only = tests.filter((test) => test.kind === 'only').map((test) => test.name);
  const runs = [...suites.values()].flatMap((suite) => suite.runs);
  const passed = sum(runs.map((run) => run.counted?.passed ?? 0));
  const skipped = sum(runs.map((run) => run.counted?.skipped ?? 0));
  const faults = [
    ...endFaults(lines, end),
    ...[...suites.values()].flatMap(suiteFaults),
    ...(tests.length === 0 ? ['reports no test'] : []),
    ...(onlyIsFault ? only.map((name) => `test.only was left in: "${name}"`) : []),
  ];
  const notPassed = tests.length - passed - skipped;
  return { passed, skipped, faults, only, failed: Math.max(notPassed, faults.length > 0 ? 1 : 0) };
}

interface SuiteRecord {
  name: string;
  tests: Line<'registered'>[];
  /** Registered since the last run(). */
  waiting: number;
  runs: { tests: number; counted: Line<'counted'> | null }[];
  hookFailures: Line<'hookFailed'>[];
}

function suitesOf(lines: readonly ReportLine[]): Map<number, SuiteRecord> {
  const suites = new Map<number, SuiteRecord>();
  const runs = new Map<number, SuiteRecord['runs'][number]>();
  const suiteOf = (id: number, name = ''): SuiteRecord => {
    const known = suites.get(id) ?? { name, tests: [], waiting: 0, runs: [], hookFailures: [] };
    suites.set(id, known);
    return known;
  };
  for (const line of lines) {
    if (line.event === 'suite') suiteOf(line.suite, line.name);
    if (line.event === 'registered') {
      suiteOf(line.suite).tests.push(line);
      suiteOf(line.suite).waiting += 1;
    }
    if (line.event === 'run') {
      const run = { tests: suiteOf(line.suite).waiting, counted: null };
      suiteOf(line.suite).waiting = 0;
      suiteOf(line.suite).runs.push(run);
      runs.set(line.run, run);
    }
    if (line.event === 'hookFailed') suiteOf(line.suite).hookFailures.push(line);
    if (line.event === 'counted') {
      const run = runs.get(line.run);
      // uvu runs a suite twice when another one is run late: the worse count stands.
      if (run && (run.counted === null || line.passed < run.counted.passed)) run.counted = line;
    }
  }
  return suites;
}

function suiteFaults({ name, tests, waiting, runs, hookFailures }: SuiteRecord): string[] {
  const suite = name === '' ? 'the nameless suite' : `suite "${name}"`;
  const faults = hookFailures.map(({ hook, error }) => `${suite}: ${hook} threw ${error}`);
  if (runs.length === 0) faults.push(`${suite} was never run: .run() is missing`);
  else if (tests.length === 0) faults.push(`${suite} has no test`);
  else if (waiting > 0) faults.push(`${suite}: tests registered after run() were never run: ${waiting}`);
  for (const { counted } of runs) {
    if (counted === null) faults.push(`${suite} did not run to its end`);
    else if (counted.failed || counted.passed !== counted.total)
      faults.push(`${suite}: only ${counted.passed} of ${counted.total} tests passed`);
  }
  return faults;
}

function endFaults(lines: readonly ReportLine[], end: FileEnd): string[] {
  const faults: string[] = [];
  for (const line of lines) if (line.event === 'uncaught') faults.push(`nobody caught ${line.error}`);
  if (end.timedOutAfterMs !== null)
    faults.push(`timed out after ${end.timedOutAfterMs / 1000} s${whereItStood(lines)}`);
  else if (end.signal !== null) faults.push(`was ended by ${end.signal}`);
  else if (end.code !== 0) faults.push(`ended with exit code ${end.code}`);
  if (end.leftRunning.length > 0) faults.push(`left running (now ended): ${end.leftRunning.join(', ')}`);
  return faults;
}

function whereItStood(lines: readonly ReportLine[]): string {
  const last = lines.findLast((line) => line.event === 'begin' || line.event === 'end');
  return last?.event === 'begin' ? ` in the test "${last.name}"` : '';
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
