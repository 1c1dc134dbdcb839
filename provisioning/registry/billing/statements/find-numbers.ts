import { numberText } from '../rules/numbers.ts';
import { folded } from './look-alikes.ts';

// Between the parts of a number, and within its digits: what people and banks put there.
const separator = '[\\s\\p{Pd}\\u2212_./\\\\#]{0,3}';
const groups = '(?:[\\s\\p{Pd}\\u2212]\\d{1,6}(?!\\d)){0,3}';

/** Banks cut a purpose at 140 characters (`Ustrd`), at 160, at 420: a number at the end of such a text may be cut, too. */
const cutFrom = 130;

/**
 * The document numbers in a free text, as they are written on the documents (`SW-2026-000123`), each once, in the order
 * of the text. Found with letters in lower case or of the other alphabet, with other signs between the parts or none, and
 * with leading zeros missing. What can be read in two ways gives both, and what may be a piece of a number gives
 * none: whoever books money by the result may not be wrong.
 *
 * @param prefixes What the numbers that are looked for begin with, such as `SW`.
 */
export function findNumbers(text: string, prefixes: readonly string[]): string[] {
  const looked = folded(
    text
      .replace(/\p{Cf}/gu, '')
      .replaceAll('№', ' ')
      .normalize('NFKC'),
  ).trimEnd();
  const found = prefixes.flatMap((prefix) =>
    [...looked.matchAll(formOf(prefix))].map((match) => ({
      at: match.index,
      numbers: readingsOf(match, looked).map((digits) =>
        numberText({ prefix, year: Number(match[1]), count: Number(digits) }),
      ),
    })),
  );
  return [...new Set(found.sort((a, b) => a.at - b.at).flatMap(({ numbers }) => numbers))];
}

function formOf(prefix: string): RegExp {
  const letters = folded(prefix)
    .split(/[^\p{L}\p{N}]+/u)
    .join(separator);
  return new RegExp(
    `(?<![\\p{L}\\p{N}])${letters}${separator}(20\\d\\d)(${separator})(\\d{1,9})(?!\\d)(${groups})`,
    'gu',
  );
}

/** What the digits of a number may be: one reading, several, or none. */
function readingsOf(match: RegExpExecArray, looked: string): string[] {
  const [all, , between = '', first = '', more = ''] = match;
  const mayBeCut = looked.length >= cutFrom && match.index + all.length === looked.length;
  const isWhole = (digits: string): boolean =>
    Number(digits) > 0 && (digits.length === 6 || (digits.length > 6 && !digits.startsWith('0')));
  if (first.length >= 6)
    return isWhole(first) && !(mayBeCut && more === '' && !first.startsWith('0')) ? [first] : [];
  // Two digits after a year are as well a month: `SW 2026-10` may be what somebody calls October.
  if (first.length < 3 && !first.startsWith('0')) return [];
  const readings: string[] = [];
  let digits = '';
  for (const group of [first, ...more.split(/\D+/).filter((part) => part !== '')]) {
    digits += group;
    if (digits.length > 6) break;
    if (digits.length === 6) readings.push(...(isWhole(digits) ? [digits] : []));
    else if (between !== '' && !digits.startsWith('0') && !mayBeCut) readings.push(digits);
  }
  return readings;
}
