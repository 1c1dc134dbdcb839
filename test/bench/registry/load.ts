/** Boxes that register: so many at a time, or all at once after a blackout. */

import { patienceMs } from '../../../gateway/cloud/registration/asking.ts';
import { pauseMs } from '../../../gateway/cloud/registration/pace.ts';
import { percentile } from '../numbers.ts';
import { openProxy, type Reply } from './client.ts';

/** What a run of requests came to. */
export interface Run {
  answers: number;
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
}

/** The statistics of answers that took so long, within so long. */
export const runOf = (tookMs: readonly number[], wholeMs: number): Run => ({
  answers: tookMs.length,
  perSecond: (tookMs.length / wholeMs) * 1000,
  p50Ms: percentile(tookMs, 0.5),
  p99Ms: percentile(tookMs, 0.99),
});

/** Sends all of them, so many at a time; each must be answered with 200. */
export async function inTurn(
  url: string,
  requests: readonly Buffer[],
  atOnce: number,
): Promise<{ tookMs: number[]; wholeMs: number; sample: string }> {
  const proxy = openProxy(url, atOnce);
  const tookMs: number[] = [];
  let sample = '';
  const rest = requests.values();
  const worker = async (): Promise<void> => {
    for (const request of rest) {
      const { status, body, tookMs: ms } = await proxy.send(request, 60_000);
      if (status !== 200) throw new Error(`answered with ${status}: ${body}`);
      tookMs.push(ms);
      sample = body;
    }
  };
  const beganMs = performance.now();
  await Promise.all(Array.from({ length: atOnce }, worker));
  const wholeMs = performance.now() - beganMs;
  proxy.close();
  return { tookMs, wholeMs, sample };
}

/** What became of a region whose boxes all came back. */
export interface Return {
  run: Run;
  /** Until the last one was registered, in milliseconds; and until nine in ten were. */
  wholeMs: number;
  mostMs: number;
  /** How many were told to come again at least once, and how often that was said. */
  sentAway: number;
  refusals: number;
  /** Tries that were not answered at all: no connection, or none in a box's patience. */
  unheard: number;
}

/** How boxes come back. */
export interface Blackout {
  /** Boxes do not boot equally fast: their first tries are spread over so long. */
  withinMs: number;
  /** Connections that the proxy has to the registry. */
  connections: number;
}

/**
 * Every box tries, and when it is told to come again, or not heard, it waits as a real one does
 * (gateway/cloud/registration/pace.ts). Ends when all are registered.
 */
export async function comeBack(
  url: string,
  requests: readonly Buffer[],
  { withinMs, connections }: Blackout,
): Promise<Return> {
  const tookMs: number[] = [];
  const doneMs: number[] = [];
  const away = new Set<number>();
  let refusals = 0;
  let unheard = 0;
  const proxy = openProxy(url, connections);
  const beganMs = performance.now();

  async function box(at: number, request: Buffer): Promise<void> {
    await pause(Math.random() * withinMs);
    for (let failures = 1; ; failures += 1) {
      const reply = await proxy.send(request, patienceMs).catch(() => null);
      if (reply !== null && (reply.status === 200 || isLate(reply))) {
        tookMs.push(reply.tookMs);
        doneMs.push(performance.now() - beganMs);
        return;
      }
      if (reply === null || !isRefusal(reply)) unheard += 1;
      else {
        away.add(at);
        refusals += 1;
      }
      await pause(pauseMs(triedOf(reply), failures, Math.random()));
    }
  }

  await Promise.all(requests.map((request, at) => box(at, request)));
  const wholeMs = performance.now() - beganMs;
  proxy.close();
  return {
    run: runOf(tookMs, wholeMs),
    wholeMs,
    mostMs: percentile(doneMs, 0.9),
    sentAway: away.size,
    refusals,
    unheard,
  };
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** As a box reads it (gateway/cloud/registration/asking.ts): what names no time to come again is no answer. */
function triedOf(reply: Reply | null): Parameters<typeof pauseMs>[0] {
  const isAway = reply !== null && isRefusal(reply);
  const retryAfterMs = isAway ? (reply.retryAfterS ?? 0) * 1000 : null;
  return { kind: 'unanswered', code: isAway ? 'busy' : null, retryAfterMs };
}

const isRefusal = ({ status, retryAfterS }: Reply): boolean =>
  (status === 429 || status === 503) && retryAfterS !== null;

// The registry had registered it, and the answer came too late: it would go on from the count that it is told.
const isLate = ({ status, body }: Reply): boolean => status === 409 && body.includes('countBehind');
