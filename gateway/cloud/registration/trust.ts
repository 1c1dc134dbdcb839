/** Whom a box believes: keys of the registry, and what is signed by them. Pure. */
import { createHash, createPublicKey, verify } from 'node:crypto';
import { invalid, notSigned, parseJson, readJws } from '../jws-form.ts';

/** One of the registry's public keys. */
export interface RegistryKey {
  /** Its thumbprint (RFC 7638). */
  kid: string;
  /** The public key (RFC 8037 §2, `x`). */
  x: string;
}

/** The longest answer that is looked at, in characters. */
export const answerMaxLength = 65_536;

/** A key's thumbprint (RFC 7638 §3; RFC 8037 §2 names its members). */
export const thumbprintOf = (x: string): string =>
  createHash('sha256').update(`{"crv":"Ed25519","kty":"OKP","x":"${x}"}`).digest('base64url');

/** A key under its only name. */
export const registryKeyOf = (x: string): RegistryKey => ({ kid: thumbprintOf(x), x });

/**
 * The JSON of what the registry has signed. The header's `typ` must be the one that is asked for, so that nothing that
 * was signed for one purpose is taken for another.
 *
 * @param trusted the keys that are believed now
 * @throws SwipeError `signatureInvalid`
 */
export function readSigned(jws: string, typ: string, trusted: readonly RegistryKey[]): unknown {
  if (jws.length > answerMaxLength) throw invalid('too long');
  const form = readJws(jws);
  const header = parseJson(Buffer.from(form.signingInput.split('.', 1)[0] ?? '', 'base64url'));
  if ((header as { typ?: unknown }).typ !== typ) throw invalid(`its typ is not ${typ}`);
  const key = trusted.find(({ kid }) => kid === form.kid);
  if (form.alg !== 'EdDSA' || key === undefined || !isSignedBy(key, form)) throw notSigned();
  return parseJson(form.payload);
}

function isSignedBy({ x }: RegistryKey, form: { signingInput: string; signature: Uint8Array }): boolean {
  try {
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
    return verify(null, Buffer.from(form.signingInput), key, form.signature);
  } catch {
    // Not a key after all: nothing is signed by it.
    return false;
  }
}
