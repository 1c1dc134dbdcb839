import type { Clock } from '../seams/time.ts';

const windowMs = 60_000;

/** Decides which lines of a kind that strangers can cause are written, so that a flood cannot fill the disk. */
export interface LineLimit {
  /** How many lines were held back since the last one that was written; null: hold this one back, too. */
  admit(): number | null;
}

/** At most `linesPerMinute` lines in any minute that starts with a line. */
export function createLineLimit(clock: Pick<Clock, 'monotonicMs'>, linesPerMinute: number): LineLimit {
  let windowStartMs = Number.NEGATIVE_INFINITY;
  let written = 0;
  let heldBack = 0;
  return {
    admit() {
      const nowMs = clock.monotonicMs();
      if (nowMs - windowStartMs >= windowMs) {
        windowStartMs = nowMs;
        written = 0;
      }
      if (written >= linesPerMinute) {
        heldBack += 1;
        return null;
      }
      written += 1;
      const since = heldBack;
      heldBack = 0;
      return since;
    },
  };
}
