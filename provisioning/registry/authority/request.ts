import { messageOf, SwipeError } from '../../../gateway/seams/error.ts';
import { algorithm, type CryptoKey, webcrypto, x509 } from './x509.ts';

/** The longest signing request in characters of its PEM; one for P-256 has about 500. */
export const requestMaxLength = 8192;

const form =
  /^\s*-----BEGIN CERTIFICATE REQUEST-----\r?\n([A-Za-z0-9+/=\r\n]+)-----END CERTIFICATE REQUEST-----\s*$/;

// The DER of a P-256 key up to its 64 bytes (RFC 5480 §2.1): named curve, uncompressed point. One spelling, so that
// no other curve, no parameters of one's own and no compressed point need to be thought about.
const p256Head = Buffer.from('3059301306072a8648ce3d020106082a8648ce3d03010703420004', 'hex');

/**
 * The public key of a signing request (RFC 2986), once the request has shown that its sender has the private one.
 * Nothing else of it is read: names, attributes and extensions are the registry's to decide.
 *
 * @throws SwipeError `keyInvalid` (rejects) when it is malformed, not signed by its own key, or not for P-256
 */
export async function readRequest(pem: string): Promise<CryptoKey> {
  if (pem.length > requestMaxLength) throw unfit(`more than ${requestMaxLength} characters`);
  const [, text] = form.exec(pem) ?? [];
  if (text === undefined) throw unfit('not one PEM block "CERTIFICATE REQUEST"');
  const { request, der } = parse(Buffer.from(text, 'base64'));
  if (der.length !== p256Head.length + 64 || !der.subarray(0, p256Head.length).equals(p256Head))
    throw unfit('its key is not an uncompressed point of P-256 (prime256v1)');
  const key = await importKey(der);
  if (!(await isSigned(request))) throw unfit('it is not signed by its own key');
  return key;
}

type Request = InstanceType<typeof x509.Pkcs10CertificateRequest>;

function parse(text: Uint8Array): { request: Request; der: Buffer } {
  try {
    const request = new x509.Pkcs10CertificateRequest(text);
    return { request, der: Buffer.from(request.publicKey.rawData) };
  } catch (cause) {
    throw unfit(messageOf(cause));
  }
}

async function importKey(der: Uint8Array): Promise<CryptoKey> {
  try {
    return await webcrypto.subtle.importKey('spki', der, algorithm, true, ['verify']);
  } catch {
    throw unfit('its key is not a point of the curve');
  }
}

async function isSigned(request: Request): Promise<boolean> {
  try {
    return await request.verify();
  } catch {
    return false;
  }
}

const unfit = (why: string): SwipeError =>
  new SwipeError('keyInvalid', `the signing request cannot be used: ${why}`);
