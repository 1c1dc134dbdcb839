import { type KeyObject, sign } from 'node:crypto';
import { isoTime } from '../../../gateway/contract/time.ts';
import { SwipeError } from '../../../gateway/seams/error.ts';
import { bits, integer, octets, sequence, tagged, time, timeIn, valuesIn } from './der.ts';
import type { Validity } from './validity.ts';
import { blocksOf, pemOf } from './x509.ts';

/** Who signs a revocation list. */
export interface CrlIssuer {
  /** The CA's name, as its certificate has it (DER). */
  name: Uint8Array;
  /** The CA's subject key identifier. */
  keyId: Uint8Array;
  key: KeyObject;
}

/** What a revocation list says. */
export interface CrlContent {
  revoked: readonly { serial: string; revokedAtMs: number }[];
  number: number;
  thisUpdateMs: number;
  nextUpdateMs: number;
}

// DER of the identifiers: ecdsa-with-SHA256 (RFC 5758 §3.2), authorityKeyIdentifier and cRLNumber (RFC 5280 §4.2.1.1, §5.2.3).
const ecdsaWithSha256 = sequence(Buffer.from('06082a8648ce3d040302', 'hex'));
const authorityKeyIdentifier = Buffer.from('0603551d23', 'hex');
const crlNumber = Buffer.from('0603551d14', 'hex');
const version2 = integer('01');

/**
 * A signed revocation list (RFC 5280 §5), as a PEM block. Written here because the library's generator compares each
 * entry with all before it, 6 s for 10,000, and adds to each an empty list of extensions, which §5.1 does not allow.
 */
export function makeCrl({ name, keyId, key }: CrlIssuer, content: CrlContent): string {
  const { number, thisUpdateMs, nextUpdateMs } = content;
  // A repeated serial would be no fault, but nothing that a reader must expect.
  const revoked = new Map(content.revoked.map((entry) => [entry.serial, entry.revokedAtMs]));
  const entries = Array.from(revoked, ([serial, revokedAtMs]) =>
    sequence(integer(serial), time(isoTime(revokedAtMs))),
  );
  const extensions = sequence(
    sequence(authorityKeyIdentifier, octets(sequence(tagged(0x80, keyId)))),
    sequence(crlNumber, octets(integer(number.toString(16)))),
  );
  const list = sequence(
    version2,
    ecdsaWithSha256,
    name,
    time(isoTime(thisUpdateMs)),
    time(isoTime(nextUpdateMs)),
    // §5.1.2.6: absent when nothing is revoked.
    ...(entries.length === 0 ? [] : [sequence(...entries)]),
    tagged(0xa0, extensions),
  );
  return pemOf('X509 CRL', sequence(list, ecdsaWithSha256, bits(sign('sha256', list, key))));
}

/**
 * From when to when published lists are valid: all of them together, so the shortest time of each.
 *
 * @throws SwipeError `registryUnfit` when there is none, or one cannot be read
 */
export function crlValidity(pem: string): Validity {
  const lists = blocksOf('X509 CRL', pem).map(readList);
  if (lists.length === 0) throw new SwipeError('registryUnfit', 'there is no revocation list in the file');
  return {
    notBeforeMs: Math.max(...lists.map((list) => list.notBeforeMs)),
    notAfterMs: Math.min(...lists.map((list) => list.notAfterMs)),
  };
}

// The library reads no list of more than some 2500 entries.
function readList(der: Uint8Array): Validity {
  const [list] = valuesIn(der);
  const [content] = valuesIn(list?.content ?? new Uint8Array());
  const times: number[] = [];
  for (const value of valuesIn(content?.content ?? new Uint8Array())) {
    const timeMs = timeIn(value);
    if (!Number.isNaN(timeMs)) times.push(timeMs);
    if (times.length === 2) break;
  }
  const [notBeforeMs, notAfterMs] = times;
  if (notBeforeMs === undefined || notAfterMs === undefined)
    throw new SwipeError('registryUnfit', 'a revocation list cannot be read');
  return { notBeforeMs, notAfterMs };
}
