/** What the gateway holds after many operations. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { liveBytes } from './heap.ts';
import { short } from './numbers.ts';
import type { Row } from './report.ts';
import { openSale } from './sale.ts';
import { isReady, type Statuses } from './statuses.ts';
import type { World } from './world.ts';

const megabyte = 1e6;
const rssMaxBytes = 110 * megabyte;
// Whatever is kept per operation, be it an id in a set, takes more than this.
const growthMaxBytes = 16;

/** How much is measured. */
export interface MemorySize {
  /** After these the RSS is read; nothing is collected or looked at before. */
  operations: number;
  /** After these many more, the heap is held against what it was then. */
  more: number;
}

interface Taken {
  rss: number;
  rssMost: number;
}

/** Rows about memory. */
export async function measureMemory(
  world: World,
  statuses: Statuses,
  swipe: string,
  { operations, more }: MemorySize,
): Promise<Row[]> {
  const box = 'SW-MEMORY';
  const counter = await world.counter('memory');
  const probe = new URL('./processes/memory-probe.mjs', import.meta.url).href;
  const ready = statuses.when(box, isReady);
  const { config } = world.config(box, counter.link);
  const gateway = world.launch(swipe, ['gateway', '--config', config], {
    env: { NODE_OPTIONS: `--import=${probe}` },
  });
  await ready;
  const sale = await openSale(world.url, box, 'gateway');
  const pay = async (times: number): Promise<void> => {
    for (let n = 0; n < times; n += 1) await sale.pay();
  };
  const look = async (): Promise<number> => {
    const snapshot = join(world.directory, 'heap.heapsnapshot');
    await gateway.ask({ snapshot });
    const bytes = liveBytes(snapshot);
    rmSync(snapshot);
    return bytes;
  };
  await pay(operations);
  const taken = (await gateway.ask({})) as Taken;
  const before = await look();
  await pay(more);
  const after = await look();
  await sale.close();
  await gateway.stop();
  return rowsOf(taken, { before, after }, { operations, more });
}

function rowsOf(
  { rss, rssMost }: Taken,
  { before, after }: { before: number; after: number },
  { operations, more }: MemorySize,
): Row[] {
  const growth = (after - before) / more;
  const mb = (bytes: number): string => `${short(bytes / megabyte)} MB`;
  return [
    {
      what: `memory (RSS) after ${operations} operations`,
      goal: `under ${rssMaxBytes / megabyte} MB`,
      value: `${mb(rss)} (highest ${mb(rssMost)})`,
      met: rss < rssMaxBytes,
    },
    {
      what: `live heap after ${more} more`,
      goal: `no growth (under ${growthMaxBytes} B each)`,
      value: `${growth.toFixed(1)} B each (${mb(before)}, then ${mb(after)}, without compiled code)`,
      met: growth < growthMaxBytes,
    },
  ];
}
