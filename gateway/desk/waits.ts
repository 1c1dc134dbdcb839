/** Those that wait for an outcome. They cost nothing else: what becomes of an operation does not depend on them. */
import type { Timers } from '../seams/time.ts';

/** Why the waiting is over: something happened, the time is, the client has gone, or the box stops. */
export type WaitEnd = 'told' | 'over' | 'gone' | 'stopped';

/** What those wait for that wait for the box's own state. No operation has this name. */
export const statusWord = 'the status';

/** Keeps those that wait. */
export interface Waits {
  /** Waits for the next word on this operation. Never rejects. @param signal aborted when the client goes away */
  next(id: string, waitMs: number, signal: AbortSignal): Promise<WaitEnd>;
  /** There is word on it. */
  tell(id: string): void;
  /** Nobody waits any longer, now or later. */
  stop(): void;
  readonly count: number;
}

/** Makes it. */
export function createWaits(timers: Timers): Waits {
  const waiting = new Map<string, Set<(end: WaitEnd) => void>>();
  let isStopped = false;
  let count = 0;

  function endAll(of: Iterable<Set<(end: WaitEnd) => void>>, end: WaitEnd): void {
    for (const ends of [...of]) for (const one of [...ends]) one(end);
  }

  return {
    get count() {
      return count;
    },
    next: (id, waitMs, signal) =>
      new Promise((resolve) => {
        if (isStopped) return resolve('stopped');
        if (signal.aborted) return resolve('gone');
        const ends = waiting.get(id) ?? new Set();
        waiting.set(id, ends);
        count += 1;
        const end = (why: WaitEnd): void => {
          if (!ends.delete(end)) return;
          count -= 1;
          if (ends.size === 0) waiting.delete(id);
          cancel();
          signal.removeEventListener('abort', gone);
          resolve(why);
        };
        const gone = (): void => end('gone');
        const cancel = timers.after(waitMs, () => end('over'));
        signal.addEventListener('abort', gone);
        ends.add(end);
      }),
    tell(id) {
      const ends = waiting.get(id);
      if (ends !== undefined) endAll([ends], 'told');
    },
    stop() {
      isStopped = true;
      endAll(waiting.values(), 'stopped');
    },
  };
}
