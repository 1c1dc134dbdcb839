import { parseArgs } from 'node:util';

/** What the runner was asked for. */
export interface RunnerOptions {
  /** Parts of file names; empty for all files. */
  filters: string[];
  /** Where test files are looked for. */
  directory: string;
  soak: boolean;
  /** The limit for one file. */
  timeoutMs: number;
  /** The least number of tests, all files together; 0 when filters are given. */
  minimum: number;
  help: boolean;
}

/** How the runner is called. */
export const usage = `node --import tsx test/run.ts [options] [part of a file name …]

  --soak           also the long runs of test/soak, and SWIPE_SOAK=1 for all
  --minimum N      fail when there are fewer than N tests (only without file names)
  --timeout-s N    limit for one file, in seconds (120; with --soak 14400)
  --from DIR       where test files are looked for (test)

  SWIPE_TEST_ALL=1 a test whose program is not installed fails instead of being skipped
  CI=true          a test.only that was left in fails

Example: npm test -- runner`;

/** Reads the command line. Throws a TypeError that says what is wrong with it. */
export function readOptions(args: readonly string[], defaultDirectory: string): RunnerOptions {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      soak: { type: 'boolean', default: false },
      minimum: { type: 'string', default: '1' },
      'timeout-s': { type: 'string' },
      from: { type: 'string', default: defaultDirectory },
      help: { type: 'boolean', default: false },
    },
  });
  const timeoutS = values['timeout-s'] ?? (values.soak ? '14400' : '120');
  return {
    filters: positionals,
    directory: values.from,
    soak: values.soak,
    timeoutMs: positiveNumber('--timeout-s', timeoutS) * 1000,
    minimum: positionals.length > 0 ? 0 : positiveNumber('--minimum', values.minimum),
    help: values.help,
  };
}

function positiveNumber(option: string, text: string): number {
  const number = Number(text);
  if (Number.isFinite(number) && number > 0) return number;
  throw new TypeError(`${option}: found "${text}", allowed: a number greater than 0`);
}
