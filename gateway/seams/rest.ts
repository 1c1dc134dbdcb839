/** How those that never give up wait (invariant 10): growing pauses with jitter, which can be cut short. */
import type { Random } from './random.ts';
import type { Timers } from './time.ts';

/** A pause that can be cut short. */
export interface Rest {
  /** Resolves after so many milliseconds, or when woken. One at a time. */
  for(ms: number): Promise<void>;
  /** Ends the present pause, if there is one. */
  wake(): void;
}

/** Makes a pause on the given time; a woken one leaves no timer behind. */
export function createRest(timers: Timers): Rest {
  let wake = (): void => {};
  return {
    for: (ms) =>
      new Promise((resolve) => {
        const done = (): void => {
          cancel();
          wake = () => {};
          resolve();
        };
        const cancel = timers.after(ms, done);
        wake = done;
      }),
    wake: () => wake(),
  };
}

const pauseMinMs = 500;
const pauseMaxMs = 30_000;

/**
 * How long to wait for a device on a cable after so many failures in a row, in milliseconds: half a second, then
 * twice as long after each up to half a minute, by a random quarter more or less.
 */
export function pauseAfter(failures: number, random: Random): number {
  const fullMs = Math.min(pauseMaxMs, pauseMinMs * 2 ** Math.min(failures, 10));
  return fullMs * (0.75 + random.fraction() / 2);
}
