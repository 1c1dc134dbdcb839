/** What the journal needs once a night: finished operations leave it after 400 days, and every row is read once. */
import type { Journal } from '../payments/journal-port.ts';
import { messageOf } from '../seams/error.ts';
import type { Log } from '../seams/log.ts';
import type { Schedule } from '../seams/schedule.ts';
import type { Cancel, Timers, TrustedClock } from '../seams/time.ts';

const dayMs = 86_400_000;
/** How long an id is kept at least (docs/contract.md). */
export const keptMs = 400 * dayMs;
/** The hour of the day, local time: no shop takes payments then. */
const pruneHour = 3;
const prunedNote = 'prunedAt';
/** The check goes in small steps with pauses, so that a payment at night does not notice. */
const verifyRows = 200;
const verifyPauseMs = 250;

/** What the maintenance needs. */
export interface MaintenanceParts {
  journal: Pick<Journal, 'prune' | 'note' | 'setNote'>;
  schedule: Schedule;
  clock: TrustedClock;
  timers: Timers;
  log: Log;
  /** Reads some more rows of the whole journal and throws when one is damaged; null where there is no file. */
  verifyStep: ((rows: number) => { roundComplete: boolean }) | null;
  fatal(error: unknown): void;
}

/** Prunes every night, and now when the last time is more than a day ago; then checks the whole file. */
export function maintainDaily(parts: MaintenanceParts): Cancel {
  const { journal, schedule, clock, timers, log, verifyStep, fatal } = parts;
  let cancelVerify: Cancel = () => {};

  function prune(): void {
    // Not while the time is unknown: everything could look old.
    if (!clock.isTrusted()) return;
    const nowMs = clock.nowMs();
    try {
      const count = journal.prune(nowMs - keptMs);
      journal.setNote(prunedNote, String(nowMs));
      log.info('journal pruned', { count });
    } catch (error) {
      log.warn('the journal could not be pruned', { error: messageOf(error) });
    }
  }

  function verify(): void {
    cancelVerify();
    try {
      if (verifyStep === null || verifyStep(verifyRows).roundComplete) return;
    } catch (error) {
      // The next start's checks decide; going on could lose what is still readable.
      return fatal(error);
    }
    cancelVerify = timers.after(verifyPauseMs, verify);
  }

  if (clock.isTrusted() && clock.nowMs() - Number(journal.note(prunedNote) ?? 0) > dayMs) prune();
  const cancelDaily = schedule.daily(pruneHour, () => {
    prune();
    verify();
  });
  return () => {
    cancelDaily();
    cancelVerify();
  };
}
