import * as v from 'valibot';
import { passesLuhn, scrubText } from './card-data.ts';
import { flag, integer, largestAmount, oneOf } from './primitives.ts';

/** What one document may hold at most. Each is far more than a receipt needs, and a bound on paper and time. */
export const documentLimits = {
  elements: 200,
  textCharacters: 500,
  feedLines: 60,
  qrCodes: 4,
  qrBytes: 500,
  logos: 2,
  cuts: 8,
  logoWidth: 512,
  logoHeight: 256,
  logoPixels: 65_536,
} as const;

// Line ends and escape sequences have no place in a text: what a printer does is said by elements alone.
const plainText = /^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}]*$/u;

const words = (most: number, what = 'text') => {
  const allowed = `${what} of at most ${most} characters, without control characters`;
  return v.pipe(v.string(allowed), v.maxLength(most, allowed), v.regex(plainText, allowed));
};

/** Text as it is kept and printed: a card number in it is masked. */
const masked = (most: number, what?: string) =>
  v.pipe(
    words(most, what),
    v.transform((text) => scrubText(text)),
  );

const size = v.optional(integer(1, 2, 'a size'), 1);
const bold = v.optional(flag, false);
const signedAmount = integer(-largestAmount, largestAmount, 'an integer of minor units');

const text = v.strictObject({
  kind: v.literal('text'),
  text: masked(documentLimits.textCharacters),
  align: v.optional(oneOf(['left', 'center', 'right']), 'left'),
  bold,
  size,
});

const quantityAllowed = 'a quantity as text, such as "2" or "0.350"';
const item = v.strictObject({
  kind: v.literal('item'),
  name: masked(documentLimits.textCharacters, 'a name'),
  quantity: v.optional(
    v.pipe(v.string(quantityAllowed), v.regex(/^\d{1,7}([.,]\d{1,3})?$/, quantityAllowed)),
  ),
  /** Of one unit; printed beside the quantity. */
  price: v.optional(signedAmount),
  sum: signedAmount,
});

const total = v.strictObject({
  kind: v.literal('total'),
  label: masked(64, 'a label'),
  sum: signedAmount,
  bold,
  size,
});

const rule = v.strictObject({ kind: v.literal('rule'), double: v.optional(flag, false) });
const feed = v.strictObject({ kind: v.literal('feed'), lines: v.optional(integer(1, 10, 'lines'), 1) });
const cut = v.strictObject({ kind: v.literal('cut') });

const qrAllowed = `text of 1 to ${documentLimits.qrBytes} bytes in UTF-8, without control characters`;
const cardAllowed = 'no card number (13 to 19 digits that pass Luhn)';
const qr = v.strictObject({
  kind: v.literal('qr'),
  text: v.pipe(
    v.string(qrAllowed),
    v.minLength(1, qrAllowed),
    v.regex(plainText, qrAllowed),
    v.maxLength(documentLimits.qrBytes, qrAllowed),
    v.check((text) => Buffer.byteLength(text) <= documentLimits.qrBytes, qrAllowed),
    // Masked it would be another code: it is refused. Longer runs, such as the digits of an IBAN, are none.
    v.check((text) => !(text.match(/\d{13,}/g) ?? []).some(isCardNumber), cardAllowed),
  ),
});

const isCardNumber = (digits: string): boolean => digits.length <= 19 && passesLuhn(digits);

const logoAllowed = `at most ${documentLimits.logoPixels} dots`;
const bitsAllowed = 'base64 of width × height / 8 bytes';
const logo = v.strictObject({
  kind: v.literal('logo'),
  logo: v.pipe(
    v.strictObject({
      /** Dots; a multiple of 8. */
      width: v.pipe(integer(8, documentLimits.logoWidth, 'dots'), v.multipleOf(8, 'a multiple of 8 dots')),
      height: integer(1, documentLimits.logoHeight, 'dots'),
      /** Rows from the top, in each the leftmost dot first, as the highest bit; 1 is black. */
      bits: v.pipe(v.string(bitsAllowed), v.base64(bitsAllowed)),
    }),
    v.check(({ width, height }) => width * height <= documentLimits.logoPixels, logoAllowed),
    v.check(({ width, height, bits }) => bytesOf(bits) === (width * height) / 8, bitsAllowed),
  ),
});

const bytesOf = (base64: string): number => (base64.length * 3) / 4 - (/=*$/.exec(base64)?.[0].length ?? 0);

/** One thing on the paper. */
export const printElementSchema = v.variant(
  'kind',
  [text, item, total, rule, feed, qr, logo, cut],
  'one of the kinds text, item, total, rule, feed, qr, logo, cut',
);

/** One element of a document, defaults filled in. */
export type PrintElement = v.InferOutput<typeof printElementSchema>;

/** What may be on one document as a whole. */
const bounded: readonly [name: string, most: number, count: (one: PrintElement) => number][] = [
  ['lines of feed', documentLimits.feedLines, (one) => (one.kind === 'feed' ? one.lines : 0)],
  ['QR codes', documentLimits.qrCodes, (one) => (one.kind === 'qr' ? 1 : 0)],
  ['logos', documentLimits.logos, (one) => (one.kind === 'logo' ? 1 : 0)],
  ['cuts', documentLimits.cuts, (one) => (one.kind === 'cut' ? 1 : 0)],
];

const isBounded = (elements: PrintElement[]): boolean =>
  bounded.every(([, most, count]) => elements.reduce((sum, one) => sum + count(one), 0) <= most);

const listAllowed = `a list of 1 to ${documentLimits.elements} elements`;

/** What a shop has printed: its own receipt, line by line. */
export const printDocumentSchema = v.pipe(
  v.array(printElementSchema, listAllowed),
  v.minLength(1, listAllowed),
  v.maxLength(documentLimits.elements, listAllowed),
  v.check(isBounded, `at most ${bounded.map(([name, most]) => `${most} ${name}`).join(', ')}`),
);

/** A document, defaults filled in and card numbers masked. */
export type PrintDocument = v.InferOutput<typeof printDocumentSchema>;
