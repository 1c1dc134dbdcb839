/** `npm run bench`: measures what the design sets goals for, each against its measure in the same run. */
import { parseArgs } from 'node:util';
import { type LatencySize, measureLatency } from './latency.ts';
import { busyNote, machineLine } from './machine.ts';
import { type MemorySize, measureMemory } from './memory.ts';
import { measurePanel, type PanelSize } from './panel.ts';
import { type Row, tableOf } from './report.ts';
import { measureJournal, measureStart } from './starts.ts';
import { watchStatuses } from './statuses.ts';
import { defaultDisk, openWorld, type World } from './world.ts';

const usage = `npm run bench -- [options]

  --quick       a smoke run: does everything, too little of it for a verdict
  --strict      ends with 1 when a goal is missed
  --disk DIR    where the boxes' state lives while they are measured (${defaultDisk()})
  --only NAME   latency, memory, start, journal or panel; may be given more than once

Needs Linux. Uses Mosquitto and socat when they are on PATH.
Example: npm run bench -- --only latency`;

interface Sizes {
  latency: LatencySize;
  memory: MemorySize;
  starts: number;
  journal: { starts: number; operations: number };
  panel: PanelSize;
}

const full: Sizes = {
  latency: { warmUp: 1_000, block: 50, blocks: 10 },
  memory: { operations: 10_000, more: 4_000 },
  starts: 15,
  journal: { starts: 15, operations: 1_000_000 },
  panel: { starts: 15, changes: 100 },
};
const smoke: Sizes = {
  latency: { warmUp: 20, block: 20, blocks: 2 },
  memory: { operations: 200, more: 100 },
  starts: 2,
  journal: { starts: 2, operations: 10_000 },
  panel: { starts: 2, changes: 5 },
};

const names = ['latency', 'memory', 'start', 'journal', 'panel'] as const;

async function measure(world: World, swipe: string, sizes: Sizes, wanted: readonly string[]): Promise<Row[]> {
  const statuses = await watchStatuses(world.url);
  const counter = await world.counter('start');
  const runs: Record<(typeof names)[number], () => Promise<Row[]>> = {
    latency: () => measureLatency(world, statuses, swipe, sizes.latency),
    memory: () => measureMemory(world, statuses, swipe, sizes.memory),
    start: async () => [await measureStart(world, statuses, swipe, counter, sizes.starts)],
    journal: async () => [await measureJournal(world, statuses, swipe, counter, sizes.journal)],
    panel: () => measurePanel(world, statuses, swipe, counter, sizes.panel),
  };
  const rows: Row[] = [];
  for (const name of names) {
    if (!wanted.includes(name)) continue;
    process.stderr.write(`measuring: ${name}\n`);
    rows.push(...(await runs[name]()));
  }
  await statuses.close();
  return rows;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      strict: { type: 'boolean', default: false },
      disk: { type: 'string', default: defaultDisk() },
      only: { type: 'string', multiple: true, default: [...names] },
      help: { type: 'boolean', default: false },
    },
  });
  const { quick, strict, disk, only, help } = values;
  const wrong = only.find((name) => !(names as readonly string[]).includes(name));
  if (help || wrong !== undefined) {
    process.stdout.write(`${wrong === undefined ? '' : `--only ${wrong}: unknown\n`}${usage}\n`);
    return help ? 0 : 1;
  }
  const notes = [quick ? 'a smoke run: too little was measured for a verdict' : null, busyNote()];
  const beganMs = performance.now();
  const world = await openWorld(disk);
  try {
    const swipe = world.bundle('dist', 'gateway/cli/index.ts');
    const line = machineLine(world.directory, [world.broker, world.wire]);
    const measuring = measure(world, swipe, quick ? smoke : full, only);
    const rows = await Promise.race([measuring, world.broken, interrupted()]);
    const shown = quick ? rows.map((row) => ({ ...row, met: null })) : rows;
    const tookS = Math.round((performance.now() - beganMs) / 1000);
    const said = [tableOf(shown), '', `${line}; ${tookS} s`, ...notes.filter((note) => note !== null)];
    process.stdout.write(`${said.join('\n')}\n`);
    return strict && shown.some(({ met }) => met === false) ? 1 : 0;
  } finally {
    await world.close();
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
    process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }),
);
