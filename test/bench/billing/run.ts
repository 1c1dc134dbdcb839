/** `npm run bench:billing`: what the run of a month costs beside the bare insertion of its rows. */
import { parseArgs } from 'node:util';
import { deferred } from '../../../gateway/seams/deferred.ts';
import { createCalendar } from '../../../provisioning/registry/billing/rules/calendar.ts';
import { settlingMs } from '../../../provisioning/registry/billing/run/month.ts';
import '../../registry/postgres.ts';
import { isOnPath } from '../../support/needs.ts';
import { busyNote, machineLine } from '../machine.ts';
import { bundle, openDirectory } from '../registry/site.ts';
import { tableOf } from '../report.ts';
import { defaultDisk } from '../world.ts';
import { fillStatements } from './fill.ts';
import { measure } from './measure.ts';
import { openBillingSite } from './site.ts';

const usage = `npm run bench:billing -- [options]

  --boxes N        how many boxes are billed, of a fifth as many customers (20000)
  --database NAME  sqlite or postgres; may be given twice (both, where PostgreSQL is installed)
  --full           1000000 boxes of 200000 customers: some minutes for each database
  --disk DIR       where the database and its files live (${defaultDisk()})
  --profile DIR    the run's processor profile is written there

Needs Linux. Example: npm run bench:billing -- --database sqlite --boxes 100000`;

/** How many boxes a customer has on average, without the one that has many. */
const each = 5;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      boxes: { type: 'string' },
      database: { type: 'string', multiple: true },
      full: { type: 'boolean', default: false },
      disk: { type: 'string', default: defaultDisk() },
      profile: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const boxes = Number(values.boxes ?? (values.full ? 1_000_000 : 20_000));
  const databases = values.database ?? ['sqlite', ...(isOnPath('postgres') ? ['postgres'] : [])];
  const isWrong = databases.some((name) => name !== 'sqlite' && name !== 'postgres');
  if (values.help || isWrong || !(Number.isInteger(boxes) && boxes >= 1000)) {
    process.stdout.write(`${usage}\n`);
    return values.help ? 0 : 1;
  }
  const note = busyNote();
  const calendar = createCalendar('Europe/Kyiv');
  const month = calendar.lastOver(Date.now() - settlingMs);
  const monthMs = calendar.frameOf(month).startsMs[0] ?? 0;
  const customers = Math.floor(boxes / each);
  // More than a page of them, so that the largest customer is billed portion by portion.
  const big = Math.min(50_000, Math.max(4001, Math.floor(boxes / 20)), Math.floor(boxes / 2));
  const { promise: broken, reject: died } = deferred<never>();
  broken.catch(() => {});
  const { directory, remove } = openDirectory(values.disk);
  try {
    const program = bundle(directory, 'bill', 'test/bench/billing/processes/bill.ts');
    for (const dialect of databases as ('sqlite' | 'postgres')[]) {
      const beganMs = performance.now();
      const place = await openBillingSite(directory, dialect, month, died);
      const { site } = place;
      try {
        process.stderr.write(`${dialect}: filling with ${boxes} boxes\n`);
        await site.script([
          // As for any database of this size: a checkpoint each few seconds would be most of the work.
          ...(dialect === 'postgres'
            ? ["ALTER SYSTEM SET max_wal_size = '8GB'", 'SELECT pg_reload_conf()']
            : []),
          ...fillStatements(dialect, { boxes, customers, big, month, monthMs }),
          ...(dialect === 'postgres' ? ['VACUUM ANALYZE'] : []),
        ]);
        process.stderr.write(`${dialect}: billing ${month}\n`);
        const wanted = { month, boxes, profile: values.profile };
        const rows = await Promise.race([measure(place, program, wanted, died), broken]);
        const tookS = Math.round((performance.now() - beganMs) / 1000);
        const head = `${boxes} boxes of ${customers} customers, one of which has ${big}; ${tookS} s in all`;
        const line = machineLine(site.directory, [site.database]);
        process.stdout.write(
          `\n${[head, tableOf(rows), line, ...(note === null ? [] : [note])].join('\n\n')}\n`,
        );
      } finally {
        await site.close();
      }
    }
    return 0;
  } finally {
    remove();
  }
}

// What an interrupted measurement still waits for must not keep the process.
process.exit(
  await main().catch((error: unknown) => {
    process.stderr.write(
      `bench: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
    return 1;
  }),
);
