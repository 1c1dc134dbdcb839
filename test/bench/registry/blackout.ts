/** A region comes back: all its boxes at once. */
import { short } from '../numbers.ts';
import type { Row } from '../report.ts';
import { comeBack } from './load.ts';
import { memoryOf, usedMs } from './processors.ts';
import type { Parts } from './steady.ts';

const withinMs = 10_000;
const connections = 2000;
const megabyte = 1e6;
const peakMaxMb = 400;

/** Rows about the blackout. */
export async function measureBlackout({ site, registry, known }: Parts): Promise<Row[]> {
  const { pid } = registry.child;
  const before = memoryOf(pid);
  const used = { registry: usedMs(pid), database: site.databaseMs(), client: process.cpuUsage() };
  const requests = known.speaking.map((box) => box.requests[1] ?? Buffer.alloc(0));
  const back = await comeBack(registry.url, requests, { withinMs, connections });
  const client = process.cpuUsage(used.client);
  const clientMs = (client.user + client.system) / 1000;
  const registryMs = usedMs(pid) - used.registry;
  const databaseMs = site.databaseMs() - used.database;
  const after = memoryOf(pid);
  const share = (ms: number): string => `${Math.round((ms / back.wholeMs) * 100)} %`;
  const { run } = back;
  return [
    {
      what: `${known.speaking.length} boxes within ${withinMs / 1000} s: until all are registered`,
      goal: '(beside it)',
      value: `${short(back.wholeMs / 1000)} s, nine in ten after ${short(back.mostMs / 1000)} s; ${short(run.perSecond)} per s`,
      met: null,
    },
    {
      what: 'told to come again (503, Retry-After)',
      goal: '(beside it)',
      value: `${back.sentAway} boxes, ${short(back.refusals / Math.max(1, back.sentAway))} times each; not heard: ${back.unheard}`,
      met: null,
    },
    {
      what: 'an answered registration',
      goal: '(beside it)',
      value: `p50 ${short(run.p50Ms)}, p99 ${short(run.p99Ms)} ms`,
      met: null,
    },
    {
      what: 'memory (RSS) of the registry, highest',
      goal: `under ${peakMaxMb} MB`,
      value: `${Math.round(after.peak / megabyte)} MB (before: ${Math.round(before.rss / megabyte)}, after: ${Math.round(after.rss / megabyte)})`,
      met: after.peak < peakMaxMb * megabyte,
    },
    {
      what: 'processors (of one): registry, database, the boxes',
      goal: '(beside it)',
      value: [registryMs, databaseMs, clientMs].map(share).join(', '),
      met: null,
    },
  ];
}
