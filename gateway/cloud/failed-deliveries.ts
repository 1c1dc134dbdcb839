const mostDeliveries = 5;
const mostRemembered = 64;

/** Counts how often the same message failed. */
export interface FailedDeliveries {
  /** Counts one more failure of the message with this digest: which one it is, or `tooOften` with the fifth. */
  count(digest: string): number | 'tooOften';
}

/** Remembers the 64 messages that failed most recently; older ones start anew. */
export function createFailedDeliveries(): FailedDeliveries {
  const times = new Map<string, number>();
  return {
    count(digest) {
      const now = (times.get(digest) ?? 0) + 1;
      times.delete(digest);
      if (now >= mostDeliveries) return 'tooOften';
      times.set(digest, now);
      for (const oldest of times.keys()) {
        if (times.size <= mostRemembered) break;
        times.delete(oldest);
      }
      return now;
    },
  };
}
