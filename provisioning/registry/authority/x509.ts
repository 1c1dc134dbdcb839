/** The one door to `@peculiar/x509`, which needs `reflect-metadata` before it and works with Dates and WebCrypto. */
import 'reflect-metadata';
// biome-ignore lint/style/noRestrictedImports: the library signs and checks with it; random bytes are handed in
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

x509.cryptoProvider.set(webcrypto as unknown as Parameters<typeof x509.cryptoProvider.set>[0]);

export { webcrypto, x509 };

/** A key as WebCrypto has it. */
export type CryptoKey = webcrypto.CryptoKey;

/** ECDSA on P-256 with SHA-256 (FIPS 186-5): what every TLS library of boxes and sale systems takes. */
export const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/** A time as the library wants it; X.509 knows whole seconds (RFC 5280 §4.1.2.5). */
export function dateOf(epochMs: number) {
  // biome-ignore lint/style/noRestrictedGlobals: a pure conversion of a given time, no clock is read
  return new Date(epochMs);
}

/** A PEM block (RFC 7468). The library's own names a revocation list "CRL", which OpenSSL does not know. */
export function pemOf(label: 'CERTIFICATE' | 'X509 CRL', der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}

/** The DER of every block of this kind in a PEM text; what stands between blocks is skipped (RFC 7468 §2). */
export function blocksOf(label: 'CERTIFICATE' | 'X509 CRL', pem: string): Uint8Array[] {
  const blocks = pem.matchAll(
    new RegExp(`-----BEGIN ${label}-----\\s+([A-Za-z0-9+/=\\s]+?)-----END ${label}-----`, 'g'),
  );
  return Array.from(blocks, ([, text = '']) => Buffer.from(text, 'base64'));
}
