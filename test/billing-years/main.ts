/** `npm run simulate:billing`: years of bills in minutes, and every sum recomputed by somebody else. */
import { parseArgs } from 'node:util';
import { table } from '../simulation/table.ts';
import { Tally } from '../simulation/tally.ts';
import { huntAll } from './defect-run.ts';
import { sizeOf } from './plan.ts';
import { runYears } from './run.ts';

const usage = `npm run simulate:billing -- [--seeds N] [--from S] [--months N] [--boxes N] [--acts N]

  --seeds N    how many seeds to run (1); with --defects: at most so many for each (6)
  --from S     the first seed (1)
  --months N   months that are billed (60)
  --boxes N    boxes in use (10000), of a fifth as many customers
  --acts N     acts of operators and technicians in a day (by the boxes)
  --defects    runs deliberate defects of billing until each is caught
  --only TEXT  with --defects: those whose name holds this text

Exits with 1 when something differed, or a defect was not caught.
Example: npm run simulate:billing -- --seeds 20 --months 14 --boxes 150`;

function whole(text: string, name: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1) return number;
  throw new TypeError(`--${name}: found "${text}", allowed: a whole number from 1`);
}

async function simulate(from: number, seeds: number, size: ReturnType<typeof sizeOf>): Promise<boolean> {
  const compared = new Tally();
  const events = new Tally();
  let differences = 0;
  for (let seed = from; seed < from + seeds; seed += 1) {
    const report = await runYears(seed, size, (month, { facts, compared: done }) => {
      if (size.comparesMonthly)
        console.log(`${month}: ${facts.bills.size} invoices, ${done.of('lines')} lines compared`);
    });
    compared.merge(report.compared);
    events.merge(report.events);
    const { days, invoices, seconds, violations } = report;
    console.log(
      `seed ${seed}: ${days} days, ${invoices} invoices, ${seconds.toFixed(1)} s, ${violations.length} differences`,
    );
    for (const violation of violations) console.log(`  ${violation}`);
    differences += violations.length;
  }
  console.log(table('\nCompared', compared.toJSON()));
  console.log(table('What happened', events.toJSON()));
  console.log(`${compared.total} compared, ${differences} differences`);
  return differences === 0;
}

try {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string' },
      from: { type: 'string', default: '1' },
      months: { type: 'string', default: '60' },
      boxes: { type: 'string', default: '10000' },
      acts: { type: 'string' },
      defects: { type: 'boolean', default: false },
      only: { type: 'string', default: '' },
      help: { type: 'boolean', default: false },
    },
  });
  const seeds = whole(values.seeds ?? (values.defects ? '6' : '1'), 'seeds');
  const acts = values.acts === undefined ? undefined : whole(values.acts, 'acts');
  const size = sizeOf({ months: whole(values.months, 'months'), boxes: whole(values.boxes, 'boxes'), acts });
  if (values.help) console.log(usage);
  else {
    const isGood = values.defects
      ? await huntAll({ only: values.only, seeds })
      : await simulate(whole(values.from, 'from'), seeds, size);
    process.exitCode = isGood ? 0 : 1;
  }
} catch (error) {
  if (!(error instanceof TypeError)) throw error;
  console.error(`${error.message}\n\n${usage}`);
  process.exitCode = 2;
}
