import type { Cancel, Time } from '../seams/time.ts';

// The longest delay of Node's timers, 2^31 - 1 ms (24.8 days). A longer one would run at once.
const longestDelayMs = 2_147_483_647;

/**
 * The machine's own clock and timers. Timers keep the process alive until they have run or were cancelled
 * (they are not unref'ed): whoever starts one stops it.
 */
export const systemTime: Time = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  after,
};

function after(delayMs: number, run: () => void): Cancel {
  let timer: NodeJS.Timeout;
  const wait = (leftMs: number): void => {
    timer =
      leftMs > longestDelayMs
        ? setTimeout(() => wait(leftMs - longestDelayMs), longestDelayMs)
        : setTimeout(run, Math.max(0, leftMs));
  };
  wait(delayMs);
  return () => clearTimeout(timer);
}
