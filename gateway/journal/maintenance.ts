/** Keeps the journal from growing for ever: finished operations leave it after 400 days, once a day. */
import type { Journal } from '../payments/journal-port.ts';
import { messageOf } from '../seams/error.ts';
import type { Log } from '../seams/log.ts';
import type { Schedule } from '../seams/schedule.ts';
import type { Cancel, TrustedClock } from '../seams/time.ts';

const dayMs = 86_400_000;
/** How long an id is kept at least (contract 3.4). */
export const keptMs = 400 * dayMs;
/** The hour of the day, local time: no shop takes payments then. */
const pruneHour = 3;
const prunedNote = 'prunedAt';

/** What the maintenance needs. */
export interface MaintenanceParts {
  journal: Pick<Journal, 'prune' | 'note' | 'setNote'>;
  schedule: Schedule;
  clock: TrustedClock;
  log: Log;
}

/** Prunes every night, and now when the last time is more than a day ago. Not while the time is unknown. */
export function pruneDaily({ journal, schedule, clock, log }: MaintenanceParts): Cancel {
  function prune(): void {
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
  if (clock.isTrusted() && clock.nowMs() - Number(journal.note(prunedNote) ?? 0) > dayMs) prune();
  return schedule.daily(pruneHour, prune);
}
