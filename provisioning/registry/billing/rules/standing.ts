/** Where a customer stands with what it owes. */
import type { Day } from '../shapes.ts';
import { addDays, daysBetween } from './dates.ts';

/** Worst last. */
export const standings = ['active', 'pastDue', 'suspended'] as const;

/** One of {@link standings}. */
export type Standing = (typeof standings)[number];

/** What decides. */
export interface Owing {
  /** The earliest due day of what is open; null: nothing is. */
  oldestDue: Day | null;
  today: Day;
  /** How many days after the day on which it became `pastDue` a customer is suspended. */
  graceDays: number;
  /** Not suspended until this day is over. */
  deferredUntil: Day | null;
}

/**
 * Where the customer stands by what is open: `pastDue` from the day after the due day, `suspended` graceDays after
 * that, unless it was deferred.
 */
export function standingOf({ oldestDue, today, graceDays, deferredUntil }: Owing): Standing {
  if (oldestDue === null || today <= oldestDue) return 'active';
  if (today < addDays(oldestDue, 1 + graceDays)) return 'pastDue';
  return deferredUntil !== null && today <= deferredUntil ? 'pastDue' : 'suspended';
}

/** The better of two: what money that came in may change. */
export const betterOf = (one: Standing, other: Standing): Standing =>
  standings.indexOf(one) <= standings.indexOf(other) ? one : other;

/**
 * Whether so many suspensions at once wait for the operator's word.
 *
 * @param active boxes that work now and that worked this morning
 * @param percent of these may be suspended in a day
 */
export const isMassSuspension = (suspended: number, active: number, percent: number): boolean =>
  suspended > 0 && suspended * 100 > active * percent;

/**
 * The reminder that is due: of the configured ones the latest whose day has come, in days after the due day; null
 * when that one was written already.
 */
export function reminderDue(
  { dueDay, reminded }: { dueDay: Day; reminded: number },
  today: Day,
  reminderDays: readonly number[],
): number | null {
  const late = daysBetween(dueDay, today);
  const reached = Math.max(0, ...reminderDays.filter((days) => days <= late));
  return reached > reminded ? reached : null;
}
