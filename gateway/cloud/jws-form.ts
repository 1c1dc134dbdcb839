/** The outside of a JWS: its form and its header. What is decided here needs no key. */
import { SwipeError } from '../seams/error.ts';

/** The algorithms of the contract (RFC 7518 §3.2, RFC 8037 §3.1). */
export type Algorithm = 'HS256' | 'EdDSA';

/** A JWS in compact serialisation, taken apart and not yet verified. */
export interface JwsForm {
  kid: string;
  alg: Algorithm;
  /** What the signature is over (RFC 7515 §5.1): the first two parts and the dot between them, ASCII. */
  signingInput: string;
  payload: Uint8Array;
  signature: Uint8Array;
}

const compact = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;
// A byte order mark is skipped, as RFC 8259 §8.1 allows: some of 1C's ways to write UTF-8 put one in front.
const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Takes a compact JWS apart (RFC 7515 §7.1). Stricter than most libraries: base64url without padding, blanks or
 * stray bits, one `alg` of the contract, a `kid`, no `crit` and no `b64` (RFC 7797), which would change what the
 * signature is over. All other header members, such as `typ`, mean nothing here.
 *
 * @throws SwipeError `signatureInvalid`
 */
export function readJws(jws: string): JwsForm {
  if (!compact.test(jws)) throw invalid('not a JWS in compact serialisation');
  const [header = '', payload = '', signature = ''] = jws.split('.');
  const { alg, kid } = readHeader(decodePart(header));
  return {
    kid,
    alg,
    signingInput: `${header}.${payload}`,
    payload: decodePart(payload),
    signature: decodePart(signature),
  };
}

function readHeader(bytes: Uint8Array): { alg: Algorithm; kid: string } {
  const header = parseJson(bytes);
  if (typeof header !== 'object' || header === null || Array.isArray(header))
    throw invalid('the header is not a JSON object');
  const members = new Map<string, unknown>(Object.entries(header));
  for (const name of ['crit', 'b64'])
    if (members.has(name)) throw invalid(`the header member ${name} is not supported`);
  const alg = members.get('alg');
  if (alg !== 'HS256' && alg !== 'EdDSA') throw invalid('the algorithm is neither HS256 nor EdDSA');
  const kid = members.get('kid');
  if (typeof kid !== 'string') throw invalid('the header names no kid');
  return { alg, kid };
}

function decodePart(part: string): Uint8Array {
  const bytes = Buffer.from(part, 'base64url');
  // Equal only when no bit was left over: every signed text has exactly one spelling.
  if (bytes.toString('base64url') !== part) throw invalid('a part is not base64url');
  return bytes;
}

/** The JSON in these bytes; undefined when they are not UTF-8 or not JSON. */
export function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(utf8.decode(bytes));
  } catch {
    return undefined;
  }
}

/** The protected header of what the box signs: these members in this order, so that equal payloads give equal bytes. */
export const signedHeader = (alg: Algorithm, kid: string): { alg: Algorithm; kid: string } => ({ alg, kid });

/** Why a JWS was not believed. The text names no secret and nothing of the payload. */
export const invalid = (why: string): SwipeError => new SwipeError('signatureInvalid', why);

/** The one text for a wrong key, a wrong algorithm and a wrong signature: who guesses learns nothing. */
export const notSigned = (): SwipeError => invalid('not signed by a known key');
