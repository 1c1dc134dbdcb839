import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createCalendar, type MonthFrame } from '../provisioning/registry/billing/rules/calendar.ts';
import { billedDays, type PausedDays, type Tenure } from '../provisioning/registry/billing/rules/days.ts';

const test = suite('billing days');

const kyiv = createCalendar('Europe/Kyiv');

const swedish = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Kyiv' });

/** The day by Node's own words: Swedes write it as ISO 8601 does. */
const dayOf = (atMs: number): string => swedish.format(atMs);

/** Day by day, with nothing but texts: how many days of the month the customer is billed. */
function naiveDays(
  { month, days }: MonthFrame,
  who: {
    customer: string;
    tenures: readonly Tenure[];
    billedFrom: string | null;
    pauses: readonly PausedDays[];
  },
): number {
  let count = 0;
  const spans = who.tenures.map(({ customer, fromMs, untilMs }) => ({
    customer,
    fromMs,
    from: dayOf(fromMs),
    until: untilMs === null ? '9999' : dayOf(untilMs),
  }));
  for (let ofMonth = 1; ofMonth <= days; ofMonth += 1) {
    const day = `${month}-${String(ofMonth).padStart(2, '0')}`;
    const owner = spans
      .filter(({ from, until }) => from <= day && until >= day)
      .sort((one, other) => one.fromMs - other.fromMs)
      .at(-1);
    if (owner?.customer !== who.customer) continue;
    if (who.billedFrom !== null && day < who.billedFrom) continue;
    if (who.pauses.some(({ from, to }) => from <= day && day <= to)) continue;
    count += 1;
  }
  return count;
}

const months = fc.constantFrom('2028-02', '2027-02', '2026-03', '2026-10', '2026-12', '2026-11', '2026-04');

const hour = 3_600_000;

// A life of an identity: hands that follow each other, from some weeks before the month to some weeks after it.
const life = fc.record({
  startHours: fc.integer({ min: -1500, max: 800 }),
  steps: fc.array(
    fc.record({
      customer: fc.constantFrom('A', 'B', 'C'),
      hours: fc.oneof(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 900 })),
      /** Retired, and some time nobody's. */
      gapHours: fc.constantFrom(0, 0, 0, 1, 30, 200),
    }),
    { minLength: 1, maxLength: 7 },
  ),
  open: fc.boolean(),
  billedFrom: fc.option(fc.integer({ min: -40, max: 40 })),
  pauses: fc.array(
    fc.record({ from: fc.integer({ min: -40, max: 40 }), length: fc.integer({ min: 0, max: 40 }) }),
    { maxLength: 4 },
  ),
});

const dayPlus = (day: string, count: number): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) + count * 24 * hour).toISOString().slice(0, 10);

test('billed days are those that a naive count gives, day by day', () => {
  fc.assert(
    fc.property(months, life, (month, { startHours, steps, open, billedFrom, pauses }) => {
      const frame = kyiv.frameOf(month);
      const first = `${month}-01`;
      let atMs = (frame.startsMs[0] ?? 0) + startHours * hour;
      const tenures: Tenure[] = [];
      for (const { customer, hours, gapHours } of steps) {
        tenures.push({ customer, fromMs: atMs, untilMs: atMs + hours * hour });
        atMs += (hours + gapHours) * hour;
      }
      const last = tenures.at(-1);
      if (open && last !== undefined) last.untilMs = null;
      for (const customer of ['A', 'B', 'C']) {
        const who = {
          customer,
          tenures,
          billedFrom: billedFrom === null ? null : dayPlus(first, billedFrom),
          pauses: pauses.map(({ from, length }) => ({
            from: dayPlus(first, from),
            to: dayPlus(first, from + length),
          })),
        };
        assert.is(billedDays(frame, who), naiveDays(frame, who));
      }
    }),
    { numRuns: 1000 },
  );
});

test('every day of a box in use is billed to exactly one customer', () => {
  fc.assert(
    fc.property(months, life, (month, { startHours, steps }) => {
      const frame = kyiv.frameOf(month);
      let atMs = (frame.startsMs[0] ?? 0) + startHours * hour;
      const startMs = atMs;
      const tenures = steps.map(({ customer, hours }): Tenure => {
        const fromMs = atMs;
        atMs += hours * hour;
        return { customer, fromMs, untilMs: atMs };
      });
      const billed = ['A', 'B', 'C'].reduce(
        (sum, customer) => sum + billedDays(frame, { customer, tenures, billedFrom: null, pauses: [] }),
        0,
      );
      const inUse = Array.from({ length: frame.days }, (_, at) => dayPlus(`${month}-01`, at)).filter(
        (day) => dayOf(startMs) <= day && day <= dayOf(atMs),
      );
      assert.is(billed, inUse.length);
    }),
  );
});

const all = { customer: 'A', billedFrom: null, pauses: [] };

const at = (text: string): number => Date.parse(`${text}+02:00`);

test('the days on which something happens', () => {
  const frame = kyiv.frameOf('2026-11');
  const days = (tenures: Tenure[], more: object = {}): number =>
    billedDays(frame, { ...all, tenures, ...more });
  const whole = { customer: 'A', fromMs: at('2026-01-05T10:00'), untilMs: null };
  assert.is(days([whole]), 30);
  // Claimed a moment before midnight: that day counts; retired in the first moment of a day: it counts.
  assert.is(days([{ ...whole, fromMs: at('2026-11-10T23:59:59.999') }]), 21);
  assert.is(days([{ ...whole, fromMs: at('2026-11-11T00:00') }]), 20);
  assert.is(days([{ ...whole, untilMs: at('2026-11-11T00:00') }]), 11);
  assert.is(days([{ ...whole, untilMs: at('2026-11-10T23:59:59.999') }]), 10);
  // Moved on the 10th: that day is the new customer's.
  const moved = [
    { ...whole, untilMs: at('2026-11-10T12:00') },
    { customer: 'B', fromMs: at('2026-11-10T12:00'), untilMs: null },
  ];
  assert.is(days(moved), 9);
  assert.is(days(moved, { customer: 'B' }), 21);
  // Away and back on one day: A had it last.
  const back = [
    { ...whole, untilMs: at('2026-11-10T09:00') },
    { customer: 'B', fromMs: at('2026-11-10T09:00'), untilMs: at('2026-11-10T17:00') },
    { customer: 'A', fromMs: at('2026-11-10T17:00'), untilMs: null },
  ];
  assert.is(days(back), 30);
  assert.is(days(back, { customer: 'B' }), 0);
  // The trial ends on the 15th: the 16th is the first day that is billed.
  assert.is(days([whole], { billedFrom: '2026-11-16' }), 15);
  assert.is(days([whole], { billedFrom: '2026-12-01' }), 0);
  assert.is(days([whole], { billedFrom: '2026-10-31' }), 30);
  // Pauses that overlap are one.
  const pauses = [
    { from: '2026-10-20', to: '2026-11-05' },
    { from: '2026-11-04', to: '2026-11-07' },
    { from: '2026-11-30', to: '2026-12-24' },
  ];
  assert.is(days([whole], { pauses }), 22);
  assert.is(billedDays(kyiv.frameOf('2028-02'), { ...all, tenures: [whole] }), 29);
});

test.run();
