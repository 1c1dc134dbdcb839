/** Card data made in code, and the question whether any of it can still be read. */
import fc from 'fast-check';

/** Luhn's digit by the book, reckoned otherwise than in the code that is tested. */
export function withCheckDigit(head: string): string {
  const doubled = [0, 2, 4, 6, 8, 1, 3, 5, 7, 9];
  const sum = [...head].reverse().reduce((total, digit, at) => {
    const value = Number(digit);
    return total + (at % 2 === 0 ? (doubled[value] ?? 0) : value);
  }, 0);
  return `${head}${(10 - (sum % 10)) % 10}`;
}

/** Whether digits end with their check digit. */
export const passesByTheBook = (digits: string): boolean => withCheckDigit(digits.slice(0, -1)) === digits;

const digits = (length: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: length, maxLength: length });

/** A card number of 13 to 19 digits. */
export const anyPan = fc
  .integer({ min: 13, max: 19 })
  .chain((length) => digits(length - 1))
  .map(withCheckDigit);

/** An issuer's number, of which no 7 digits come up by chance in what a test says besides. */
export const cardPan = fc
  .tuple(fc.constantFrom('473117', '543211', '676398', '9804'), fc.integer({ min: 13, max: 19 }), digits(18))
  .map(([bin, length, more]) => withCheckDigit((bin + more).slice(0, length - 1)));

/** A number with at most one blank or dash between two digits. */
export const written = (pan: string): fc.Arbitrary<string> =>
  fc
    .array(fc.constantFrom('', '', ' ', '-'), { minLength: pan.length - 1, maxLength: pan.length - 1 })
    .map((between) => [...pan].map((digit, at) => digit + (between[at] ?? '')).join(''));

/** The longest piece of `pan` that can be read in the text beyond its first 6 and last 4 digits; '' when none. */
export function readable(pan: string, text: string): string {
  const plain = text.replace(/[ -]/g, '');
  for (let at = 0; at + 8 <= pan.length; at += 1) {
    const piece = pan.slice(at, at + 8);
    if (plain.includes(piece)) return piece;
  }
  return '';
}
