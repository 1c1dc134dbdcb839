/** What can be wrong with a pay link, in words. For people at the counter the page has its own. */
export const linkFaults = {
  tooLong: 'the link is longer than 32768 characters',
  notALink: 'this is no kassa-api, pay-api or print-api link: allowed: SCHEME://payNow?order=…',
  notPayable: 'this is a print-api link: the box takes payments by links',
  badCharacter:
    'there is a character in it that no link has: blanks, quotes, #, control characters, letters beyond ASCII',
  badEncoding: 'a %-sequence in it is cut off, or is no UTF-8',
  unnamed: 'there is a parameter without a name or a value: allowed: NAME=VALUE, joined by &',
  repeated: 'a parameter stands there twice',
  unknownParameter: 'a parameter that is not known; a callback with & in it must be percent-encoded',
  orderMissing: 'there is no order',
  orderMalformed: 'the order is no JWS in compact serialisation',
  orderTooLong: 'the order is longer than 16384 characters',
  resultMalformed: 'the result is no JWS in compact serialisation',
  callbackMalformed:
    'the callback is neither an http(s) URL without credentials and fragment, nor a pay link',
  tooDeep: 'callbacks are nested more than 4 deep',
} as const;

/** One of {@link linkFaults}. */
export type LinkFault = keyof typeof linkFaults;
