/** When those that find no place are to come again: one after the other, as fast as places have become free of late. */
import type { Random } from '../../../gateway/seams/random.ts';
import type { Clock } from '../../../gateway/seams/time.ts';

/** Gives out turns. */
export interface Turns {
  /** A place has become free. */
  freed(): void;
  /** In how many milliseconds the next one that found none is to come again. */
  next(): number;
}

// Long enough for what waits to be worked off, and not the same for all who were sent away together.
const pauseMinMs = 5000;
/** A box comes again after a quarter of an hour by itself; whoever is told of more could as well be forgotten. */
const pauseMaxMs = 900_000;
const windowMs = 1000;
// Until it was seen how fast it goes: too much of it would only be told to come once more.
const firstPerMs = 0.5;
const leastPerMs = 0.01;
// A storm of refusals slows the work itself: what is seen in its midst says little of the minutes after it. Who comes
// too early is only told to come once more; who was told to come too late leaves the registry idle.
const halvedInMs = 30_000;

/** Nobody has a turn yet. */
export function createTurns({
  clock,
  random,
}: {
  clock: Pick<Clock, 'monotonicMs'>;
  random: Pick<Random, 'fraction'>;
}): Turns {
  let perMs = firstPerMs;
  let window = { sinceMs: clock.monotonicMs(), freed: 0, full: false };
  // How many were told of a turn that has not come yet.
  let promised = 0;
  let promisedAtMs = window.sinceMs;

  /** How fast it goes shows only while there is more to do than places. */
  function look(nowMs: number): void {
    const lastedMs = nowMs - window.sinceMs;
    if (lastedMs < windowMs) return;
    if (window.full && lastedMs < 2 * windowMs) {
      const seenPerMs = window.freed / lastedMs;
      perMs =
        seenPerMs > perMs
          ? (perMs + seenPerMs) / 2
          : Math.max(leastPerMs, seenPerMs, perMs * 0.5 ** (lastedMs / halvedInMs));
    }
    window = { sinceMs: nowMs, freed: 0, full: false };
  }

  return {
    freed() {
      look(clock.monotonicMs());
      window.freed += 1;
    },
    next() {
      const nowMs = clock.monotonicMs();
      look(nowMs);
      window.full = true;
      promised = Math.max(0, promised - (nowMs - promisedAtMs) * perMs) + 1;
      promisedAtMs = nowMs;
      return Math.min(pauseMaxMs, pauseMinMs * (1 + random.fraction()) + promised / perMs);
    },
  };
}
