/** The key with which the box shows the broker who it is. */
import { createECDH, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Random } from '../../seams/random.ts';
import { writeDurably } from '../durable-file.ts';
import { makeCsr } from './csr.ts';

/** A private key on P-256 and what follows from it. */
export interface TlsKey {
  /** PKCS #8 (RFC 5958) as PEM: for TLS. */
  pem: string;
  /** The public half (RFC 5480) as DER. */
  publicKey: Buffer;
  /** A signing request for it, as PEM. */
  csr: string;
}

/** Hands out the box's one key. */
export interface TlsKeys {
  /**
   * Read or made with the first call, so that a disk that is full holds up no start.
   *
   * @throws whatever the file system says; SwipeError `storageFull`
   */
  own(): TlsKey;
}

/**
 * The key in this file; a new one when there is none, or none that can be used. Unlike the box's own key it may be
 * replaced: the registry signs whichever the box asks for.
 */
export function createTlsKeys(path: string, box: string, random: Pick<Random, 'bytes'>): TlsKeys {
  let key: TlsKey | null = null;
  return {
    own() {
      key ??= tlsKeyOf(readKey(path) ?? makeKey(path, random), box);
      return key;
    },
  };
}

/** What follows from a private key on P-256. */
export function tlsKeyOf(privateKey: KeyObject, box: string): TlsKey {
  return {
    pem: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    publicKey: createPublicKey(privateKey).export({ format: 'der', type: 'spki' }),
    csr: makeCsr(box, privateKey),
  };
}

function readKey(path: string): KeyObject | null {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  try {
    const key = createPrivateKey(text);
    return key.asymmetricKeyDetails?.namedCurve === 'prime256v1' ? key : null;
  } catch {
    return null;
  }
}

function makeKey(path: string, random: Pick<Random, 'bytes'>): KeyObject {
  const key = p256KeyOf(() => random.bytes(32));
  writeDurably(path, key.export({ format: 'pem', type: 'pkcs8' }).toString(), 0o600);
  return key;
}

// One in four billion draws is zero or above the curve's order (SEC 1 §3.2.1).
const drawsMax = 8;

/** A private key out of 32 unpredictable bytes; draws again where they are none. */
export function p256KeyOf(draw: () => Uint8Array): KeyObject {
  for (let drawn = 1; ; drawn += 1) {
    const d = Buffer.from(draw());
    const pair = createECDH('prime256v1');
    try {
      pair.setPrivateKey(d);
    } catch (error) {
      if (drawn === drawsMax) throw error;
      continue;
    }
    const point = pair.getPublicKey();
    const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((half) => half.toString('base64url'));
    return createPrivateKey({
      key: { kty: 'EC', crv: 'P-256', d: d.toString('base64url'), x: x ?? '', y: y ?? '' },
      format: 'jwk',
    });
  }
}
