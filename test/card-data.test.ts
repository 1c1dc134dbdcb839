import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { maskFullPan, maskPan, passesLuhn, scrubText, shortText } from '../gateway/contract/card-data.ts';

const test = suite('card-data');

/** Luhn's digit by the book, reckoned otherwise than in the code that is tested. */
function withCheckDigit(head: string): string {
  const doubled = [0, 2, 4, 6, 8, 1, 3, 5, 7, 9];
  const sum = [...head].reverse().reduce((total, digit, at) => {
    const value = Number(digit);
    return total + (at % 2 === 0 ? (doubled[value] ?? 0) : value);
  }, 0);
  return `${head}${(10 - (sum % 10)) % 10}`;
}

const panOf = (length: number): string => withCheckDigit(`473117${'0'.repeat(length)}`.slice(0, length - 1));
const pan = withCheckDigit(`473117${'00'.repeat(3)}983`);
const masked = `${pan.slice(0, 6)}******${pan.slice(-4)}`;
const grouped = (digits: string, separator: string): string =>
  (digits.match(/.{1,4}/g) ?? []).join(separator);

/** A number of the given start of which no 13 to 19 digits in a row pass for a card. */
function numberThatFails(start: string, length: number): string {
  let number = start;
  while (number.length < length) {
    const next = [...'0123456789'].find((digit) =>
      [13, 14, 15, 16, 17, 18, 19].every(
        (size) => number.length + 1 < size || !passesLuhn((number + digit).slice(-size)),
      ),
    );
    // Each of the seven lengths rules out one digit, so that three are left.
    number += next ?? '';
  }
  return number;
}

test("Luhn's check", () => {
  assert.ok(passesLuhn(`7992739871${3}`), 'the example of ISO/IEC 7812-1');
  for (const digit of '012456789') assert.not.ok(passesLuhn(`7992739871${digit}`), digit);
  for (let length = 13; length <= 19; length += 1) assert.ok(passesLuhn(panOf(length)), `${length} digits`);
});

test("a terminal's masked number in one form, however it masks", () => {
  assert.is(maskPan('4731XXXXXXXX9838'), '4731********9838');
  assert.is(maskPan('4422********6333'), '4422********6333');
  assert.is(maskPan('473117XXXXXX9838'), '473117******9838');
  assert.is(maskPan('4731 17xx xxxx 9838'), '473117******9838');
  assert.is(maskPan('4731-17••-••••-9838'), '473117******9838');
  assert.is(maskPan('XXXXXXXXXXXX9838'), '************9838');
  assert.is(maskPan('9838'), '******9838');
});

test('a number in full is masked; of a field without digits nothing is told', () => {
  assert.is(maskPan(pan), masked);
  assert.is(maskPan(grouped(pan, ' ')), masked);
  assert.is(maskPan(grouped(pan, '-')), masked);
  assert.is(maskFullPan(pan), masked);
  for (let length = 13; length <= 19; length += 1) {
    const digits = panOf(length);
    assert.is(maskPan(digits), `${digits.slice(0, 6)}${'*'.repeat(length - 10)}${digits.slice(-4)}`);
  }
  for (const field of ['', '   ', 'XXXX', '****', '-']) assert.is(maskPan(field), null, field);
});

test('a track in the field of the number does not show its expiry', () => {
  for (const separator of ['=', 'D', 'd', '^'])
    assert.is(maskPan(`${pan}${separator}2512201`), masked, separator);
  assert.is(maskPan(`${pan}251220112345`), null, 'longer than any card number');
});

test('card numbers of 13 to 19 digits keep their first 6 and last 4', () => {
  for (let length = 13; length <= 19; length += 1) {
    const digits = panOf(length);
    const clean = scrubText(`CARD ${digits} OK`);
    const shown = `${digits.slice(0, 6)}${'*'.repeat(length - 10)}${digits.slice(-4)}`;
    // A shorter window within it may pass too; then less of it stays.
    assert.match(clean, /^CARD \d{1,6}\*+\d{0,4} OK$/, clean);
    assert.is(clean.length, `CARD ${shown} OK`.length);
  }
  assert.is(scrubText(`CARD ${pan} OK`), `CARD ${masked} OK`);
});

test('a number in groups keeps its shape', () => {
  const spaced = (separator: string) => grouped(masked, separator);
  assert.is(scrubText(`PAN: ${grouped(pan, ' ')}.`), `PAN: ${spaced(' ')}.`);
  assert.is(scrubText(`PAN: ${grouped(pan, '-')}.`), `PAN: ${spaced('-')}.`);
});

test('a number glued to other digits does not get away', () => {
  for (const [before, after] of [
    ['1', ''],
    ['', '7'],
    ['000', '00'],
    ['12345678901234567890', ''],
    ['', '9876543210987654321'],
    ['2026 ', ' 12'],
  ] as const)
    assert.not.match(scrubText(`${before}${pan}${after}`).replace(/[ -]/g, ''), pan.slice(0, 13));
});

test('magnetic tracks go whole: number, name, expiry and the rest', () => {
  const rest = '2512201000000000';
  for (const track of [
    `%B${pan}^PETRENKO/IVAN^${rest}?`,
    `B${pan}^PETRENKO/IVAN^${rest}`,
    `b${masked}^PETRENKO/IVAN^${rest}?`,
    `;${pan}=${rest}?`,
    `${pan}=${rest}`,
    `${pan}D${rest}`,
    `12345678901234567890${pan}=${rest}`,
    `${pan}111111111111111111=${rest}`,
  ]) {
    const clean = scrubText(`A ${track} B`);
    assert.not.match(clean, /PETRENKO|2512|4731/, track);
    assert.match(clean, /^A .*\[removed\]/);
  }
});

test('a track with a short rest still loses its number', () => {
  assert.not.match(scrubText(`;${pan}=25?`), pan);
});

test('reference numbers, receipt numbers, sums and dates stay', () => {
  const text = [
    'RRN 083998389823',
    'ЧЕК 1923984010',
    'СУМА 100.50 UAH',
    '21.11.2026 10:00:20',
    'ТЕРМІНАЛ S1260S6Y',
    'КОД АВТ. 483920',
  ].join('\n');
  assert.is(scrubText(text), text);
});

test('long numbers that pass no check stay', () => {
  for (const digits of [
    numberThatFails('0839983898', 13),
    numberThatFails('1923984010', 16),
    numberThatFails('21322313', 19),
    numberThatFails('2132231', 27),
  ])
    assert.is(scrubText(`UA${digits}`), `UA${digits}`);
});

test("the holder's name goes, in any case and in both orders", () => {
  const names = ['PETRENKO/IVAN', 'petrenko/ivan', 'Ivan Petrenko', 'PETRENKO, IVAN'];
  const written = ['PETRENKO/IVAN', 'IVAN PETRENKO', 'Petrenko Ivan', 'ivan  petrenko', 'PETRENKO', 'Ivan'];
  for (const name of names)
    for (const form of written)
      assert.not.match(scrubText(`HOLDER: ${form}; SUM 5`, [name]), /petrenko|ivan/i, `${name} as ${form}`);
});

test('a name of short parts goes in both orders, too', () => {
  for (const name of ['LI/AN', 'LI AN', 'AN LI'])
    for (const form of ['LI/AN', 'LI AN', 'AN LI', 'an/li'])
      assert.is(scrubText(`[${form}]`, [name]), '[*****]', `${name} as ${form}`);
  assert.is(scrubText('[ANNA VAN DER BERG]', ['VAN DER BERG/ANNA']), `[${'*'.repeat(17)}]`);
  assert.is(scrubText('[AN LI DE LA CRUZ]', ['DE LA CRUZ/AN LI']), `[${'*'.repeat(16)}]`);
  assert.not.match(scrubText('ШЕВЧЕНКО ТАРАС', ['Шевченко/Тарас']), /[А-Я]/);
});

test('a name goes as a word of its own only, and may hold signs of a pattern', () => {
  assert.is(scrubText('MARKET SMARTPHONE', ['MAR/ART']), 'MARKET SMARTPHONE');
  assert.is(scrubText('MAR, ART.', ['MAR/ART']), '********.');
  for (const name of ["O'BRIEN", 'A.B.C', '(((', '[a-z]+', '$&$1', '\\d\\d\\d', 'x|y|z', '^^^'])
    assert.not.match(scrubText(`a ${name} b`, [name]), name.slice(1, -1).padEnd(3, '\0'), name);
  assert.is(scrubText('nothing', ['', ' ', '/', 'a', 'no']), 'nothing');
});

test('short text is one line, scrubbed before it is cut', () => {
  assert.is(shortText(' a\r\n\tb  c '), 'a b c');
  assert.is(shortText('x'.repeat(300)).length, 200);
  assert.is(shortText('x'.repeat(10), 10), 'x'.repeat(10));
  assert.is(shortText('x'.repeat(11), 10), `${'x'.repeat(9)}…`);
  // Cut first, the number's first 12 digits would not be known for what they are.
  assert.not.match(shortText(`12345678 ${pan}`, 22), pan.slice(0, 7));
});

// Each would take hours with a pattern that tries every start against every end.
const megabyte = 1_000_000;
const hostile: [name: string, unit: string][] = [
  ['digits that pass no check', '1'],
  ['digits that pass everywhere', '0'],
  ['digits and blanks', '1 '],
  ['digits and hyphens', '1-'],
  ['track starts', 'B123456789^'],
  ['masked track starts', 'B********'],
  ['carets', '^'],
  ['almost tracks', '123456789012D'],
  ['tracks', `;${'4'.repeat(16)}=2512?`],
  ['almost numbers', '123456789012x'],
  ['names', 'PETRENKO '],
  ['half names', 'PETRENKO/'],
  ['blanks', ' '],
];
for (const [name, unit] of hostile)
  test(`a megabyte of ${name} comes to an end`, () => {
    const text = unit.repeat(Math.ceil(megabyte / unit.length)).slice(0, megabyte);
    const clean = scrubText(text, ['PETRENKO/IVAN', 'A B C']);
    assert.ok(clean.length > 0 && clean.length <= text.length + 100);
    assert.ok((maskPan(text) ?? '').length <= 19);
    assert.ok(shortText(text.slice(0, 50_000)).length <= 200);
  });

test.run();
