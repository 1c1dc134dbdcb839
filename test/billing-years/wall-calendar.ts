/**
 * The oracle's own calendar of Kyiv, as it hangs on a wall: months with their days written out, and the nights in which
 * clocks are changed. Nothing is reckoned that can be looked up.
 */

const firstYear = 2026;
/** 2026-01-01, in days since 1970-01-01. */
const firstNumber = 20_454;
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

const lengths: readonly (readonly [year: number, february: 28 | 29])[] = [
  [2026, 28],
  [2027, 28],
  [2028, 29],
  [2029, 28],
  [2030, 28],
  [2031, 28],
  [2032, 29],
];

/** Summer time: from 01:00 UTC of the last Sunday of March to 01:00 UTC of the last one of October. */
const summers: readonly (readonly [from: string, to: string])[] = [
  ['2026-03-29', '2026-10-25'],
  ['2027-03-28', '2027-10-31'],
  ['2028-03-26', '2028-10-29'],
  ['2029-03-25', '2029-10-28'],
  ['2030-03-31', '2030-10-27'],
  ['2031-03-30', '2031-10-26'],
  ['2032-03-28', '2032-10-31'],
];

const days: string[] = [];
const months: { month: string; days: string[] }[] = [];
for (const [year, february] of lengths)
  for (const [at, length] of [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31].entries()) {
    const month = `${year}-${String(at + 1).padStart(2, '0')}`;
    const own = Array.from({ length }, (_, day) => `${month}-${String(day + 1).padStart(2, '0')}`);
    months.push({ month, days: own });
    days.push(...own);
  }
const places = new Map(days.map((day, place) => [day, place]));
const ofMonth = new Map(months.map(({ month, days: own }) => [month, own]));
const changes = summers.map((pair) => pair.map((day) => (firstNumber + placeOf(day)) * dayMs + hourMs));

/** How many days after {@link firstYear} began. */
function placeOf(day: string): number {
  const place = places.get(day);
  if (place === undefined) throw new RangeError(`${day} is not on the wall, which begins with ${firstYear}`);
  return place;
}

const isSummer = (atMs: number): boolean => changes.some(([from = 0, to = 0]) => from <= atMs && atMs < to);

/** The day in Kyiv at an instant. */
export function wallDay(atMs: number): string {
  const place = Math.floor((atMs + (isSummer(atMs) ? 3 : 2) * hourMs) / dayMs) - firstNumber;
  const day = days[place];
  if (day === undefined) throw new RangeError(`${atMs} is not on the wall`);
  return day;
}

/** The first instant of a day in Kyiv. Clocks are never changed at midnight there. */
export function midnightOf(day: string): number {
  const greenwichMs = (firstNumber + placeOf(day)) * dayMs;
  const summerMs = greenwichMs - 3 * hourMs;
  return isSummer(summerMs) ? summerMs : greenwichMs - 2 * hourMs;
}

/** The day so many days later. */
export function later(day: string, count: number): string {
  const found = days[placeOf(day) + count];
  if (found === undefined) throw new RangeError(`${count} days after ${day} is not on the wall`);
  return found;
}

/** How many days lie between. */
export const daysFrom = (from: string, to: string): number => placeOf(to) - placeOf(from);

/** The days of a month. */
export function daysOfMonth(month: string): readonly string[] {
  const found = ofMonth.get(month);
  if (found === undefined) throw new RangeError(`${month} is not on the wall`);
  return found;
}

/** The month so many months later. */
export function laterMonth(month: string, count: number): string {
  const found = months[months.findIndex((one) => one.month === month) + count];
  if (found === undefined) throw new RangeError(`${count} months after ${month} is not on the wall`);
  return found.month;
}

/** The month of a day. */
export const monthWith = (day: string): string => day.slice(0, 7);
