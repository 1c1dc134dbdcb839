import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { amountInWords } from '../provisioning/registry/billing/paper/amount-words.ts';
import {
  decimalText,
  exponentOf,
  minorUnits,
  shownAmount,
  unitsOf,
} from '../provisioning/registry/billing/paper/money.ts';
import { numberInEnglish } from '../provisioning/registry/billing/paper/words-en.ts';
import { formFor, numberInUkrainian } from '../provisioning/registry/billing/paper/words-uk.ts';

const test = suite('billing paper: amounts');

test('hryvnias in words, with their forms', () => {
  const said: readonly (readonly [number, string])[] = [
    [5, 'Нуль гривень 05 копійок'],
    [101, 'Одна гривня 01 копійка'],
    [242, 'Дві гривні 42 копійки'],
    [1_111, 'Одинадцять гривень 11 копійок'],
    [2_112, 'Двадцять одна гривня 12 копійок'],
    [11_400, 'Сто чотирнадцять гривень 00 копійок'],
    [100_100, 'Одна тисяча одна гривня 00 копійок'],
    [200_205, 'Дві тисячі дві гривні 05 копійок'],
    [1_200_023, 'Дванадцять тисяч гривень 23 копійки'],
    [34_567_891, 'Триста сорок п’ять тисяч шістсот сімдесят вісім гривень 91 копійка'],
    [100_000_000, 'Один мільйон гривень 00 копійок'],
    [200_100_200_100, 'Два мільярди один мільйон дві тисячі одна гривня 00 копійок'],
  ];
  for (const [amount, words] of said) assert.is(amountInWords(amount, 'UAH', 'uk'), words);
});

test('other languages and currencies', () => {
  assert.is(amountInWords(12_345, 'UAH', 'en'), 'One hundred twenty-three hryvnias and 45 kopiykas');
  assert.is(amountInWords(101, 'UAH', 'en'), 'One hryvnia and 01 kopiyka');
  assert.is(amountInWords(2_100, 'USD', 'uk'), 'Двадцять один долар США 00 центів');
  assert.is(amountInWords(20_001, 'EUR', 'uk'), 'Двісті євро 01 цент');
  assert.is(amountInWords(120_05, 'CHF', 'uk'), 'Сто двадцять CHF 05/100');
  assert.is(amountInWords(1_200, 'JPY', 'en'), 'One thousand two hundred JPY');
  assert.is(amountInWords(1_234, 'KWD', 'en'), 'One KWD 234/1000');
  assert.throws(() => amountInWords(100, 'XYZ', 'uk'), RangeError);
});

test('words are read back as the number that they say', () => {
  const digits = fc.bigInt({ min: 0n, max: 999_999_999_999_999_999n }).map(String);
  fc.assert(
    fc.property(digits, fc.constantFrom('masculine', 'feminine'), (number, gender) => {
      assert.is(readUkrainian(numberInUkrainian(number, gender)), BigInt(number));
      assert.is(readEnglish(numberInEnglish(number)), BigInt(number));
    }),
    { numRuns: 2_000 },
  );
});

test('the form of the noun follows the last digits, and never the number as a float', () => {
  const forms = ['один', 'два', 'п’ять'] as const;
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 10n ** 17n }), (number) => {
      const [ten, hundred] = [number % 10n, number % 100n];
      const isTeen = hundred > 10n && hundred < 15n;
      const expected = !isTeen && ten === 1n ? 0 : !isTeen && ten > 1n && ten < 5n ? 1 : 2;
      assert.is(formFor(String(number), forms), forms[expected]);
    }),
  );
});

test('amounts in figures are exact for every safe integer', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), fc.constantFrom('UAH', 'JPY', 'KWD', 'CLF'), (amount, currency) => {
      const exponent = exponentOf(currency) ?? 0;
      const text = decimalText(amount, currency);
      assert.is(BigInt(text.replace('.', '')), BigInt(amount));
      assert.is(text.split('.')[1]?.length ?? 0, exponent);
      assert.is(shownAmount(amount, currency, 'en').replaceAll(',', ''), text);
      assert.is(shownAmount(amount, currency, 'uk').replaceAll('\u00a0', '').replace(',', '.'), text);
      const [whole, decimals] = unitsOf(amount, currency);
      assert.is(minorUnits(whole, decimals, exponent, 'exact'), amount);
    }),
  );
  assert.is(shownAmount(123_456_789, 'UAH', 'uk'), '1\u00a0234\u00a0567,89');
  assert.is(shownAmount(99, 'UAH', 'en'), '0.99');
});

test('what is no amount is refused', () => {
  for (const amount of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])
    assert.throws(() => decimalText(amount, 'UAH'), RangeError);
  assert.is(minorUnits('9007199254740992', '', 0, 'exact'), null);
  assert.is(minorUnits('90071992547409', '91', 2, 'exact'), 2 ** 53 - 1);
  assert.is(minorUnits('1', '000', 2, 'exact'), null);
  assert.is(minorUnits('1', '000', 2, 'zerosMayFollow'), 100);
  assert.is(minorUnits('1', '001', 2, 'zerosMayFollow'), null);
  assert.is(minorUnits('0'.repeat(30), '5', 2, 'exact'), 50);
});

// The reverse, by adding up what each word is worth.
function readUkrainian(text: string): bigint {
  const worth: Record<string, bigint> = { нуль: 0n, одна: 1n, дві: 2n };
  const ones = 'один два три чотири п’ять шість сім вісім дев’ять десять одинадцять дванадцять тринадцять';
  `${ones} чотирнадцять п’ятнадцять шістнадцять сімнадцять вісімнадцять дев’ятнадцять`
    .split(' ')
    .forEach((word, index) => {
      worth[word] = BigInt(index + 1);
    });
  'двадцять тридцять сорок п’ятдесят шістдесят сімдесят вісімдесят дев’яносто'
    .split(' ')
    .forEach((word, index) => {
      worth[word] = BigInt(index + 2) * 10n;
    });
  'сто двісті триста чотириста п’ятсот шістсот сімсот вісімсот дев’ятсот'
    .split(' ')
    .forEach((word, index) => {
      worth[word] = BigInt(index + 1) * 100n;
    });
  const scales = ['тисяч', 'мільйон', 'мільярд', 'трильйон', 'квадрильйон'];
  return addUp(text.split(' '), worth, (word) => scales.findIndex((scale) => word.startsWith(scale)));
}

function readEnglish(text: string): bigint {
  const worth: Record<string, bigint> = { hundred: -1n };
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'
    .split(' ')
    .forEach((word, index) => {
      worth[word] = BigInt(index);
    });
  'twenty thirty forty fifty sixty seventy eighty ninety'.split(' ').forEach((word, index) => {
    worth[word] = BigInt(index + 2) * 10n;
  });
  const scales = ['thousand', 'million', 'billion', 'trillion', 'quadrillion'];
  return addUp(text.split(/[ -]/), worth, (word) => scales.indexOf(word));
}

function addUp(
  words: readonly string[],
  worth: Record<string, bigint>,
  scaleOf: (word: string) => number,
): bigint {
  let total = 0n;
  let group = 0n;
  for (const word of words) {
    const scale = scaleOf(word);
    const value = worth[word];
    if (scale >= 0) {
      total += group * 1000n ** BigInt(scale + 1);
      group = 0n;
    } else if (value === -1n) group *= 100n;
    else if (value === undefined) throw new Error(`no word: ${word}`);
    else group += value;
  }
  return total + group;
}

test.run();
