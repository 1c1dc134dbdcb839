/** What the gateway adds to a payment: gateway and bare loop in turn over the same parts. */
import { setTimeout as sleep } from 'node:timers/promises';
import { topicsOf } from '../../gateway/contract/topics.ts';
import { median, percentile, short } from './numbers.ts';
import type { Row } from './report.ts';
import { type Answerer, openSale, type Paid, roundTripMs, type Sale } from './sale.ts';
import { isReady, type Statuses } from './statuses.ts';
import type { Counter, World } from './world.ts';

const ratioMax = 3;
const lastByteMaxMs = 10;
const pauseMs = 5;

/** How much is measured. */
export interface LatencySize {
  warmUp: number;
  /** Payments of one kind before it is the other's turn. */
  block: number;
  blocks: number;
}

interface Side {
  sale: Sale;
  counter: Counter;
}

/** Round trips, and from the terminal's last byte to the result, in milliseconds. */
interface Times {
  trips: number[];
  tails: number[];
}

/** Rows 1 and 2 of the table. */
export async function measureLatency(
  world: World,
  statuses: Statuses,
  swipe: string,
  { warmUp, block, blocks }: LatencySize,
): Promise<Row[]> {
  const sides = [await openBare(world), await openGateway(world, statuses, swipe)] as const;
  for (const side of sides) await payBlock(side, warmUp, 0);
  // Back to back is the harder test: what the box does after a result delays the next one.
  const backToBack = await inTurn(sides, block, blocks, 0);
  const apart = await inTurn(sides, block, Math.ceil(blocks / 2), pauseMs);
  for (const { sale } of sides) await sale.close();
  return rowsOf(backToBack, apart);
}

/** So many blocks of each, A B A B, so that a machine that slows down slows down both. */
async function inTurn(
  sides: readonly [Side, Side],
  block: number,
  blocks: number,
  pauseMs: number,
): Promise<[Times, Times]> {
  const times: [Times, Times] = [
    { trips: [], tails: [] },
    { trips: [], tails: [] },
  ];
  for (let round = 0; round < blocks; round += 1)
    for (const at of [0, 1] as const) {
      const { trips, tails } = await payBlock(sides[at], block, pauseMs);
      times[at].trips.push(...trips);
      times[at].tails.push(...tails);
    }
  return times;
}

async function payBlock({ sale, counter }: Side, payments: number, pauseMs: number): Promise<Times> {
  const paid: Paid[] = [];
  for (let n = 0; n < payments; n += 1) {
    paid.push(await sale.pay());
    if (pauseMs > 0) await sleep(pauseMs);
  }
  const answeredNs = await counter.answeredNs();
  if (answeredNs.length !== paid.length)
    throw new Error(`${paid.length} payments, and ${answeredNs.length} purchases on the terminal`);
  return {
    trips: paid.map(roundTripMs),
    tails: paid.map(({ arrivedNs }, at) => Number(arrivedNs - (answeredNs[at] ?? 0n)) / 1e6),
  };
}

function rowsOf([bare, gateway]: [Times, Times], [bareApart, gatewayApart]: [Times, Times]): Row[] {
  const p99 = (numbers: readonly number[]): number => percentile(numbers, 0.99);
  const compare = (one: number, other: number): string =>
    `${short(one / other)} (${short(one)} ms to ${short(other)} ms)`;
  const ratio = median(gateway.trips) / median(bare.trips);
  return [
    {
      what: 'added latency, p50: gateway to bare loop',
      goal: `at most ${ratioMax}`,
      value: compare(median(gateway.trips), median(bare.trips)),
      met: ratio <= ratioMax,
    },
    {
      what: 'added latency, p99',
      goal: '(beside it)',
      value: compare(p99(gateway.trips), p99(bare.trips)),
      met: null,
    },
    {
      what: `added latency, p50, payments ${pauseMs} ms apart`,
      goal: '(beside it)',
      value: compare(median(gatewayApart.trips), median(bareApart.trips)),
      met: null,
    },
    {
      what: "terminal's last byte to result, p99",
      goal: `under ${lastByteMaxMs} ms`,
      value: `${short(p99(gateway.tails))} ms (p50 ${short(median(gateway.tails))}; bare loop ${short(p99(bare.tails))})`,
      met: p99(gateway.tails) < lastByteMaxMs,
    },
  ];
}

async function openBare(world: World): Promise<Side> {
  const box = 'SW-BARE';
  const counter = await world.counter('bare');
  const { commands, results } = topicsOf(box);
  const launcher = world.bundle('bare-loop', 'test/bench/processes/bare-loop.ts');
  await world.launch(launcher, [counter.link, world.url, commands, results]).next();
  return sideOf(world, counter, box, 'bare');
}

async function openGateway(world: World, statuses: Statuses, swipe: string): Promise<Side> {
  const box = 'SW-LATENCY';
  const counter = await world.counter('gateway');
  const ready = statuses.when(box, isReady);
  world.launch(swipe, ['gateway', '--config', world.config(box, counter.link).config]);
  await ready;
  return sideOf(world, counter, box, 'gateway');
}

const sideOf = async (world: World, counter: Counter, box: string, answerer: Answerer): Promise<Side> => ({
  sale: await openSale(world.url, box, answerer),
  counter,
});
