import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isSwipeError } from '../gateway/seams/error.ts';
import { createCalendar } from '../provisioning/registry/billing/rules/calendar.ts';
import {
  addDays,
  addMonths,
  dayOfNumber,
  daysBetween,
  daysOf,
  firstDayOf,
  isDay,
  isMonth,
  lastDayOf,
  numberOfDay,
} from '../provisioning/registry/billing/rules/dates.ts';

const test = suite('billing calendar');

const dayMs = 86_400_000;
const hourMs = 3_600_000;
const isoDay = (number: number): string => new Date(number * dayMs).toISOString().slice(0, 10);
// From 1900 to 2199.
const dayNumber = fc.integer({ min: -25_567, max: 84_005 });

test('days and their numbers are those of ISO 8601', () => {
  fc.assert(
    fc.property(dayNumber, (number) => {
      const day = isoDay(number);
      assert.is(dayOfNumber(number), day);
      assert.is(numberOfDay(day), number);
      assert.is(isDay(day), true);
    }),
    { numRuns: 2000 },
  );
  for (const text of ['2026-02-29', '2100-02-29', '2026-13-01', '2026-00-10', '2026-04-31', '2026-1-1', ''])
    assert.is(isDay(text), false, text);
  assert.is(isDay('2028-02-29'), true);
  assert.is(isDay('2000-02-29'), true);
});

test('days are added and counted, months have the days that they have', () => {
  fc.assert(
    fc.property(dayNumber, fc.integer({ min: -3000, max: 3000 }), (number, count) => {
      const day = isoDay(number);
      assert.is(addDays(day, count), isoDay(number + count));
      assert.is(daysBetween(day, addDays(day, count)), count);
    }),
  );
  fc.assert(
    fc.property(fc.integer({ min: 1900, max: 2199 }), fc.integer({ min: 1, max: 12 }), (year, ofYear) => {
      const month = `${year}-${String(ofYear).padStart(2, '0')}`;
      const next = new Date(Date.UTC(year, ofYear, 1)).toISOString().slice(0, 7);
      assert.is(addMonths(month, 1), next);
      assert.is(addMonths(next, -1), month);
      assert.is(addDays(firstDayOf(month), daysOf(month)), firstDayOf(next));
      assert.is(addDays(lastDayOf(month), 1), firstDayOf(next));
      assert.is(isMonth(month), true);
    }),
  );
  assert.is(addMonths('2026-11', 14), '2028-01');
  assert.is(isMonth('2026-00'), false);
});

for (const timeZone of ['Europe/Kyiv', 'America/Santiago', 'Asia/Beirut', 'Pacific/Kiritimati', 'UTC'])
  test(`${timeZone}: every day of 2024 to 2032 begins in the instant after the last one of the day before`, () => {
    const calendar = createCalendar(timeZone);
    // Another way than the calendar's: Swedes write a day as ISO 8601 does.
    const swedish = new Intl.DateTimeFormat('sv-SE', { timeZone });
    let total = 0;
    for (let month = '2024-01'; month <= '2032-12'; month = addMonths(month, 1)) {
      const { startsMs, days } = calendar.frameOf(month);
      assert.is(days, daysOf(month));
      assert.is(startsMs.length, days + 1);
      for (let at = 0; at < days; at += 1) {
        const day = addDays(firstDayOf(month), at);
        const startMs = startsMs[at] ?? 0;
        const endMs = startsMs[at + 1] ?? 0;
        assert.is(swedish.format(startMs), day);
        assert.is(swedish.format(startMs - 1), addDays(day, -1));
        assert.is(swedish.format(endMs - 1), day);
        assert.is(calendar.dayAt(startMs), day);
        assert.is(calendar.dayAt(endMs - 1), day);
        assert.ok(
          [23, 24, 25].includes((endMs - startMs) / hourMs),
          `${day}: ${(endMs - startMs) / hourMs} h`,
        );
        total += endMs - startMs;
      }
      assert.is(calendar.frameOf(addMonths(month, 1)).startsMs[0], startsMs[days], 'months join');
    }
    const wholeMs = calendar.startOf('2033-01-01') - calendar.startOf('2024-01-01');
    assert.is(total, wholeMs, 'the months are all of the time');
  });

test('daylight saving in Kyiv: the last Sundays of March and of October have 23 and 25 hours', () => {
  const calendar = createCalendar('Europe/Kyiv');
  const lengthOf = (day: string): number =>
    (calendar.startOf(addDays(day, 1)) - calendar.startOf(day)) / hourMs;
  assert.is(lengthOf('2026-03-29'), 23);
  assert.is(lengthOf('2026-10-25'), 25);
  assert.is(lengthOf('2026-11-21'), 24);
});

test('a month is over when the next one begins there', () => {
  const calendar = createCalendar('Europe/Kyiv');
  const newYear = Date.parse('2027-01-01T00:00:00+02:00');
  assert.is(calendar.lastOver(newYear), '2026-12');
  assert.is(calendar.lastOver(newYear - 1), '2026-11');
  assert.is(calendar.dayAt(newYear - 1), '2026-12-31');
});

test('a zone that nobody knows is told', () => {
  try {
    createCalendar('Europe/Nowhere');
    assert.unreachable();
  } catch (error) {
    assert.ok(isSwipeError(error, 'configInvalid'), String(error));
  }
});

test.run();
