/** Which day it is where the operator is, and when days and months begin there. */
import { SwipeError } from '../../../../gateway/seams/error.ts';
import type { Day, Month } from '../shapes.ts';
import { addMonths, dayOfNumber, daysOf, firstDayOf, numberOfDay } from './dates.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** No place is further from Greenwich; a day that a place left out may add another. */
const furthestMs = 40 * hourMs;

/** A month of a time zone, as instants. */
export interface MonthFrame {
  month: Month;
  days: number;
  /** When each of its days begins, and as the last one when it is over. */
  startsMs: readonly number[];
}

/** Days of a time zone, daylight saving included. */
export interface Calendar {
  timeZone: string;
  /** The day at this instant. */
  dayAt(atMs: number): Day;
  /** The first instant of a day. */
  startOf(day: Day): number;
  frameOf(month: Month): MonthFrame;
  /** The last month that is over at this instant. */
  lastOver(atMs: number): Month;
}

/** Whether this machine knows a time zone of this name. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/**
 * Makes the calendar of a time zone.
 *
 * @param timeZone an IANA name such as Europe/Kyiv
 * @throws SwipeError `configInvalid`
 */
export function createCalendar(timeZone: string): Calendar {
  if (!isTimeZone(timeZone))
    throw new SwipeError(
      'configInvalid',
      `billing.timeZone: found "${timeZone}", allowed: an IANA name such as Europe/Kyiv`,
    );
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  });

  function dayAt(atMs: number): Day {
    const found: Partial<Record<Intl.DateTimeFormatPartTypes, string>> = {};
    for (const { type, value } of format.formatToParts(atMs)) found[type] = value;
    return `${(found.year ?? '').padStart(4, '0')}-${found.month}-${found.day}`;
  }

  const starts = new Map<Day, number>();
  function startOf(day: Day): number {
    let startMs = starts.get(day);
    if (startMs === undefined) {
      startMs = searchStart(day);
      if (starts.size >= startsMax) starts.clear();
      starts.set(day, startMs);
    }
    return startMs;
  }

  // A day begins where the days before it end. Searched for, since midnight is left out in some places.
  function searchStart(day: Day): number {
    const greenwichMs = numberOfDay(day) * dayMs;
    let before = greenwichMs - furthestMs;
    let from = greenwichMs + furthestMs;
    while (from - before > 1) {
      const middle = Math.floor((before + from) / 2);
      if (dayAt(middle) < day) before = middle;
      else from = middle;
    }
    return from;
  }

  const frames = new Map<Month, MonthFrame>();
  return {
    timeZone,
    dayAt,
    startOf,
    frameOf(month) {
      const known = frames.get(month);
      if (known !== undefined) return known;
      const days = daysOf(month);
      const first = numberOfDay(firstDayOf(month));
      const startsMs = Array.from({ length: days + 1 }, (_, at) => startOf(dayOfNumber(first + at)));
      const frame = { month, days, startsMs };
      if (frames.size >= framesMax) frames.clear();
      frames.set(month, frame);
      return frame;
    },
    lastOver: (atMs) => addMonths(dayAt(atMs).slice(0, 7), -1),
  };
}

const framesMax = 64;
const startsMax = 1000;
