import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isIban } from '../provisioning/registry/billing/rules/iban.ts';
import { highestPrice, lineAmount } from '../provisioning/registry/billing/rules/lines.ts';
import { numberText, readNumber } from '../provisioning/registry/billing/rules/numbers.ts';
import { inForce, planIn, pricedIn } from '../provisioning/registry/billing/rules/plans.ts';
import {
  isMassSuspension,
  reminderDue,
  standingOf,
} from '../provisioning/registry/billing/rules/standing.ts';
import { taxed, taxTakenBack } from '../provisioning/registry/billing/rules/vat.ts';
import { sellerIban } from './registry/billing-bench.ts';

const test = suite('billing rules');

test('a line is price × days ÷ days of the month, rounded half up', () => {
  assert.is(lineAmount(10_000, 31, 31), 10_000);
  assert.is(lineAmount(1, 15, 30), 1);
  assert.is(lineAmount(1, 14, 30), 0);
  assert.is(lineAmount(10_000, 1, 31), 323);
  assert.is(lineAmount(9_999, 14, 28), 5_000);
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: highestPrice }),
      fc.constantFrom(28, 29, 30, 31),
      fc.integer({ min: 0, max: 31 }),
      (price, ofMonth, some) => {
        const days = Math.min(some, ofMonth);
        const exact = BigInt(price) * BigInt(days);
        const amount = BigInt(lineAmount(price, days, ofMonth));
        // Twice the error is at most a unit, and a half is rounded up.
        const error = 2n * (amount * BigInt(ofMonth) - exact);
        assert.ok(error > -BigInt(ofMonth) && error <= BigInt(ofMonth), `${price} ${days}/${ofMonth}`);
      },
    ),
  );
});

test('VAT: included, on top, or none; once per total, half up', () => {
  const rate = 2000;
  assert.equal(taxed(12_000, { mode: 'included', rateBasisPoints: rate }), {
    net: 10_000,
    vat: 2_000,
    total: 12_000,
  });
  assert.equal(taxed(10_000, { mode: 'onTop', rateBasisPoints: rate }), {
    net: 10_000,
    vat: 2_000,
    total: 12_000,
  });
  assert.equal(taxed(10_000, { mode: 'none', rateBasisPoints: 0 }), { net: 10_000, vat: 0, total: 10_000 });
  // 0.5 is rounded up: 3 × 20 ÷ 120 = 0.5, and 5 × 10 % = 0.5.
  assert.is(taxed(3, { mode: 'included', rateBasisPoints: rate }).vat, 1);
  assert.is(taxed(2, { mode: 'included', rateBasisPoints: rate }).vat, 0);
  assert.is(taxed(5, { mode: 'onTop', rateBasisPoints: 1000 }).vat, 1);
  // A sum beyond 2^53 ÷ rate is still exact.
  assert.is(taxed(1_000_000_000_000_001, { mode: 'onTop', rateBasisPoints: 2000 }).vat, 200_000_000_000_000);
});

test('VAT in parts that are taken back is never more than the invoice’s, and all of it in the end', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1_000_000 }),
      fc.constantFrom('included' as const, 'onTop' as const, 'none' as const),
      fc.array(fc.integer({ min: 1, max: 400_000 }), { maxLength: 6 }),
      (sum, mode, parts) => {
        const invoice = taxed(sum, { mode, rateBasisPoints: mode === 'none' ? 0 : 2000 });
        let before = 0;
        let vat = 0;
        for (const part of [...parts, invoice.total]) {
          const total = Math.min(part, invoice.total - before);
          if (total === 0) break;
          const taken = taxTakenBack(invoice, before, total);
          assert.is(taken.net + taken.vat, total);
          assert.ok(taken.vat >= 0 && taken.net >= 0);
          before += total;
          vat += taken.vat;
        }
        assert.is(before, invoice.total);
        assert.is(vat, invoice.vat);
      },
    ),
  );
});

test('prices and plans are those of the month; the later word for the same month counts', () => {
  const row = (id: number, fromMonth: string, price: number) => ({ id, fromMonth, price, trialDays: 0 });
  const rows = [
    row(1, '2026-01', 100),
    row(2, '2026-05', 200),
    row(4, '2026-05', 300),
    row(3, '2026-08', 400),
  ];
  assert.is(inForce(rows, '2025-12'), null);
  assert.is(inForce(rows, '2026-04')?.price, 100);
  assert.is(inForce(rows, '2026-05')?.price, 300);
  assert.is(inForce(rows, '2027-01')?.price, 400);
  const plans = new Map([['a', { id: 'a', name: 'A', currency: 'UAH', prices: rows }]]);
  assert.is(pricedIn(plans, 'a', '2026-05')?.price, 300);
  assert.is(pricedIn(plans, 'a', '2025-12'), null);
  assert.is(pricedIn(plans, 'b', '2026-05'), null);
  assert.is(pricedIn(plans, null, '2026-05'), null);
  const ofBox = [
    { id: 1, fromMonth: '2026-03', plan: 'own' },
    { id: 2, fromMonth: '2026-06', plan: null },
  ];
  const ofCustomer = [{ id: 3, fromMonth: '2026-02', plan: 'theirs' }];
  const plan = (month: string): string | null => planIn({ ofBox, ofCustomer, standard: 'all' }, month);
  assert.equal(['2026-01', '2026-02', '2026-03', '2026-05', '2026-06'].map(plan), [
    'all',
    'theirs',
    'own',
    'own',
    'theirs',
  ]);
  assert.is(planIn({ ofBox: [], ofCustomer: [], standard: null }, '2026-01'), null);
});

test('standing: past due the day after, suspended graceDays later, deferred until a day is over', () => {
  const of = (today: string, more: object = {}) =>
    standingOf({ oldestDue: '2026-11-15', today, graceDays: 14, deferredUntil: null, ...more });
  assert.is(of('2026-11-15'), 'active');
  assert.is(of('2026-11-16'), 'pastDue');
  assert.is(of('2026-11-29'), 'pastDue');
  assert.is(of('2026-11-30'), 'suspended');
  assert.is(of('2026-11-30', { deferredUntil: '2026-11-30' }), 'pastDue');
  assert.is(of('2026-12-01', { deferredUntil: '2026-11-30' }), 'suspended');
  assert.is(of('2027-11-30', { oldestDue: null }), 'active');
  assert.is(of('2026-11-16', { graceDays: 0 }), 'suspended');
});

test('too many suspensions: more than the per cent, and never none', () => {
  assert.is(isMassSuspension(20, 1000, 2), false);
  assert.is(isMassSuspension(21, 1000, 2), true);
  assert.is(isMassSuspension(0, 0, 2), false);
  assert.is(isMassSuspension(1, 1, 100), false);
  assert.is(isMassSuspension(1, 1000, 0), true);
});

test('reminders: the latest whose day has come, once', () => {
  const due = (today: string, reminded: number): number | null =>
    reminderDue({ dueDay: '2026-11-15', reminded }, today, [7, 3, 12]);
  assert.is(due('2026-11-17', 0), null);
  assert.is(due('2026-11-18', 0), 3);
  assert.is(due('2026-11-19', 3), null);
  assert.is(due('2026-11-22', 3), 7);
  assert.is(due('2026-12-24', 0), 12);
  assert.is(due('2026-12-24', 12), null);
});

test('numbers are written with six digits or more, and read back as they were written alone', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('SW', 'A', 'X1'),
      fc.integer({ min: 2026, max: 2099 }),
      fc.integer({ min: 1, max: 99_999_999 }),
      (prefix, year, count) => {
        assert.equal(readNumber(numberText({ prefix, year, count })), { prefix, year, count });
      },
    ),
  );
  assert.is(numberText({ prefix: 'SW', year: 2026, count: 123 }), 'SW-2026-000123');
  for (const text of ['SW-2026-123', 'SW-2026-000000', 'sw-2026-000123', 'SW-2026-0001234', 'SW 2026 000123'])
    assert.is(readNumber(text), null, text);
});

test('an IBAN has the check digits of its account, and Ukraine’s 29 characters', () => {
  assert.is(isIban(sellerIban), true);
  assert.is(isIban('DE89370400440532013000'), true);
  assert.is(isIban('DE88370400440532013000'), false);
  assert.is(isIban('UA21322313000002600723356600'), false);
  assert.is(isIban('UA21 3223'), false);
  for (let place = 4; place < sellerIban.length; place += 1) {
    const digit = (Number(sellerIban[place]) + 1) % 10;
    assert.is(isIban(`${sellerIban.slice(0, place)}${digit}${sellerIban.slice(place + 1)}`), false);
  }
});

test.run();
