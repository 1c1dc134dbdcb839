import { createHash, createPrivateKey, createPublicKey, type JsonWebKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isSwipeError, messageOf, SwipeError } from '../seams/error.ts';
import type { Random } from '../seams/random.ts';
import { writeDurably } from './durable-file.ts';

/** The box's own key and the name that follows from it. */
export interface BoxKey {
  /** `SW-` and 12 characters, made from the public key. */
  box: string;
  /** Ed25519, private, as a JWK (RFC 8037 §2). */
  privateKey: JsonWebKey;
  /** The public half: what a sale system or the registry checks the box's signatures with. */
  publicKey: JsonWebKey;
}

// RFC 8410 §7: the DER of an Ed25519 private key, up to its 32 bytes.
const pkcs8Head = Buffer.from('302e020100300506032b657004220420', 'hex');
const crockford = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/**
 * The box's key from its file; made on the first start. An existing file is never overwritten, whatever is in it:
 * a box that changes its key is another box to everybody.
 *
 * @throws SwipeError `keyInvalid` when the file cannot be read or is no such key; `storageFull`
 */
export function loadOrMakeBoxKey(path: string, random: Pick<Random, 'bytes'>): BoxKey {
  const text = readIfThere(path);
  if (text !== null) return keyOf(text, path);
  const made = makeBoxKey(random.bytes(32));
  try {
    writeDurably(path, `${JSON.stringify(made.privateKey)}\n`, 0o600);
  } catch (cause) {
    if (isSwipeError(cause)) throw cause;
    throw unusable(path, messageOf(cause), cause);
  }
  return made;
}

/** The key that follows from 32 unpredictable bytes (RFC 8032 §5.1.5). */
export function makeBoxKey(seed: Uint8Array): BoxKey {
  const key = createPrivateKey({ key: Buffer.concat([pkcs8Head, seed]), format: 'der', type: 'pkcs8' });
  return fromJwk(key.export({ format: 'jwk' }));
}

/** A box's id: `SW-` and the first 12 characters of Crockford's base32 of the SHA-256 of its raw public key. */
export function boxIdOf(rawPublicKey: Uint8Array): string {
  const digest = createHash('sha256').update(rawPublicKey).digest();
  // 12 characters of 5 bits: 60 bits, the first 8 bytes less their last 4 bits.
  const bits = digest.readBigUInt64BE(0) >> 4n;
  const characters = Array.from(
    { length: 12 },
    (_, position) => crockford[Number((bits >> BigInt(5 * (11 - position))) & 31n)],
  );
  return `SW-${characters.join('')}`;
}

function fromJwk({ d, x }: JsonWebKey): BoxKey {
  const publicKey: JsonWebKey = { kty: 'OKP', crv: 'Ed25519', x };
  return {
    box: boxIdOf(Buffer.from(x ?? '', 'base64url')),
    privateKey: { kty: 'OKP', crv: 'Ed25519', d, x },
    publicKey,
  };
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw unusable(path, messageOf(cause), cause);
  }
}

function keyOf(text: string, path: string): BoxKey {
  let derived: JsonWebKey;
  let stored: JsonWebKey;
  try {
    stored = JSON.parse(text) as JsonWebKey;
    const key = createPrivateKey({ key: stored, format: 'jwk' });
    derived = createPublicKey(key).export({ format: 'jwk' });
  } catch {
    // The cause may quote the file: it is not passed on.
    throw unusable(path, 'it holds no private JWK');
  }
  if (derived.crv !== 'Ed25519') throw unusable(path, 'it is not an Ed25519 key');
  if (derived.x !== stored.x) throw unusable(path, 'its public half does not belong to its private half');
  return fromJwk(stored);
}

const unusable = (path: string, why: string, cause?: unknown): SwipeError =>
  new SwipeError(
    'keyInvalid',
    `the box's key in ${path} cannot be used: ${why}. Restore the file; without it this is another box`,
    { cause },
  );
