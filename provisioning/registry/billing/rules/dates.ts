/** Reckoning with days and months as the calendar has them; no clock and no time zone. */
import type { Day, Month } from '../shapes.ts';

const dayForm = /^(\d{4})-(\d\d)-(\d\d)$/;
const monthForm = /^(\d{4})-(\d\d)$/;

const two = (value: number): string => String(value).padStart(2, '0');
const four = (value: number): string => String(value).padStart(4, '0');

const isLeap = (year: number): boolean => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);

const lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

const lengthOf = (year: number, month: number): number =>
  month === 2 && isLeap(year) ? 29 : (lengths[month - 1] ?? 0);

function yearAndMonth(month: Month): [number, number] {
  const [, year, ofYear] = monthForm.exec(month) ?? [];
  if (year === undefined || Number(ofYear) < 1 || Number(ofYear) > 12)
    throw new RangeError(`no month: ${month}`);
  return [Number(year), Number(ofYear)];
}

/** Whether a text is a month, `YYYY-MM`. */
export const isMonth = (text: string): text is Month => /^[12]\d{3}-(0[1-9]|1[0-2])$/.test(text);

/** Whether a text is a day, `YYYY-MM-DD`, of a month that has it. */
export function isDay(text: string): text is Day {
  const [, year, month, day] = dayForm.exec(text) ?? [];
  if (day === undefined || !isMonth(`${year}-${month}`)) return false;
  return Number(day) >= 1 && Number(day) <= lengthOf(Number(year), Number(month));
}

/** How many days a month has. */
export const daysOf = (month: Month): number => lengthOf(...yearAndMonth(month));

/** The month that a day is in. */
export const monthOf = (day: Day): Month => day.slice(0, 7);

/** A month's first day. */
export const firstDayOf = (month: Month): Day => `${month}-01`;

/** A month's last day. */
export const lastDayOf = (month: Month): Day => `${month}-${two(daysOf(month))}`;

/** The month that is so many later; below zero: earlier. */
export function addMonths(month: Month, count: number): Month {
  const [year, ofYear] = yearAndMonth(month);
  const months = year * 12 + (ofYear - 1) + count;
  return `${four(Math.floor(months / 12))}-${two((months % 12) + 1)}`;
}

/** Days since 1970-01-01. The years begin in March, so that the leap day comes last. */
export function numberOfDay(day: Day): number {
  const [, yearText, monthText, dayText] = dayForm.exec(day) ?? [];
  const month = Number(monthText);
  const year = Number(yearText) - (month <= 2 ? 1 : 0);
  const era = Math.floor(year / 400);
  const yearOfEra = year - era * 400;
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + Number(dayText) - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

/** The reverse of {@link numberOfDay}. */
export function dayOfNumber(number: number): Day {
  const shifted = number + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = ((shiftedMonth + 2) % 12) + 1;
  const day = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1;
  return `${four(yearOfEra + era * 400 + (month <= 2 ? 1 : 0))}-${two(month)}-${two(day)}`;
}

/** The day that is so many days later; below zero: earlier. */
export const addDays = (day: Day, count: number): Day => dayOfNumber(numberOfDay(day) + count);

/** How many days later `until` is than `from`. */
export const daysBetween = (from: Day, until: Day): number => numberOfDay(until) - numberOfDay(from);
