/** How long until a box says that it is online, against a bare process, and with a full journal against an empty one. */
import { execFileSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { topicsOf } from '../../gateway/contract/topics.ts';
import { machineSerial } from '../../gateway/system/machine.ts';
import { fillJournal } from '../support/fill-journal.ts';
import { isOnPath } from '../support/needs.ts';
import { median, short } from './numbers.ts';
import type { Row } from './report.ts';
import { isOnline, type Statuses } from './statuses.ts';
import type { Counter, World } from './world.ts';

const bareRatioMax = 1.5;
const journalRatioMax = 1.2;

/** Something that starts. */
interface Starter {
  box: string;
  command: string;
  args: readonly string[];
  /** Its files are read from the disk again at each start, as after a boot. */
  coldFiles: string | null;
}

/** Row "start". */
export async function measureStart(
  world: World,
  statuses: Statuses,
  swipe: string,
  counter: Counter,
  starts: number,
): Promise<Row> {
  const bareBox = 'SW-BARE-START';
  const launcher = world.bundle('bare-start', 'test/bench/processes/bare-start.ts');
  const args = [world.url, topicsOf(bareBox).status, String(world.mqttVersion)];
  const [bare, gateway] = await alternate(world, statuses, starts, [
    { box: bareBox, command: launcher, args, coldFiles: null },
    gatewayOf(world, swipe, 'SW-START', counter),
  ]);
  const ratio = gateway / bare;
  return {
    what: 'start until online: gateway to bare process',
    goal: `at most ${bareRatioMax}`,
    value: `${short(ratio)} (${short(gateway)} ms to ${short(bare)} ms)`,
    met: ratio <= bareRatioMax,
  };
}

/** Row "journal". */
export async function measureJournal(
  world: World,
  statuses: Statuses,
  swipe: string,
  counter: Counter,
  { starts, operations }: { starts: number; operations: number },
): Promise<Row> {
  const empty = gatewayOf(world, swipe, 'SW-EMPTY', counter);
  const full = gatewayOf(world, swipe, 'SW-FULL', counter);
  // The machine's own: the journal is bound to it.
  const options = { box: full.box, machine: machineSerial(), nowMs: Date.now() };
  const beganMs = performance.now();
  fillJournal(full.coldFiles ?? '', operations, options);
  const filledS = (performance.now() - beganMs) / 1000;
  const bytes = bytesIn(full.coldFiles ?? '');
  const [none, all] = await alternate(world, statuses, starts, [empty, full]);
  const ratio = all / none;
  return {
    what: `start with ${operations} operations in the journal to none`,
    goal: `at most ${journalRatioMax}`,
    value: `${short(ratio)} (${short(all)} ms to ${short(none)} ms; ${Math.round(bytes / 1e6)} MB, filled in ${short(filledS)} s)`,
    met: ratio <= journalRatioMax,
  };
}

function gatewayOf(world: World, swipe: string, box: string, { link }: Counter): Starter {
  const { config, stateDir } = world.config(box, link);
  return { box, command: swipe, args: ['gateway', '--config', config], coldFiles: stateDir };
}

/** The medians of so many starts each, in turn; the first start of each is not counted. */
export async function alternate(
  world: World,
  statuses: Statuses,
  starts: number,
  starters: readonly [Starter, Starter],
): Promise<[number, number]> {
  const took: [number[], number[]] = [[], []];
  for (let round = 0; round <= starts; round += 1)
    for (const at of [0, 1] as const) {
      const { box, command, args, coldFiles } = starters[at];
      if (coldFiles !== null) forgetFiles(coldFiles);
      const online = statuses.when(box, isOnline);
      const beganMs = performance.now();
      const child = world.launch(command, args);
      const onlineMs = await online;
      if (round > 0) took[at].push(onlineMs - beganMs);
      await child.stop();
    }
  return [median(took[0]), median(took[1])];
}

/** Has the kernel drop what it holds of these files in memory; dd asks it with posix_fadvise(2). */
function forgetFiles(directory: string): void {
  if (!isOnPath('dd')) return;
  for (const name of filesIn(directory))
    execFileSync('dd', [`if=${join(directory, name)}`, 'iflag=nocache', 'count=0'], { stdio: 'ignore' });
}

const filesIn = (directory: string): string[] =>
  readdirSync(directory).filter((name) => statSync(join(directory, name)).isFile());

const bytesIn = (directory: string): number =>
  filesIn(directory).reduce((sum, name) => sum + statSync(join(directory, name)).size, 0);
