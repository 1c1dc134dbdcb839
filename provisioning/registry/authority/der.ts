/** As much of DER (ITU-T X.690) as a revocation list needs. */
import { parseIsoTime } from '../../../gateway/contract/time.ts';

const tags = {
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  sequence: 0x30,
  utcTime: 0x17,
  generalized: 0x18,
};

/** One value: tag, length, content. */
export function tagged(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.of(tag), lengthOf(content.length), content]);
}

// X.690 §10.1: the shortest form.
function lengthOf(length: number): Buffer {
  if (length < 128) return Buffer.of(length);
  const bytes = unsigned(length.toString(16));
  return Buffer.concat([Buffer.of(0x80 | bytes.length), bytes]);
}

const unsigned = (hex: string): Buffer => Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');

/** SEQUENCE, or SEQUENCE OF. */
export const sequence = (...parts: readonly Uint8Array[]): Buffer => tagged(tags.sequence, ...parts);

/** OCTET STRING around something. */
export const octets = (...parts: readonly Uint8Array[]): Buffer => tagged(tags.octetString, ...parts);

/** BIT STRING of whole bytes. */
export const bits = (bytes: Uint8Array): Buffer => tagged(tags.bitString, Buffer.of(0), bytes);

/** INTEGER of a number that is not negative, given in hexadecimal. */
export function integer(hex: string): Buffer {
  const digits = hex.replace(/^(00)+(?=..)/, '');
  const bytes = unsigned(digits);
  // X.690 §8.3.3: a first bit that is set would make it negative.
  return tagged(tags.integer, (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes);
}

/**
 * A time as certificates write it: two digits of the year until 2049, four afterwards (RFC 5280 §4.1.2.5).
 *
 * @param iso RFC 3339 in UTC
 */
export function time(iso: string): Buffer {
  const digits = `${iso.slice(0, 19).replace(/[-:T]/g, '')}Z`;
  return iso < '2050'
    ? tagged(tags.utcTime, Buffer.from(digits.slice(2)))
    : tagged(tags.generalized, Buffer.from(digits));
}

/** The values that stand one after the other in some bytes, read one at a time; ends at what cannot be read. */
export function* valuesIn(bytes: Uint8Array): Generator<{ tag: number; content: Uint8Array }> {
  for (let at = 0; at + 2 <= bytes.length; ) {
    const tag = bytes[at] ?? 0;
    const first = bytes[at + 1] ?? 0;
    const more = first < 128 ? 0 : first & 0x7f;
    if (more > 4) return;
    const start = at + 2 + more;
    const length =
      more === 0 ? first : bytes.subarray(at + 2, start).reduce((sum, byte) => sum * 256 + byte, 0);
    if (start + length > bytes.length) return;
    yield { tag, content: bytes.subarray(start, start + length) };
    at = start + length;
  }
}

/** Milliseconds since 1970 of a time as {@link time} writes it; NaN for anything else. */
export function timeIn({ tag, content }: { tag: number; content: Uint8Array }): number {
  if (tag !== tags.utcTime && tag !== tags.generalized) return Number.NaN;
  const digits = Buffer.from(content).toString('latin1');
  // RFC 5280 §4.1.2.5.1: two digits of a year below 50 are of this century.
  const full = tag === tags.generalized ? digits : `${digits < '50' ? '20' : '19'}${digits}`;
  return parseIsoTime(full.replace(/^(\d{4})(..)(..)(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z'));
}
