import type { Time } from '../seams/time.ts';

/** Time for one part of the gateway, which shows whether that part still has a turn coming. */
export interface AttendedTime {
  /** For the part. */
  time: Time;
  /** For how long no timer of the part has been running, in milliseconds; 0 while one is. */
  unattendedMs(): number;
}

/**
 * Time for a part that waits for nothing without a deadline, as the terminal's owner does: while it lives, one of its
 * timers runs at any moment, be it the pause until the next try, the deadline of a question or the next look at a
 * terminal that has a card in it. One that has none for long waits for something that will not come, such as a port
 * that neither opens nor closes. A slow terminal, or none, is not taken for that.
 */
export function createAttendedTime(time: Time): AttendedTime {
  let pending = 0;
  let lastMs = time.monotonicMs();

  return {
    unattendedMs: () => (pending > 0 ? 0 : time.monotonicMs() - lastMs),
    time: {
      nowMs: () => time.nowMs(),
      monotonicMs: () => time.monotonicMs(),
      after(delayMs, run) {
        let isPending = true;
        const end = (): void => {
          if (!isPending) return;
          isPending = false;
          pending -= 1;
          lastMs = time.monotonicMs();
        };
        pending += 1;
        const cancel = time.after(delayMs, () => {
          end();
          run();
        });
        return () => {
          end();
          cancel();
        };
      },
    },
  };
}
