import { X509Certificate } from 'node:crypto';

/** What the box needs to know of its certificate. */
export interface CertificateFacts {
  /** Lower-case hexadecimal, as the registry names it. */
  serial: string;
  notAfterMs: number;
  /** Whose certificate it is: the public key (RFC 5480) as DER. */
  publicKey: Buffer;
}

/**
 * Reads the first certificate of a PEM text.
 *
 * @throws whatever is wrong with it
 */
export function readCertificate(pem: string): CertificateFacts {
  const certificate = new X509Certificate(pem);
  // biome-ignore lint/style/noRestrictedGlobals: a pure conversion of a given text, no clock is read
  const notAfterMs = Date.parse(certificate.validTo);
  if (Number.isNaN(notAfterMs)) throw new TypeError('the certificate does not say when it ends');
  return {
    serial: certificate.serialNumber.toLowerCase(),
    notAfterMs,
    publicKey: certificate.publicKey.export({ format: 'der', type: 'spki' }),
  };
}
