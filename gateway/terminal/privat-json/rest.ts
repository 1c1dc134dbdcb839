import type { Timers } from '../../seams/time.ts';

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
