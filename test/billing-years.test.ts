/** The proof of bills: docs/billing-proof.md. */
import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { defects, withEdit } from './billing-years/defects.ts';
import { planOf, sizeOf } from './billing-years/plan.ts';
import { runYears } from './billing-years/run.ts';
import { daysOfMonth, later, midnightOf, wallDay } from './billing-years/wall-calendar.ts';

const test = suite('billing years');

test('the wall calendar of the oracle: leap February, summer time, the ends of days', () => {
  assert.is(daysOfMonth('2028-02').length, 29);
  assert.is(later('2028-02-28', 1), '2028-02-29');
  assert.is(midnightOf('2026-11-01'), Date.parse('2026-10-31T22:00Z'));
  assert.is(midnightOf('2027-11-01'), Date.parse('2027-10-31T22:00Z'));
  assert.is(midnightOf('2027-10-31'), Date.parse('2027-10-30T21:00Z'));
  assert.is(wallDay(Date.parse('2027-06-30T21:00Z')), '2027-07-01');
  assert.is(wallDay(Date.parse('2027-06-30T20:59:59Z')), '2027-06-30');
});

for (const [seed, months, boxes] of [
  [1, 14, 100],
  [2, 6, 40],
  [4, 7, 40],
] as const)
  test(`seed ${seed}, ${months} months, ${boxes} boxes: every line, paper and sum as the oracle has it`, async () => {
    const size = { ...sizeOf({ months, boxes, acts: 3 }), comparesMonthly: true };
    const { violations, compared, invoices } = await runYears(seed, size);
    assert.equal(violations, []);
    assert.ok(
      invoices > months * 3 && (compared.lines ?? 0) > months * boxes * 0.5,
      'too little was compared',
    );
  });

test('a plan is made of its seed alone', () => {
  const size = sizeOf({ months: 14, boxes: 150 });
  assert.equal(planOf(7, size), planOf(7, size));
});

test('each deliberate defect still has its place', () => {
  for (const { name, edits } of defects)
    for (const edit of edits) {
      const text = readFileSync(new URL(`../${edit.file}`, import.meta.url), 'utf8');
      assert.is.not(withEdit(text, name, edit), text);
    }
});

if (process.env.SWIPE_SOAK === '1')
  test('five years of 10,000 boxes', async () => {
    const { violations } = await runYears(1, sizeOf({ months: 60, boxes: 10_000 }));
    assert.equal(violations, []);
  });

test.run();
