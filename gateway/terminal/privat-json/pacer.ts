import type { Cancel, Time } from '../../seams/time.ts';

/** Sends pieces in order, never two within the gap. */
export interface Pacer {
  /** Sends as soon as the gap allows; `sending` is called right before. The answer takes it back if it is not sent yet. */
  send(bytes: Uint8Array, sending: () => void): Cancel;
  /** Sends nothing more. */
  stop(): void;
}

/**
 * A pacer of `gapMs` milliseconds: real terminals want a pause between two commands. What waits is bounded by
 * the lanes, each of which hands over one message at a time.
 */
export function createPacer(time: Time, gapMs: number, write: (bytes: Uint8Array) => void): Pacer {
  const waiting: { bytes: Uint8Array; sending: () => void }[] = [];
  let lastMs = Number.NEGATIVE_INFINITY;
  let cancelTimer: Cancel | null = null;
  let isStopped = false;

  const advance = (): void => {
    while (cancelTimer === null && !isStopped && waiting.length > 0) {
      const leftMs = lastMs + gapMs - time.monotonicMs();
      if (leftMs > 0) {
        cancelTimer = time.after(leftMs, () => {
          cancelTimer = null;
          advance();
        });
        return;
      }
      const next = waiting.shift();
      lastMs = time.monotonicMs();
      if (next !== undefined) {
        // First, for a link that answers within the call.
        next.sending();
        write(next.bytes);
      }
    }
  };

  return {
    send(bytes, sending) {
      const item = { bytes, sending };
      waiting.push(item);
      advance();
      return () => {
        const place = waiting.indexOf(item);
        if (place !== -1) waiting.splice(place, 1);
      };
    },
    stop() {
      isStopped = true;
      waiting.length = 0;
      cancelTimer?.();
    },
  };
}
