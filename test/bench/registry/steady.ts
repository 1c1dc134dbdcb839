/** So many boxes at a time, without a pause: the registry and the bare loop in turn. */
import { short } from '../numbers.ts';
import type { Row } from '../report.ts';
import type { Known } from './known.ts';
import { inTurn, type Run, runOf } from './load.ts';
import { usedMs } from './processors.ts';
import type { Served, Site } from './site.ts';

/** What is measured. */
export interface Parts {
  site: Site;
  registry: Served;
  known: Known;
}

const atOnce = 64;
const rounds = 4;
const blockMax = 5000;

interface Side {
  url: string;
  pid: number;
  tookMs: number[];
  wholeMs: number;
  usedMs: number;
  databaseMs: number;
  clientMs: number;
}

const sideOf = ({ url, child }: Served): Side => ({
  url,
  pid: child.pid,
  tookMs: [],
  wholeMs: 0,
  usedMs: 0,
  databaseMs: 0,
  clientMs: 0,
});

async function block(site: Site, side: Side, requests: readonly Buffer[]): Promise<string> {
  const before = { used: usedMs(side.pid), database: site.databaseMs(), client: process.cpuUsage() };
  const { tookMs, wholeMs, sample } = await inTurn(side.url, requests, atOnce);
  const client = process.cpuUsage(before.client);
  for (const ms of tookMs) side.tookMs.push(ms);
  side.wholeMs += wholeMs;
  side.usedMs += usedMs(side.pid) - before.used;
  side.databaseMs += site.databaseMs() - before.database;
  side.clientMs += (client.user + client.system) / 1000;
  return sample;
}

/** Rows: known boxes and new ones, beside the bare loop. */
export async function measureSteady({ site, registry, known }: Parts): Promise<Row[]> {
  const bare = await site.startBare();
  const sides = { bare: sideOf(bare), again: sideOf(registry), first: sideOf(registry) };
  const size = Math.min(blockMax, Math.floor(known.speaking.length / rounds));
  for (let round = 0; round < rounds; round += 1) {
    const requests = known.speaking
      .slice(round * size, (round + 1) * size)
      .map((box) => firstOf(box.requests));
    await block(site, sides.bare, requests);
    expectActive(await block(site, sides.again, requests));
  }
  await bare.child.stop();
  const fresh = known.fresh.map((box) => firstOf(box.requests));
  expectActive(await block(site, sides.first, fresh));
  const runs = { bare: run(sides.bare), again: run(sides.again), first: run(sides.first) };
  return [
    row(`bare loop, ${atOnce} at a time`, runs.bare, sides.bare, null),
    row(`registrations of known boxes, ${atOnce} at a time`, runs.again, sides.again, runs.bare),
    row(`first registrations, ${atOnce} at a time`, runs.first, sides.first, runs.bare),
  ];
}

const firstOf = (requests: readonly Buffer[]): Buffer => requests[0] ?? Buffer.alloc(0);
const run = ({ tookMs, wholeMs }: Side): Run => runOf(tookMs, wholeMs);

/** That the last answer is what it should be; that all were 200 is known. */
function expectActive(jws: string): void {
  const payload = Buffer.from(jws.split('.')[1] ?? '', 'base64url').toString();
  if ((JSON.parse(payload) as { state?: string }).state !== 'active')
    throw new Error(`an answer was not what it should be: ${payload}`);
}

function row(what: string, { perSecond, p50Ms, p99Ms }: Run, side: Side, bare: Run | null): Row {
  const each = (ms: number): string => short((ms / side.tookMs.length) * 1000);
  const ratio = bare === null ? '' : `, ${short(perSecond / bare.perSecond)} of the bare loop`;
  const late = bare === null ? '' : ` (${short(p50Ms / bare.p50Ms)} and ${short(p99Ms / bare.p99Ms)} times)`;
  return {
    what,
    goal: '(beside it)',
    value: `${short(perSecond)} per s${ratio}; p50 ${short(p50Ms)}, p99 ${short(p99Ms)} ms${late}; µs of processor each: ${each(side.usedMs)}, database ${each(side.databaseMs)}, client ${each(side.clientMs)}`,
    met: null,
  };
}
