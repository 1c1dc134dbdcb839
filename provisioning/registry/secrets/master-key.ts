import { createCipheriv, createDecipheriv, createHmac, hkdfSync } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { writeDurably } from '../../../gateway/cloud/durable-file.ts';
import { messageOf, SwipeError } from '../../../gateway/seams/error.ts';
import type { Random } from '../../../gateway/seams/random.ts';
import type { MasterKey } from '../ports.ts';

const keyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;
// The first byte of what is sealed.
const version = 1;

/**
 * The master key out of 32 bytes. Encryption and hashing each have a key of their own that is derived from it (HKDF,
 * RFC 5869); the purpose is authenticated with the one and hashed with the other.
 *
 * @param random for the nonces of AES-GCM
 */
export function createMasterKey(secret: Uint8Array, random: Pick<Random, 'bytes'>): MasterKey {
  const derived = (use: 'seal' | 'mac'): Buffer =>
    Buffer.from(hkdfSync('sha256', secret, new Uint8Array(), `swipe-registry ${use}`, keyBytes));
  const sealing = derived('seal');
  const hashing = derived('mac');
  return {
    seal(plain, purpose) {
      const nonce = random.bytes(nonceBytes);
      const cipher = createCipheriv('aes-256-gcm', sealing, nonce).setAAD(Buffer.from(purpose));
      const text = Buffer.concat([cipher.update(plain), cipher.final()]);
      return Buffer.concat([Buffer.of(version), nonce, cipher.getAuthTag(), text]).toString('base64url');
    },
    open(sealed, purpose) {
      const bytes = Buffer.from(sealed, 'base64url');
      const head = 1 + nonceBytes + tagBytes;
      try {
        if (bytes[0] !== version || bytes.length < head) throw new Error('of another form');
        const nonce = bytes.subarray(1, 1 + nonceBytes);
        const cipher = createDecipheriv('aes-256-gcm', sealing, nonce, { authTagLength: tagBytes })
          .setAAD(Buffer.from(purpose))
          .setAuthTag(bytes.subarray(1 + nonceBytes, head));
        // Without final() the tag would not be looked at.
        return Buffer.concat([cipher.update(bytes.subarray(head)), cipher.final()]);
      } catch (cause) {
        throw new SwipeError('keyInvalid', `${purpose} cannot be opened: not sealed by this master key`, {
          cause,
        });
      }
    },
    mac: (text, purpose) => createHmac('sha256', hashing).update(`${purpose}\0${text}`).digest('base64url'),
  };
}

/**
 * The master key from its file: 64 hexadecimal digits, readable by nobody else. Made when there is no such file and
 * `mayMake` says so; where sealed things exist already, a new key would open none of them.
 *
 * @throws SwipeError `keyInvalid`
 */
export function loadMasterKey(
  path: string,
  { random, mayMake }: { random: Pick<Random, 'bytes'>; mayMake: boolean },
): MasterKey {
  const text = readIfThere(path);
  if (text !== null) return createMasterKey(secretIn(text, path), random);
  if (!mayMake) throw unusable(path, 'there is no such file');
  const secret = random.bytes(keyBytes);
  try {
    writeDurably(path, `${Buffer.from(secret).toString('hex')}\n`, 0o600);
  } catch (cause) {
    throw unusable(path, messageOf(cause), cause);
  }
  return createMasterKey(secret, random);
}

function readIfThere(path: string): string | null {
  try {
    const text = readFileSync(path, 'utf8');
    if ((statSync(path).mode & 0o077) !== 0) throw unusable(path, 'others may read it; chmod 600');
    return text;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
    if (cause instanceof SwipeError) throw cause;
    throw unusable(path, messageOf(cause), cause);
  }
}

function secretIn(text: string, path: string): Uint8Array {
  if (!/^[0-9a-f]{64}\n?$/i.test(text)) throw unusable(path, 'it does not hold 64 hexadecimal digits');
  return Buffer.from(text.trim(), 'hex');
}

const unusable = (path: string, why: string, cause?: unknown): SwipeError =>
  new SwipeError('keyInvalid', `the master key in ${path} cannot be used: ${why}`, { cause });
