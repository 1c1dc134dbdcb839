/** Card data in any text: at most the first 6 and last 4 digits of a number stay, and everything else as it was. */
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { maskPan, scrubText, shortText } from '../../gateway/contract/card-data.ts';
import { scrubTerminalText } from '../../gateway/terminal/privat-json/terminal-text.ts';
import { anyPan, passesByTheBook, written } from './cards.ts';
import { hostile } from './inputs.ts';
import { anyText } from './json.ts';

const test = suite('hostile: card data');

const numberish = fc.string({
  unit: fc.constantFrom(...'0123456789', ' ', '-', '\n', 'x', '.'),
  maxLength: 45,
});
const zeros = fc
  .tuple(fc.constantFrom('0', '1', '18'), fc.integer({ min: 1, max: 40 }))
  .map(([unit, times]) => unit.repeat(times));
const anyNumber = anyPan.chain(written);
const noise = fc.oneof(
  fc.string({ maxLength: 20 }),
  numberish,
  fc.string({ unit: fc.constantFrom(...'0123456789 -=^D?;%B*X\n'), maxLength: 40 }),
);

/** Places of digits that must not be shown, by the rule alone: within 13 to 19 digits that pass, all but 6 and 4. */
function hiddenPlaces(text: string): Set<number> {
  const hidden = new Set<number>();
  for (const run of text.matchAll(/\d(?:[ -]?\d)*/g)) {
    const places = run[0].split('').flatMap((one, at) => (/\d/.test(one) ? [run.index + at] : []));
    const digits = places.map((at) => text[at]).join('');
    for (let length = 13; length <= 19; length += 1)
      for (let start = 0; start + length <= digits.length; start += 1)
        if (passesByTheBook(digits.slice(start, start + length)))
          for (const at of places.slice(start + 6, start + length - 4)) hidden.add(at);
  }
  return hidden;
}

// Nothing in it looks like a track: those are taken out whole.
const trackless = fc
  .array(fc.oneof(anyNumber, numberish, zeros, fc.string({ maxLength: 12 })), { maxLength: 5 })
  .map((parts) => parts.join('').replace(/[=^D]/gi, '.'));

hostile(
  test,
  'what the rule hides is hidden, place by place; a text without card numbers stays as it is',
  fc.property(trackless, (text) => {
    const clean = scrubText(text);
    assert.is(clean.length, text.length);
    const hidden = hiddenPlaces(text);
    if (hidden.size === 0) assert.is(clean, text);
    for (const [at, one] of text.split('').entries()) {
      if (hidden.has(at)) assert.is(clean[at], '*', `${at} of ${JSON.stringify(text)}`);
      else assert.ok(clean[at] === one || (clean[at] === '*' && /\d/.test(one)));
    }
  }),
);

/** The longest run of the number's own digits, in their places, that can be read in the text. */
function longestRunOf(digits: string, text: string): number {
  const plain = text.replace(/[ -]/g, '');
  for (let length = digits.length; length > 0; length -= 1)
    for (let at = 0; at + length <= digits.length; at += 1)
      if (plain.includes(digits.slice(at, at + length))) return length;
  return 0;
}

hostile(
  test,
  'no number gets through, in whatever text and with whatever separators',
  fc.property(
    anyPan.chain((digits) => fc.tuple(fc.constant(digits), written(digits))),
    noise,
    noise,
    ([digits, text], before, after) => {
      const own = scrubText(text).replace(/[ -]/g, '');
      // A shorter number within it may pass, too: then less of it stays.
      assert.match(own, /^\d{0,6}\*[\d*]*\*\d{0,4}$/);
      assert.ok(longestRunOf(digits, own) <= 6);
      // The noise may hold digits of its own that happen to continue the first 6 or the last 4.
      for (const clean of [
        scrubText(before + text + after),
        scrubTerminalText(before + text + after, []),
        shortText(before + text + after, 60),
      ])
        assert.ok(longestRunOf(digits, clean) < 13, clean);
    },
  ),
);

hostile(
  test,
  'a field of the number shows at most its first 6 and last 4 digits, whatever else is in it',
  fc.property(
    fc.oneof(
      anyPan,
      fc.tuple(noise, anyPan, noise).map((parts) => parts.join('')),
      anyText,
    ),
    (text) => {
      const masked = maskPan(text);
      if (masked === null) return;
      assert.match(masked, /^[\d*]{0,6}\**[\d*]{0,4}$/);
      assert.ok(masked.length <= 19 && masked.includes('*'));
    },
  ),
);

const holders = fc.constantFrom(
  [],
  ['PETRENKO/IVAN'],
  ['LI AN'],
  ['XX X'],
  ['(((', '$&'],
  ['VAN DER BERG/ANNA'],
);

hostile(
  test,
  'scrubbing twice is scrubbing once, and no name is left',
  fc.property(
    fc.array(
      fc.oneof(
        noise,
        anyNumber,
        fc.constantFrom('PETRENKO', ' IVAN', 'LI/AN', 'ANNA VAN DER BERG', 'CARDHOLDER: ', 'EXP 09/27', '\n'),
      ),
      { maxLength: 6 },
    ),
    holders,
    (parts, secrets) => {
      const text = parts.join('');
      const once = scrubText(text, secrets);
      assert.is(scrubText(once, secrets), once);
      const terminals = scrubTerminalText(text, secrets);
      assert.is(scrubTerminalText(terminals, secrets), terminals);
      const line = shortText(text, 50);
      assert.ok(line.length <= 50 && !/[\n\r\t]/.test(line));
      for (const name of secrets) assert.not.ok(` ${once} `.includes(` ${name} `), once);
    },
  ),
);

test.run();
