/** Signing requests and an authority for tests. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { join } from 'node:path';
import { systemRandom } from '../../gateway/system/random.ts';
import { type Authority, openAuthority } from '../../provisioning/registry/authority/authority.ts';
import { webcrypto, x509 } from '../../provisioning/registry/authority/x509.ts';
import { createMasterKey } from '../../provisioning/registry/secrets/master-key.ts';

/** A signing request and the private key that belongs to it, both PEM. */
export interface Request {
  csr: string;
  key: string;
}

/** A new P-256 key pair, private half as PEM. */
export function newKey(namedCurve = 'P-256') {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve });
  return { privateKey, publicKey, pem: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString() };
}

/** A signing request for P-256 with whatever subject: the authority must not care. */
export async function newRequest(subject = 'CN=whoever'): Promise<Request> {
  const { privateKey, publicKey, pem } = newKey();
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: subject,
    keys: {
      privateKey: await imported(privateKey, 'pkcs8', 'sign'),
      publicKey: await imported(publicKey, 'spki', 'verify'),
    },
    signingAlgorithm: ecdsa,
  });
  return { csr: request.toString('pem'), key: pem };
}

const ecdsa = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

function imported(key: KeyObject, format: 'pkcs8' | 'spki', use: 'sign' | 'verify') {
  const type = format as 'spki';
  return webcrypto.subtle.importKey(format, key.export({ format: 'der', type }), ecdsa, true, [use]);
}

/** The master key of these tests. */
export const testMasterKey = createMasterKey(new Uint8Array(32).fill(7), systemRandom);

/** An authority in a directory. */
export const testAuthority = (directory: string, nowMs: number, mayMake = true): Promise<Authority> =>
  openAuthority({
    directory: join(directory, 'authority'),
    masterKey: testMasterKey,
    random: systemRandom,
    nowMs,
    mayMake,
  });
