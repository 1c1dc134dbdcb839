import { SwipeError } from '../../../gateway/seams/error.ts';
import type { Random } from '../../../gateway/seams/random.ts';
import type { IssuedCertificate } from '../ports.ts';
import { type Ca, makeSerial } from './ca.ts';
import { backdatedMs, wholeSeconds } from './validity.ts';
import { algorithm, type CryptoKey, dateOf, pemOf, x509 } from './x509.ts';

/** What a certificate is to say. */
export interface CertificateWish {
  /** The common name: who it is at the broker. */
  subject: string;
  key: CryptoKey;
  lifeMs: number;
  /** A client of the broker, or the broker itself under these names. */
  usage: { kind: 'client' } | { kind: 'server'; hosts: readonly string[] };
}

// RFC 5280 §4.2.1.12.
const clientAuth = '1.3.6.1.5.5.7.3.2';
const serverAuth = '1.3.6.1.5.5.7.3.1';

/**
 * Signs an end certificate. It never outlives its CA.
 *
 * @throws SwipeError `registryUnfit` (rejects) when the CA itself has ended
 */
export async function issueCertificate(
  ca: Ca,
  { subject, key, lifeMs, usage }: CertificateWish,
  { nowMs, random }: { nowMs: number; random: Pick<Random, 'bytes'> },
): Promise<IssuedCertificate> {
  if (nowMs >= ca.notAfterMs) throw new SwipeError('registryUnfit', 'the CA has expired: rotate it');
  const notBeforeMs = wholeSeconds(nowMs - backdatedMs);
  const notAfterMs = Math.min(wholeSeconds(nowMs + lifeMs), ca.notAfterMs);
  const serial = makeSerial(random);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serial,
    subject: [{ CN: [subject] }],
    issuer: ca.certificate.subjectName,
    notBefore: dateOf(notBeforeMs),
    notAfter: dateOf(notAfterMs),
    publicKey: key,
    signingKey: ca.signingKey,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([usage.kind === 'client' ? clientAuth : serverAuth]),
      await x509.SubjectKeyIdentifierExtension.create(key),
      await x509.AuthorityKeyIdentifierExtension.create(ca.certificate),
      ...(usage.kind === 'server'
        ? [new x509.SubjectAlternativeNameExtension(usage.hosts.map(generalName))]
        : []),
    ],
  });
  const chain = pemOf('CERTIFICATE', new Uint8Array(certificate.rawData));
  return { chain, serial, notBeforeMs, notAfterMs, ca: ca.fingerprint };
}

const generalName = (host: string) =>
  ({ type: /^[0-9.]+$|:/.test(host) ? 'ip' : 'dns', value: host }) as const;
