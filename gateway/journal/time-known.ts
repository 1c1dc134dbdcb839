/** Since when the box has known the time under this journal. */
import type { Config } from '../contract/config.ts';
import type { Journal } from '../payments/journal-port.ts';
import { isStorageFull } from '../seams/error.ts';
import type { Cancel, Timers, TrustedClock } from '../seams/time.ts';

const noteName = 'timeKnownSince';
const lookMs = 1000;

/** A command that was issued earlier may have been carried out under an earlier journal. Milliseconds since 1970 UTC. */
export const timeKnownSinceMs = (journal: Pick<Journal, 'note' | 'createdAtMs'>): number =>
  Number(journal.note(noteName) ?? journal.createdAtMs);

/** What {@link noteTimeKnown} needs. */
export interface TimeKnownParts {
  journal: Pick<Journal, 'note' | 'setNote' | 'createdAtMs'>;
  clock: TrustedClock;
  mode: Config['clock'];
  timers: Timers;
  fatal: (error: unknown) => void;
}

/** A journal made before the time was known counts from when it was: waits for that, and writes it down once. */
export function noteTimeKnown(parts: TimeKnownParts): Cancel {
  const { journal, clock, mode, timers, fatal } = parts;
  let cancel: Cancel = () => {};

  function look(): void {
    if (journal.note(noteName) !== null) return;
    if (clock.isTrusted())
      try {
        return journal.setNote(noteName, String(mode === 'system' ? journal.createdAtMs : clock.nowMs()));
      } catch (error) {
        if (!isStorageFull(error)) return fatal(error);
      }
    cancel = timers.after(lookMs, look);
  }

  look();
  return () => cancel();
}
