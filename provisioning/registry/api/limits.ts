/** How much is let in: of one address, and of all together. In memory: each instance guards itself. */
import type { Random } from '../../../gateway/seams/random.ts';
import type { Clock } from '../../../gateway/seams/time.ts';
import { countedAddress } from '../identity/attempts.ts';
import { Refusal } from '../refusal.ts';
import { createTurns } from './turns.ts';

/** Guards one instance. */
export interface Limits {
  /**
   * Lets a request in, or throws.
   *
   * @returns to be called when the request is done
   * @throws Refusal `tooMany`, `busy`, each with a time to come again
   */
  enter(address: string): () => void;
  readonly inFlight: number;
}

/** What is allowed. */
export interface LimitsParts {
  perAddressPerMinute: number;
  atOnce: number;
  clock: Pick<Clock, 'monotonicMs'>;
  random: Pick<Random, 'fraction'>;
}

interface Bucket {
  left: number;
  atMs: number;
}

/** Addresses that are remembered; those of longest ago make room. */
const addressesMax = 100_000;

/** Makes the guard: a bucket of tokens per address that fills within a minute, and a number of places. */
export function createLimits({ perAddressPerMinute, atOnce, clock, random }: LimitsParts): Limits {
  const buckets = new Map<string, Bucket>();
  const perMs = perAddressPerMinute / 60_000;
  const turns = createTurns({ clock, random });
  let inFlight = 0;

  function take(address: string): void {
    const nowMs = clock.monotonicMs();
    const key = countedAddress(address);
    const known = buckets.get(key) ?? { left: perAddressPerMinute, atMs: nowMs };
    const left = Math.min(perAddressPerMinute, known.left + (nowMs - known.atMs) * perMs);
    buckets.delete(key);
    buckets.set(key, { left: Math.max(0, left - 1), atMs: nowMs });
    if (buckets.size > addressesMax) buckets.delete(buckets.keys().next().value ?? '');
    if (left < 1) throw new Refusal('tooMany', undefined, { retryAfterMs: spread((1 - left) / perMs) });
  }

  const spread = (leastMs: number): number =>
    Math.max(1000, leastMs) + random.fraction() * Math.max(1000, leastMs);

  return {
    get inFlight() {
      return inFlight;
    },
    enter(address) {
      if (inFlight >= atOnce) throw new Refusal('busy', undefined, { retryAfterMs: turns.next() });
      take(address);
      inFlight += 1;
      let left = false;
      return () => {
        if (left) return;
        left = true;
        inFlight -= 1;
        turns.freed();
      };
    },
  };
}
