import { createHash, createPrivateKey, type KeyObject } from 'node:crypto';
import type { Random } from '../../../gateway/seams/random.ts';
import { backdatedMs, caLifeMs, wholeSeconds } from './validity.ts';
import { algorithm, dateOf, pemOf, webcrypto, x509 } from './x509.ts';

/** A CA that can sign. */
export interface Ca {
  /** The first is 1, each rotation makes the next. */
  generation: number;
  /** SHA-256 of the certificate, lower-case hexadecimal: its name everywhere else. */
  fingerprint: string;
  pem: string;
  /** Its name, as its certificate has it (DER). */
  name: Uint8Array;
  notAfterMs: number;
  /** The private key. */
  key: KeyObject;
  /** Its subject key identifier. */
  keyId: Uint8Array;
}

/** A CA as it is kept: the certificate (PEM) and the private key (PKCS #8, DER). */
export interface CaParts {
  generation: number;
  pem: string;
  privateKey: Uint8Array;
}

/** A serial number of 128 unpredictable bits; the first byte makes it positive and of one length. */
export const makeSerial = (random: Pick<Random, 'bytes'>): string =>
  `01${Buffer.from(random.bytes(16)).toString('hex')}`;

/** Makes a root CA on P-256 that signs end certificates only. */
export async function makeCa(
  generation: number,
  { nowMs, random }: { nowMs: number; random: Pick<Random, 'bytes'> },
): Promise<CaParts> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const keyId = await x509.SubjectKeyIdentifierExtension.create(keys.publicKey);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: makeSerial(random),
    // The key's fingerprint makes the name unique: a reader finds an issuer by its name first.
    name: [{ CN: [`Swipe registry CA ${generation} ${keyId.keyId.slice(0, 12)}`] }],
    notBefore: dateOf(wholeSeconds(nowMs - backdatedMs)),
    notAfter: dateOf(wholeSeconds(nowMs + caLifeMs)),
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      keyId,
    ],
  });
  const privateKey = new Uint8Array(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
  return { generation, pem: pemOf('CERTIFICATE', new Uint8Array(certificate.rawData)), privateKey };
}

/** Makes a kept CA usable. */
export async function loadCa({ generation, pem, privateKey }: CaParts): Promise<Ca> {
  const certificate = new x509.X509Certificate(pem);
  const der = Buffer.from(privateKey);
  return {
    generation,
    fingerprint: fingerprintOf(new Uint8Array(certificate.rawData)),
    pem,
    name: new Uint8Array(certificate.subjectName.toArrayBuffer()),
    notAfterMs: certificate.notAfter.getTime(),
    key: createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }),
    keyId: Buffer.from(certificate.getExtension(x509.SubjectKeyIdentifierExtension)?.keyId ?? '', 'hex'),
  };
}

const fingerprintOf = (der: Uint8Array): string => createHash('sha256').update(der).digest('hex');
