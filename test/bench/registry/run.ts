/** `npm run bench:registry`: what a registry with a million boxes does when a region comes back after a blackout. */
import { parseArgs } from 'node:util';
import { deferred } from '../../../gateway/seams/deferred.ts';
import { isOnPath } from '../../support/needs.ts';
import '../../registry/postgres.ts';
import { busyNote, machineLine } from '../machine.ts';
import { type Row, tableOf } from '../report.ts';
import { defaultDisk } from '../world.ts';
import { measureBlackout } from './blackout.ts';
import { measureCalls } from './calls.ts';
import { type Known, makeKnown } from './known.ts';
import { measureLeaving } from './leaving.ts';
import { bundle, openDirectory, openSite, type Programs, type Site } from './site.ts';
import { measureStarts } from './starts.ts';
import { measureSteady } from './steady.ts';

const usage = `npm run bench:registry -- [options]

  --boxes N        how many boxes are known (20000)
  --back N         how many of them come back at once (2000)
  --database NAME  sqlite or postgres; may be given twice (both, where PostgreSQL is installed)
  --full           1000000 boxes, 100000 come back: about 10 minutes for each database
  --only NAME      steady, blackout, calls, leaving or start; may be given more than once
  --disk DIR       where the database and its files live (${defaultDisk()})
  --profile DIR    the registry's processor profile is written there

Needs Linux. Example: npm run bench:registry -- --database sqlite --only steady`;

const names = ['steady', 'blackout', 'calls', 'leaving', 'start'] as const;

async function measure(
  site: Site,
  known: Known,
  { wanted, profile }: { wanted: readonly string[]; profile: string | undefined },
  programs: Programs,
  died: (error: Error) => void,
): Promise<Row[]> {
  const rows: Row[] = [];
  const say = (name: string): void => void process.stderr.write(`${site.dialect}: ${name}\n`);
  // What was measured is told at once: of a long run that is ended that much is left.
  const keep = (found: readonly Row[]): void => {
    rows.push(...found);
    for (const { what, value } of found) process.stderr.write(`  ${what}: ${value}\n`);
  };
  const registry = await site.start({ profile });
  const parts = { site, registry, known };
  if (wanted.includes('steady')) {
    say('so many at a time');
    keep(await measureSteady(parts));
  }
  if (wanted.includes('blackout')) {
    say('all at once');
    keep(await measureBlackout(parts));
  }
  if (wanted.includes('calls')) {
    say('calls of an operator');
    keep(await measureCalls(parts));
  }
  if (wanted.includes('leaving')) {
    say('a customer leaves');
    keep(await measureLeaving(parts));
  }
  await registry.child.stop();
  if (wanted.includes('start')) {
    say('starts');
    const empty = await openSite(site.directory, site.dialect, programs, died);
    keep([await measureStarts(site, empty)]);
    await empty.close();
  }
  return rows;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      boxes: { type: 'string' },
      back: { type: 'string' },
      database: { type: 'string', multiple: true },
      full: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true, default: [...names] },
      disk: { type: 'string', default: defaultDisk() },
      profile: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const boxes = Number(values.boxes ?? (values.full ? 1_000_000 : 20_000));
  const back = Number(values.back ?? (values.full ? 100_000 : 2000));
  const databases = values.database ?? ['sqlite', ...(isOnPath('postgres') ? ['postgres'] : [])];
  const fits = Number.isInteger(boxes) && Number.isInteger(back) && back > 0 && back * 2 <= boxes;
  const wrong =
    values.only.find((name) => !(names as readonly string[]).includes(name)) ??
    databases.find((name) => name !== 'sqlite' && name !== 'postgres');
  if (values.help || wrong !== undefined || !fits) {
    const why =
      wrong === undefined ? (fits ? '' : '--back: at most half of --boxes\n') : `${wrong}: unknown\n`;
    process.stdout.write(`${values.help ? '' : why}${usage}\n`);
    return values.help ? 0 : 1;
  }
  const note = busyNote();
  const { promise: broken, reject: died } = deferred<never>();
  broken.catch(() => {});
  const ended = interrupted();
  ended.catch(() => {});
  const { directory, remove } = openDirectory(values.disk);
  try {
    const programs: Programs = {
      swipe: bundle(directory, 'dist', 'gateway/cli/index.ts'),
      bare: bundle(directory, 'bare', 'test/bench/registry/processes/bare.ts'),
    };
    for (const dialect of databases as ('sqlite' | 'postgres')[]) {
      const beganMs = performance.now();
      const site = await openSite(directory, dialect, programs, died);
      try {
        process.stderr.write(`${dialect}: filling with ${boxes} boxes\n`);
        const size = { boxes, speaking: back, requests: 2, fresh: Math.min(5000, Math.floor(back / 4)) };
        const known = await Promise.race([makeKnown(site, size), ended]);
        const filledS = Math.round((performance.now() - beganMs) / 1000);
        const wanted = { wanted: values.only, profile: values.profile };
        const rows = await Promise.race([measure(site, known, wanted, programs, died), broken, ended]);
        const tookS = Math.round((performance.now() - beganMs) / 1000);
        const line = machineLine(site.directory, [site.database]);
        const head = `${boxes} boxes known, ${back} come back; filled in ${filledS} s, ${tookS} s in all`;
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

/** Rejects when somebody ends the bench, so that its processes and files go first. */
function interrupted(): Promise<never> {
  return new Promise((_, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.once(signal, () => reject(new Error(`ended by ${signal}`)));
  });
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
