import * as v from 'valibot';
import { parseIsoTime } from './time.ts';

/** What a value must look like, said once: the pattern, and the words for people when it does not fit. */
const matching = (pattern: RegExp, allowed: string) => v.pipe(v.string(allowed), v.regex(pattern, allowed));

/** An operation's id. Made and stored by the sender before sending; one id is one operation, for ever. */
export const operationId = matching(/^[A-Za-z0-9_-]{8,64}$/, '8 to 64 of A-Z a-z 0-9 _ -');

/** A box's id: `SW-` and 12 characters of Crockford's base32, made from the box's own key. */
export const boxId = matching(/^[A-Za-z0-9_-]{1,64}$/, '1 to 64 of A-Z a-z 0-9 _ -');

/** The name of a key (RFC 7515 §4.1.4). */
export const keyId = matching(/^[\x21-\x7e]{1,64}$/, '1 to 64 printable ASCII characters without blanks');

/** An RFC 3339 time with its offset, such as `2026-11-21T10:00:00.000Z`. */
export const timestamp = v.pipe(
  v.string('an RFC 3339 time'),
  v.check((text) => !Number.isNaN(parseIsoTime(text)), 'an RFC 3339 time such as 2026-11-21T10:00:00.000Z'),
);

/** The largest amount of ISO 8583 field 4: twelve digits of minor units. */
export const largestAmount = 999_999_999_999;

const integerBetween = (least: number, most: number, what: string) => {
  const allowed = `${what} from ${least} to ${most}`;
  return v.pipe(v.number(allowed), v.integer(allowed), v.minValue(least, allowed), v.maxValue(most, allowed));
};

/** A whole number with its limits in the message. */
export const integer = integerBetween;

/** Money: an integer of minor units (ISO 4217), never a float. */
export const amount = integerBetween(1, largestAmount, 'an integer of minor units');

/** A sum that may be nothing. */
export const amountOrZero = integerBetween(0, largestAmount, 'an integer of minor units');

/** An ISO 4217 alphabetic currency code. */
export const currency = matching(/^[A-Z]{3}$/, 'an ISO 4217 code of three capitals');

/** A merchant by its name in the box's config, or by its index on the terminal. */
export const merchant = v.pipe(
  v.string('a merchant name or index'),
  v.minLength(1, '1 to 64 characters'),
  v.maxLength(64, '1 to 64 characters'),
);

/** The sender's own reference, echoed. */
export const order = v.pipe(
  v.string('text of at most 64 characters'),
  v.maxLength(64, 'text of at most 64 characters'),
);

const callbackAllowed =
  'an absolute http:// or https:// URL of at most 1000 printable ASCII characters, without credentials or fragment';

/**
 * Where a browser is sent back to. Nothing in it that a URL parser (WHATWG URL §4.4) would read otherwise than it stands:
 * no backslash, no blank, no control character, and a host that is written out.
 */
export const callback = v.pipe(
  v.string(callbackAllowed),
  v.maxLength(1000, callbackAllowed),
  v.regex(/^https?:\/\/[A-Za-z0-9[][!$-;=?-[\]_a-z~]*$/, callbackAllowed),
  v.check(isPlainUrl, callbackAllowed),
);

function isPlainUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { username, password, hash } = new URL(text);
  return username === '' && password === '' && hash === '' && !/^[^/]*\/\/[^/?]*@/.test(text);
}

/** Retrieval reference number (ISO 8583 field 37). PrivatBank: 12 characters, 13 in its own example. */
export const rrn = matching(/^[A-Za-z0-9]{6,20}$/, '6 to 20 letters or digits');

/** The receipt's number on the terminal. */
export const invoice = matching(/^[0-9]{1,20}$/, '1 to 20 digits');

/** Authorisation code (ISO 8583 field 38). */
export const authCode = matching(/^[A-Za-z0-9]{1,10}$/, '1 to 10 letters or digits');

/** The number of a customer's instalment agreement with the bank. */
export const agreement = matching(/^[\p{L}\p{N}_./-]{1,40}$/u, '1 to 40 letters, digits or _ . / -');

/** Any of the given words. */
export const oneOf = <const Words extends readonly string[]>(words: Words) =>
  v.picklist(words, `one of ${words.join(', ')}`);

/** True or false. */
export const flag = v.boolean('true or false');

/** Text, or null where there is none. */
export const textOrNull = v.nullable(v.string());
