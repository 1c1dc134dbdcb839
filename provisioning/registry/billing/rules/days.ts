/** How many days of a month a box is billed to a customer. A set of days is a number: bit 0 is the first day. */

import type { Day } from '../shapes.ts';
import type { MonthFrame } from './calendar.ts';
import { daysBetween, firstDayOf, lastDayOf } from './dates.ts';

/** From when to when a billing identity was whose. */
export interface Tenure {
  customer: string;
  fromMs: number;
  /** null: it still is. */
  untilMs: number | null;
}

/** Days on which a box is not billed, first and last included. */
export interface PausedDays {
  from: Day;
  to: Day;
}

/** What decides how many days of a month a box is billed. */
export interface BoxMonth {
  customer: string;
  /** All of the billing identity that touch the month, in the order in which they began. */
  tenures: readonly Tenure[];
  /** The first day that is billed, after the trial; null: the trial was over before the month. */
  billedFrom: Day | null;
  /** The customer's pauses of this box. */
  pauses: readonly PausedDays[];
}

const daysUpTo = (place: number): number => (place >= 31 ? 0x7fff_ffff : (1 << place) - 1);

/** The days from one place to another, both included, cut to the month. */
function daysFromTo(from: number, to: number): number {
  if (to < from || to < 0) return 0;
  return daysUpTo(to + 1) & ~daysUpTo(Math.max(0, from));
}

/** The place of the day that an instant is in; -1 before the month, its number of days after it. */
function placeOf({ startsMs, days }: MonthFrame, atMs: number): number {
  let place = days;
  while (place >= 0 && (startsMs[place] ?? 0) > atMs) place -= 1;
  return place;
}

function count(set: number): number {
  let rest = set;
  let bits = 0;
  for (; rest !== 0; rest &= rest - 1) bits += 1;
  return bits;
}

/**
 * The billed days: those of the customer's tenures, from the day of the first instant to that of the last, without
 * the trial's and the paused ones. A day that two tenures touch is that one's which began last.
 */
export function billedDays(frame: MonthFrame, { customer, tenures, billedFrom, pauses }: BoxMonth): number {
  const all = daysUpTo(frame.days);
  let theirs = 0;
  for (const { customer: whose, fromMs, untilMs } of tenures) {
    const last = untilMs === null ? frame.days : placeOf(frame, untilMs);
    const touched = daysFromTo(placeOf(frame, fromMs), last) & all;
    theirs = whose === customer ? theirs | touched : theirs & ~touched;
  }
  const firstDay = firstDayOf(frame.month);
  if (billedFrom !== null) theirs &= ~daysUpTo(Math.max(0, daysBetween(firstDay, billedFrom)));
  for (const { from, to } of pauses)
    if (to >= firstDay && from <= lastDayOf(frame.month))
      theirs &= ~daysFromTo(daysBetween(firstDay, from), daysBetween(firstDay, to));
  return count(theirs);
}
