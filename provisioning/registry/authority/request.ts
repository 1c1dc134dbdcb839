import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { SwipeError } from '../../../gateway/seams/error.ts';
import { sequence, valuesIn } from './der.ts';

/** The longest signing request in characters of its PEM; one for P-256 has about 500. */
export const requestMaxLength = 8192;

const form =
  /^\s*-----BEGIN CERTIFICATE REQUEST-----\r?\n([A-Za-z0-9+/=\r\n]+)-----END CERTIFICATE REQUEST-----\s*$/;

// The DER of a P-256 key up to its 64 bytes (RFC 5480 §2.1): named curve, uncompressed point. One spelling, so that
// no other curve, no parameters of one's own and no compressed point need to be thought about.
const p256Head = Buffer.from('3059301306072a8648ce3d020106082a8648ce3d03010703420004', 'hex');

// ecdsa-with-SHA256 and its larger brothers (RFC 5758 §3.2), without parameters.
const hashes: ReadonlyMap<string, string> = new Map([
  ['06082a8648ce3d040302', 'sha256'],
  ['06082a8648ce3d040303', 'sha384'],
  ['06082a8648ce3d040304', 'sha512'],
]);

/**
 * The public key of a signing request (RFC 2986) as its DER (RFC 5480), once the request has shown that its sender has the private one.
 * Nothing else of it is read: names, attributes and extensions are the registry's to decide. Read by hand, since every
 * new box brings one: the library takes as long for it as for everything else that a registration is.
 *
 * @throws SwipeError `keyInvalid` when it is malformed, not signed by its own key, or not for P-256
 */
export function readRequest(pem: string): Buffer {
  if (pem.length > requestMaxLength) throw unfit(`more than ${requestMaxLength} characters`);
  const [, text] = form.exec(pem) ?? [];
  if (text === undefined) throw unfit('not one PEM block "CERTIFICATE REQUEST"');
  const { signed, spki, hash, signature } = parts(Buffer.from(text, 'base64'));
  if (spki.length !== p256Head.length + 64 || !spki.subarray(0, p256Head.length).equals(p256Head))
    throw unfit('its key is not an uncompressed point of P-256 (prime256v1)');
  if (!verify(hash, signed, imported(spki.subarray(p256Head.length)), signature))
    throw unfit('it is not signed by its own key');
  return spki;
}

interface Parts {
  /** What the signature is over. */
  signed: Buffer;
  spki: Buffer;
  hash: string;
  signature: Uint8Array;
}

/** RFC 2986 §4. What is not DER in its shortest form comes out otherwise than it was signed. */
function parts(der: Buffer): Parts {
  const [request] = valuesIn(der);
  if (request === undefined || !sequence(request.content).equals(der))
    throw unfit('it is not one DER sequence');
  const [info, algorithm, signature, ...more] = valuesIn(request.content);
  const [, , spki] = valuesIn(info?.content ?? new Uint8Array());
  const hash = hashes.get(Buffer.from(algorithm?.content ?? []).toString('hex'));
  if (info === undefined || spki === undefined || signature === undefined || more.length > 0)
    throw unfit('something is missing in it, or too much');
  if (hash === undefined) throw unfit('it is not signed with ECDSA and SHA-2');
  // A BIT STRING begins with how many bits of its last byte are none.
  if (signature.tag !== 0x03 || signature.content[0] !== 0) throw unfit('its signature cannot be read');
  return {
    signed: sequence(info.content),
    spki: sequence(spki.content),
    hash,
    signature: signature.content.subarray(1),
  };
}

// As a JWK (RFC 7518 §6.2.1), which takes OpenSSL a tenth of the time that DER does.
function imported(point: Buffer): KeyObject {
  const half = (at: number): string => point.subarray(at, at + 32).toString('base64url');
  try {
    return createPublicKey({ key: { kty: 'EC', crv: 'P-256', x: half(0), y: half(32) }, format: 'jwk' });
  } catch {
    throw unfit('its key is not a point of the curve');
  }
}

const unfit = (why: string): SwipeError =>
  new SwipeError('keyInvalid', `the signing request cannot be used: ${why}`);
