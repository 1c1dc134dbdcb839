import type { Clock } from '../../../gateway/seams/time.ts';

/** How many commands the broker is given at a time. */
export interface Pace {
  count(): number;
  /** Does a batch of so many and learns from how long it took. */
  measure<Value>(count: number, work: () => Promise<Value>): Promise<Value>;
}

const aimMs = 250;
const most = 50;

/**
 * Mosquitto carries out all commands of one message before it does anything else, so that payments wait: batches are
 * kept to about a quarter of a second, or to one command where even that takes longer.
 */
export function createPace(clock: Clock): Pace {
  let count = 4;
  return {
    count: () => count,
    async measure(done, work) {
      const startedMs = clock.monotonicMs();
      const value = await work();
      const eachMs = Math.max(1, clock.monotonicMs() - startedMs) / done;
      // No more than twice as many at once: one fast command says little about the next.
      count = Math.max(1, Math.min(most, count * 2, Math.floor(aimMs / eachMs)));
      return value;
    },
  };
}
