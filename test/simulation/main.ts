/** `npm run simulate`: many seeds, what happened in them, and every rule that was broken. */
import { parseArgs } from 'node:util';
import { coverageOf } from './coverage.ts';
import { hunt } from './defect-run.ts';
import { defects } from './defects.ts';
import { runPool } from './pool.ts';
import type { RunReport } from './run.ts';
import { showViolation } from './show.ts';
import { table } from './table.ts';
import { Tally } from './tally.ts';

const usage = `npm run simulate -- [--seeds N] [--from S] [--operations N] [--jobs J]
npm run simulate -- --defects [--seeds N] [--only TEXT] [--hurry]

  --seeds N        how many seeds to run (200); with --defects: at most so many for each (400)
  --from S         the first seed (1)
  --operations N   operations of the sale systems in each seed (50)
  --jobs J         worker processes (2)
  --defects        runs deliberate defects of the gateway until each is caught
  --only TEXT      with --defects: those whose name holds this text
  --hurry          with --defects: begins at a seed that is known to catch it, instead of the first

Exits with 1 when a rule was broken, or a defect was not caught.
Example: npm run simulate -- --seeds 1000 --from 5001`;

const mostShown = 3;

function whole(text: string, name: string, least: number): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= least) return number;
  throw new TypeError(`--${name}: found "${text}", allowed: a whole number from ${least}`);
}

try {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string' },
      from: { type: 'string', default: '1' },
      operations: { type: 'string', default: '50' },
      jobs: { type: 'string', default: '2' },
      defects: { type: 'boolean', default: false },
      only: { type: 'string', default: '' },
      hurry: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const options = {
    seeds: whole(values.seeds ?? (values.defects ? '400' : '200'), 'seeds', 1),
    from: whole(values.from, 'from', 0),
    operations: whole(values.operations, 'operations', 1),
    jobs: whole(values.jobs, 'jobs', 1),
  };
  if (values.help) console.log(usage);
  else
    process.exitCode = values.defects
      ? await huntAll({ ...options, only: values.only, hurry: values.hurry })
      : await simulate(options);
} catch (error) {
  if (!(error instanceof TypeError)) throw error;
  console.error(`${error.message}\n\n${usage}`);
  process.exitCode = 2;
}

async function simulate(options: {
  seeds: number;
  from: number;
  operations: number;
  jobs: number;
}): Promise<0 | 1> {
  const startMs = performance.now();
  const names = ['faults', 'outcomes', 'reasons', 'untellable', 'steps'] as const;
  const sums = {
    faults: new Tally(),
    outcomes: new Tally(),
    reasons: new Tally(),
    untellable: new Tally(),
    steps: new Tally(),
  };
  const broken: RunReport[] = [];
  let done = 0;
  let operations = 0;
  let virtualMs = 0;
  const rate = (count: number): string => (count / ((performance.now() - startMs) / 1000)).toFixed(0);
  const progress = (): void => {
    const filled = Math.round((30 * done) / options.seeds);
    const bar = '#'.repeat(filled).padEnd(30, '.');
    const speed = `${rate(operations)} operations/s, ${rate(sums.faults.total)} faults/s`;
    const line = `[${bar}] ${done}/${options.seeds} seeds, ${speed}, ${broken.length} with violations`;
    if (process.stdout.isTTY) process.stdout.write(`\r${line}`);
    else if (done % Math.ceil(options.seeds / 10) === 0) console.log(line);
  };
  await runPool({
    ...options,
    ended(report) {
      done += 1;
      operations += report.operations;
      virtualMs += report.virtualMs;
      for (const name of names) sums[name].merge(report[name]);
      if (report.violations.length > 0) broken.push(report);
      progress();
      return true;
    },
  });
  if (process.stdout.isTTY) console.log();
  const seconds = (performance.now() - startMs) / 1000;
  console.log(table('\nFaults injected', sums.faults.toJSON()));
  console.log(table('Outcomes reached', sums.outcomes.toJSON()));
  console.log(table('Reasons told', sums.reasons.toJSON()));
  console.log(table('Steps taken', sums.steps.toJSON()));
  for (const { cell, reason } of coverageOf(sums.steps.toJSON()).filter(({ count }) => count === 0))
    console.log(`not reached: ${cell}${reason === null ? '' : ` (${reason})`}`);
  const { untellable } = sums;
  const rarity = ((1e6 * untellable.total) / operations).toFixed(1);
  console.log(table('What no cash register can tell', untellable.toJSON()));
  console.log(`  ${untellable.total} of ${operations} operations (${rarity} in a million)`);
  broken.sort((one, other) => one.seed - other.seed);
  for (const { seed, violations } of broken.slice(0, mostShown))
    for (const violation of violations.slice(0, mostShown))
      console.log(`\n${await showViolation(seed, options.operations, violation)}`);
  for (const { seed, violations } of broken)
    for (const { point, id, text } of violations)
      console.log(`violation: seed ${seed}, point ${point}, ${id}: ${text.split('\n')[0]}`);
  const violations = broken.reduce((sum, report) => sum + report.violations.length, 0);
  console.log(
    `\n${options.seeds} seeds from ${options.from}, ${operations} operations, ${sums.faults.total} faults, ` +
      `${(virtualMs / 3_600_000).toFixed(0)} hours in ${seconds.toFixed(1)} s: ${violations} violations`,
  );
  return violations === 0 ? 0 : 1;
}

async function huntAll(options: {
  seeds: number;
  from: number;
  operations: number;
  jobs: number;
  only: string;
  hurry: boolean;
}): Promise<0 | 1> {
  const startMs = performance.now();
  const wanted = defects.filter(({ name }) => name.includes(options.only));
  const waiting = [...wanted];
  let missed = 0;
  const work = async (): Promise<void> => {
    for (let defect = waiting.shift(); defect !== undefined; defect = waiting.shift()) {
      const from = options.hurry ? (defect.near ?? options.from) : options.from;
      const { seeds, seed, by } = await hunt(defect, { ...options, from });
      if (by === null) missed += 1;
      const fate =
        by === null
          ? `NOT CAUGHT in ${seeds} seeds`
          : `caught after ${String(seeds).padStart(3)} seeds (seed ${seed}) by point ${by.point}: ${by.text.split('\n')[0]}`;
      console.log(`${defect.name.padEnd(68)} ${fate}`);
    }
  };
  await Promise.all(Array.from({ length: options.jobs }, work));
  const seconds = ((performance.now() - startMs) / 1000).toFixed(0);
  console.log(`\n${wanted.length - missed} of ${wanted.length} defects caught in ${seconds} s`);
  return missed === 0 && wanted.length > 0 ? 0 : 1;
}
