/** A certificate signing request (RFC 2986) by hand: 30 lines instead of a library on a small box. */
import { createPublicKey, type KeyObject, sign } from 'node:crypto';

const tag = { bitString: 0x03, utf8String: 0x0c, sequence: 0x30, set: 0x31, attributes: 0xa0 } as const;

// DER (ITU-T X.690 §10.1): tag, length in its shortest form, content. Nothing here has 64 KiB.
function der(tagByte: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const lengthBytes =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.of(tagByte, ...lengthBytes), content]);
}

const version0 = Buffer.of(0x02, 0x01, 0x00);
// 2.5.4.3, X.520.
const commonName = Buffer.from('0603550403', 'hex');
// 1.2.840.10045.4.3.2, RFC 5758 §3.2: without parameters.
const ecdsaWithSha256 = der(tag.sequence, Buffer.from('06082a8648ce3d040302', 'hex'));

/**
 * A signing request for the public half of this key, as PEM.
 *
 * @param name the common name; whoever signs decides for himself which name he puts in
 * @param privateKey on P-256
 */
export function makeCsr(name: string, privateKey: KeyObject): string {
  const attribute = der(tag.sequence, commonName, der(tag.utf8String, Buffer.from(name)));
  const info = der(
    tag.sequence,
    version0,
    der(tag.sequence, der(tag.set, attribute)),
    createPublicKey(privateKey).export({ format: 'der', type: 'spki' }),
    der(tag.attributes),
  );
  const signature = der(tag.bitString, Buffer.of(0), sign('sha256', info, privateKey));
  const base64 = der(tag.sequence, info, ecdsaWithSha256, signature).toString('base64');
  const lines = base64.match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE REQUEST-----\n${lines.join('\n')}\n-----END CERTIFICATE REQUEST-----\n`;
}
