import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { findNumbers } from '../provisioning/registry/billing/statements/find-numbers.ts';

const test = suite('billing statements: numbers in purposes');

const find = (text: string): string[] => findNumbers(text, ['SW', 'SWC', 'РХ']);
const one = ['SW-2026-000123'];

test('as people write them', () => {
  for (const text of [
    'SW-2026-000123',
    'Оплата за послуги, рахунок № SW-2026-000123 від 01.11.2026, у т.ч. ПДВ 20% 49.98 грн',
    'payment for invoice sw-2026-000123',
    'рах.sw2026000123 без пдв',
    'SW 2026 000123',
    'SW–2026—000123',
    'SW-2026/000123;',
    '№SW-2026-000123',
    'SW№2026-000123',
    '(SW_2026_000123)',
    'SW - 2026 - 000123',
    'SW-2026-000 123',
    'SW-2026-000-123',
    'S\u200bW-2026-000\u00ad123',
    'ＳＷ-２０２６-０００１２３',
    'Ѕԝ-2026-000123',
    'SW-2026-000123, SW-2026-000123',
    'SW-2026-123',
    'SW 2026 123 від 01.11.2026',
    'SW-2026-000123.00',
    'SW-2026-000123 200,00',
  ])
    assert.equal(find(text), one, text);
});

test('letters of the other alphabet', () => {
  for (const text of ['РХ-2026-000007', 'PX-2026-000007', 'pх 2026 000007', 'Рx-2026-000 007'])
    assert.equal(find(text), ['РХ-2026-000007'], text);
  assert.equal(findNumbers('авекмнорстухі-2026-000001', ['ABEKMHOPCTYXI']), ['ABEKMHOPCTYXI-2026-000001']);
  assert.equal(find('SWС-2026-000004 (кириличне С)'), ['SWC-2026-000004']);
});

test('several, in their order', () => {
  assert.equal(find('SW-2026-000002 та SW-2026-000001, SWC-2026-000003'), [
    'SW-2026-000002',
    'SW-2026-000001',
    'SWC-2026-000003',
  ]);
});

test('what is none', () => {
  for (const text of [
    '',
    'Оплата за послуги',
    'рахунок 000123 від 01.11.2026',
    'SW-000123',
    'SW-1926-000123',
    'SW-2026-000000',
    'SW-2026-0',
    'XSW-2026-000123',
    '1SW-2026-000123',
    'рSW-2026-000123',
    'SWX-2026-000123',
    'SW-2026-0001234',
    'SW-2026-00123',
    'SW-2026-0001230112026',
    'SW-2026-1234567890123',
    'SW-20260001',
    'SW2026123',
    'SW-2026-',
    'SW----2026-000123',
    'S W-2026-000123',
    'SW-2O26-000123',
  ])
    assert.equal(find(text), [], text);
});

test('above 999,999 there are more digits', () => {
  assert.equal(find('SW-2026-1000001'), ['SW-2026-1000001']);
  assert.equal(find('SW20261000001'), ['SW-2026-1000001']);
});

test('what can be read in two ways gives both', () => {
  assert.equal(find('SW-2026-123 200,00 грн'), ['SW-2026-000123', 'SW-2026-123200']);
  assert.equal(find('SW-2026-123 01.11.2026'), ['SW-2026-000123', 'SW-2026-012301']);
});

test('one or two digits after the year may be a month, and are no number', () => {
  for (const text of ['абонплата SW 2026-10', 'SW-2026/10', 'SW 2026 10 міс', 'SW-2026-7', 'SW-2026-12 345'])
    assert.equal(find(text), [], text);
});

test('what the bank may have cut off at the end of a long text is none', () => {
  const long = `${'Оплата за послуги '.repeat(8)}SW-2026-`;
  assert.ok(long.length >= 130);
  assert.equal(find(`${long}000123`), one);
  assert.equal(find(`${long}123`), []);
  assert.equal(find(`${long}123456`), []);
  assert.equal(find(`${long}123 без ПДВ`), one);
});

test('any noise around and within: the number is found, and no other one', () => {
  const alike: Record<string, string> = { S: 'SsЅѕ', W: 'WwԜԝ' };
  const number = fc.integer({ min: 1, max: 2_500_000 });
  const sign = fc.constantFrom('-', '–', '—', ' ', '/', '', ' - ', '.', '_');
  const words = fc.constantFrom(
    'Оплата',
    'рахунок',
    'від 01.11.2026',
    'invoice',
    '№',
    'ПДВ 20%',
    'грн.',
    'zgidno dogovoru 17',
    '',
  );
  fc.assert(
    fc.property(
      number,
      fc.integer({ min: 2020, max: 2099 }),
      fc.tuple(sign, sign),
      fc.tuple(words, words),
      fc.tuple(fc.nat(3), fc.nat(3)),
      (count, year, [first, second], [before, after], looks) => {
        const letters = ['S', 'W']
          .map((letter, index) => alike[letter]?.[looks[index] ?? 0] ?? letter)
          .join('');
        const digits = String(count).padStart(6, '0');
        const text = `${before} ${letters}${first}${year}${second}${digits}, ${after}`;
        assert.equal(findNumbers(text, ['SW']), [`SW-${year}-${digits}`], text);
      },
    ),
    { numRuns: 5_000 },
  );
});

test('one digit changed is another number or none, never the same', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 999_999 }), fc.nat(9), fc.nat(9), (count, at, digit) => {
      const plain = `2026${String(count).padStart(6, '0')}`;
      const changed = `${plain.slice(0, at)}${digit}${plain.slice(at + 1)}`;
      const number = `SW-2026-${plain.slice(4)}`;
      const found = findNumbers(`SW${changed}`, ['SW']);
      assert.is(found.includes(number), changed === plain);
    }),
  );
});

test('5,000 texts of anything: an end in short time, and numbers in form', () => {
  const piece = fc.constantFrom(
    'SW',
    'ЅW',
    '-',
    ' ',
    '2026',
    '000',
    '1',
    '12',
    '999999',
    '№',
    '–',
    'а',
    '\u0301',
    '\u202e',
    '𝟙',
  );
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.array(piece, { maxLength: 400 }).map((pieces) => pieces.join('')),
  );
  fc.assert(
    fc.property(text, (one) => {
      for (const number of findNumbers(one, ['SW', 'SWC'])) assert.match(number, /^SWC?-20\d\d-\d{6,9}$/);
    }),
    { numRuns: 5_000 },
  );
  for (const one of ['SW-2026-'.repeat(2_000), `SW${' '.repeat(20_000)}`, 'SW-2026-1 2 3 4 '.repeat(1_000)])
    assert.ok(findNumbers(one, ['SW']).length < 10);
});

test.run();
