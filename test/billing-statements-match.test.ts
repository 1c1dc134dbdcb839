import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readCamt053 } from '../provisioning/registry/billing/statements/camt/read.ts';
import {
  type KnownInvoice,
  type Match,
  type MatchLookup,
  matchEntries,
} from '../provisioning/registry/billing/statements/match.ts';
import type { StatementEntry } from '../provisioning/registry/billing/statements/shapes.ts';
import { account, inPieces, payerAccount } from './fixtures/billing/camt.ts';

const test = suite('billing statements: matching');

const numberOf = (count: number): string => `SW-2026-${String(count).padStart(6, '0')}`;

const invoice = (count: number, more: Partial<KnownInvoice> = {}): KnownInvoice => ({
  number: numberOf(count),
  customer: 'CU-1',
  currency: 'UAH',
  open: 29_988,
  total: 29_988,
  ...more,
});

const entry = (purpose: string, more: Partial<StatementEntry> = {}): StatementEntry => ({
  account,
  reference: `ref ${purpose}`,
  referenceFrom: 'bank',
  day: '2026-11-05',
  amount: 29_988,
  currency: 'UAH',
  direction: 'credit',
  reversal: false,
  payer: { name: null, iban: null, code: null },
  purpose,
  ...more,
});

function match(
  entries: readonly StatementEntry[],
  invoices: readonly KnownInvoice[],
  known: readonly string[] = [],
): Match[] {
  const byNumber = new Map(invoices.map((one) => [one.number, one]));
  const lookup: MatchLookup = {
    accounts: new Set([account]),
    prefixes: ['SW'],
    invoice: (number) => byNumber.get(number),
    isTaken: (_, reference) => known.includes(reference),
    lastDay: '2026-11-06',
  };
  return matchEntries(entries, lookup);
}

const said = (matches: readonly Match[]): unknown[] =>
  matches.map((one) =>
    one.outcome === 'booked' ? one.payments.map(({ number, amount }) => [number, amount]) : one.why,
  );

const why = (purpose: string, more: Partial<StatementEntry>, ...invoices: KnownInvoice[]): unknown =>
  said(match([entry(purpose, more)], invoices))[0];

test('what fits exactly is booked', () => {
  const [one] = match([entry('рахунок sw 2026 000001')], [invoice(1)]);
  assert.is(one?.outcome === 'booked' && one.customer, 'CU-1');
  assert.equal(why(numberOf(1), {}, invoice(1)), [[numberOf(1), 29_988]]);
  // What is left of an invoice that was paid in part, or lowered by a credit note.
  assert.equal(why(numberOf(1), { amount: 9_988 }, invoice(1, { open: 9_988 })), [[numberOf(1), 9_988]]);
});

test('everything else waits, and is said why', () => {
  assert.is(why('за послуги', {}, invoice(1)), 'noNumber');
  assert.is(why(numberOf(2), {}, invoice(1)), 'unknownNumber');
  assert.is(why(numberOf(1), { amount: 29_987 }, invoice(1)), 'partial');
  assert.is(why(numberOf(1), { amount: 29_989 }, invoice(1)), 'over');
  assert.is(why(numberOf(1), {}, invoice(1, { open: 9_988 })), 'over');
  assert.is(why(numberOf(1), {}, invoice(1, { open: 0 })), 'double');
  assert.is(why(numberOf(1), { currency: 'EUR' }, invoice(1)), 'foreignCurrency');
  assert.is(why(numberOf(1), { direction: 'debit' }, invoice(1)), 'debit');
  assert.is(why(numberOf(1), { reversal: true }, invoice(1)), 'reversal');
  assert.is(why(numberOf(1), { reversal: true, direction: 'debit' }, invoice(1)), 'reversal');
  assert.is(why(numberOf(1), { account: payerAccount }, invoice(1)), 'otherAccount');
  const known = { reference: 'R' };
  assert.equal(said(match([entry(numberOf(1), known)], [invoice(1)], ['R'])), ['sameReference']);
  assert.equal(said(match([entry(numberOf(1), { ...known, account: payerAccount })], [], ['R'])), [
    'otherAccount',
  ]);
});

test('a day to come, a purpose that was cut, more numbers than are looked at: each waits', () => {
  const due = invoice(1);
  assert.equal(why(numberOf(1), { day: '2026-11-06' }, due), [[numberOf(1), 29_988]]);
  assert.is(why(numberOf(1), { day: '2026-11-07' }, due), 'future');
  assert.is(why(`${numberOf(1)} та ${'x'.repeat(150)}…`, {}, due), 'longPurpose');
  const many = (count: number) => Array.from({ length: count }, (_, at) => invoice(at + 1, { open: 1 }));
  const named = (count: number): string =>
    many(count)
      .map(({ number }) => number)
      .join(' ');
  assert.is((why(named(20), { amount: 20 }, ...many(20)) as unknown[]).length, 20);
  assert.is(why(named(21), { amount: 21 }, ...many(21)), 'longPurpose');
  const much = 1_000_000_000_000;
  assert.is(why(numberOf(1), { amount: much }, invoice(1, { open: much })), 'over');
});

test('the same reference twice in one file, and an invoice paid twice', () => {
  const first = entry(numberOf(1), { reference: 'A' });
  assert.equal(said(match([first, first, { ...first, reference: 'B' }], [invoice(1)])), [
    [[numberOf(1), 29_988]],
    'sameReference',
    'double',
  ]);
  // Another account's references are its own.
  const matches = match([{ ...first, account: payerAccount }, first], [invoice(1)]);
  assert.equal(said(matches), ['otherAccount', [[numberOf(1), 29_988]]]);
});

test('several numbers: all known, of one customer, and just what is open of them together', () => {
  const both = `${numberOf(1)}, ${numberOf(2)}`;
  const two = [invoice(1), invoice(2, { open: 1_000 })] as const;
  assert.equal(why(both, { amount: 30_988 }, ...two), [
    [numberOf(1), 29_988],
    [numberOf(2), 1_000],
  ]);
  assert.is(why(both, { amount: 29_988 }, ...two), 'partial');
  assert.is(why(both, { amount: 30_989 }, ...two), 'over');
  assert.is(why(both, { amount: 29_988 }, invoice(1)), 'unknownNumber');
  assert.is(
    why(both, { amount: 30_988 }, invoice(1), invoice(2, { open: 1_000, customer: 'CU-2' })),
    'severalCustomers',
  );
  assert.is(
    why(both, { amount: 30_988 }, invoice(1), invoice(2, { open: 1_000, currency: 'EUR' })),
    'foreignCurrency',
  );
  assert.equal(why(both, { amount: 1_000 }, invoice(1, { open: 0 }), invoice(2, { open: 1_000 })), [
    [numberOf(2), 1_000],
  ]);
  assert.is(why(both, {}, invoice(1, { open: 0 }), invoice(2, { open: 0 })), 'double');
});

test('what can be read in two ways is never booked by the amount', () => {
  assert.is(why('SW-2026-123 456', {}, invoice(123)), 'unknownNumber');
  assert.is(why('SW-2026-123 456', {}, invoice(123_456)), 'unknownNumber');
  assert.is(why('SW-2026-123 456', {}, invoice(123), invoice(123_456)), 'partial');
});

test('what an entry pays is open no more for those after it', () => {
  const entries = [
    entry(`${numberOf(1)} ${numberOf(2)}`, { amount: 59_976 }),
    entry(numberOf(2)),
    entry(`${numberOf(2)} ${numberOf(3)}`),
  ];
  assert.equal(said(match(entries, [invoice(1), invoice(2), invoice(3)])), [
    [
      [numberOf(1), 29_988],
      [numberOf(2), 29_988],
    ],
    'double',
    [[numberOf(3), 29_988]],
  ]);
});

test('a statement with a bit of everything, from the file on', async () => {
  const file = readFileSync(new URL('fixtures/billing/statement-mixed.xml', import.meta.url));
  const { entries } = await readCamt053(inPieces(file));
  const matches = match(
    entries,
    [1, 2, 3, 4, 5, 6, 7].map((count) => invoice(count)),
  );
  assert.equal(said(matches), [
    [[numberOf(1), 29_988]],
    'double',
    'double',
    'partial',
    'over',
    'foreignCurrency',
    'unknownNumber',
    'noNumber',
    [
      [numberOf(5), 29_988],
      [numberOf(6), 29_988],
    ],
    'reversal',
    'debit',
  ]);
  // All their references are others' now.
  const references = entries.map(({ reference }) => reference);
  const again = match(
    entries,
    [1, 2, 3, 4, 5, 6, 7].map((count) => invoice(count)),
    references,
  );
  assert.equal(new Set(said(again)), new Set(['sameReference']));
});

test('whatever comes: no invoice is paid more than is open, and every entry has one outcome', () => {
  const count = fc.integer({ min: 1, max: 4 });
  const anyEntry = fc
    .record({
      counts: fc.array(count, { maxLength: 3 }),
      amount: fc.constantFrom(1, 2, 3, 4, 5),
      reference: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g'),
      currency: fc.constantFrom('UAH', 'UAH', 'UAH', 'EUR'),
      direction: fc.constantFrom('credit' as const, 'credit' as const, 'debit' as const),
      reversal: fc.boolean(),
    })
    .map(({ counts, ...more }) => entry(counts.map(numberOf).join(', '), more));
  fc.assert(
    fc.property(
      fc.array(anyEntry, { maxLength: 12 }),
      fc.array(fc.nat(3), { minLength: 4, maxLength: 4 }),
      (entries, opens) => {
        const invoices = opens.map((open, index) => invoice(index + 1, { open, total: 3 }));
        const matches = match(entries, invoices);
        assert.is(matches.length, entries.length);
        const paid = new Map<string, number>();
        const taken = new Set<string>();
        for (const one of matches) {
          if (one.outcome !== 'booked') continue;
          assert.not.ok(taken.has(one.entry.reference));
          taken.add(one.entry.reference);
          assert.is(one.entry.direction, 'credit');
          assert.is(
            one.payments.reduce((sum, { amount }) => sum + amount, 0),
            one.entry.amount,
          );
          for (const { number, amount } of one.payments) paid.set(number, (paid.get(number) ?? 0) + amount);
        }
        for (const { number, open } of invoices) assert.ok((paid.get(number) ?? 0) <= open);
      },
    ),
    { numRuns: 3_000 },
  );
});

test.run();
