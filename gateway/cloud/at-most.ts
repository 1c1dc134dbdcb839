import type { Timers } from '../seams/time.ts';

/** Resolves when `work` has ended, well or badly, or when `delayMs` have passed; leaves no timer behind. */
export function atMost(timers: Timers, delayMs: number, work: Promise<unknown>): Promise<void> {
  return new Promise((resolve) => {
    const cancel = timers.after(delayMs, resolve);
    const done = (): void => {
      cancel();
      resolve();
    };
    work.then(done, done);
  });
}
