import { createHash, sign } from 'node:crypto';
import { isIP } from 'node:net';
import { isoTime } from '../../../gateway/contract/time.ts';
import { SwipeError } from '../../../gateway/seams/error.ts';
import type { Random } from '../../../gateway/seams/random.ts';
import type { IssuedCertificate } from '../ports.ts';
import { type Ca, makeSerial } from './ca.ts';
import { bits, integer, octets, sequence, tagged, time } from './der.ts';
import { backdatedMs, wholeSeconds } from './validity.ts';
import { pemOf, x509 } from './x509.ts';

/** What a certificate is to say. */
export interface CertificateWish {
  /** The common name: who it is at the broker. */
  subject: string;
  /** A public key on P-256, as its DER (RFC 5480). */
  key: Uint8Array;
  lifeMs: number;
  /** A client of the broker, or the broker itself under these names. */
  usage: { kind: 'client' } | { kind: 'server'; hosts: readonly string[] };
}

const hex = (text: string): Buffer => Buffer.from(text, 'hex');

// DER of identifiers and of extensions that never differ (RFC 5280 §4.1, §4.2.1; RFC 5758 §3.2).
const version3 = tagged(0xa0, integer('02'));
const ecdsaWithSha256 = sequence(hex('06082a8648ce3d040302'));
const commonName = hex('0603550403');
const critical = hex('0101ff');
const noCa = sequence(hex('0603551d13'), critical, octets(sequence()));
const digitalSignature = sequence(hex('0603551d0f'), critical, octets(hex('03020780')));
const keyPurpose = (purpose: string): Buffer => sequence(hex('0603551d25'), octets(sequence(hex(purpose))));
const clientAuth = keyPurpose('06082b06010505070302');
const serverAuth = keyPurpose('06082b06010505070301');
const subjectKeyIdentifier = hex('0603551d0e');
const authorityKeyIdentifier = hex('0603551d23');
/** Bytes of a point on P-256, at the end of its key's DER. */
const pointBytes = 65;

/**
 * Signs an end certificate. It never outlives its CA. Written here as the revocation list is: every new box needs one,
 * and each of them every month, and the library takes 20 times as long for it.
 *
 * @throws SwipeError `registryUnfit` when the CA itself has ended
 */
export function issueCertificate(
  ca: Ca,
  { subject, key, lifeMs, usage }: CertificateWish,
  { nowMs, random }: { nowMs: number; random: Pick<Random, 'bytes'> },
): IssuedCertificate {
  if (nowMs >= ca.notAfterMs) throw new SwipeError('registryUnfit', 'the CA has expired: rotate it');
  const notBeforeMs = wholeSeconds(nowMs - backdatedMs);
  const notAfterMs = Math.min(wholeSeconds(nowMs + lifeMs), ca.notAfterMs);
  const serial = makeSerial(random);
  // RFC 5280 §4.2.1.2: a name for the key, nothing that must withstand anybody.
  const keyId = createHash('sha1').update(key.subarray(-pointBytes)).digest();
  const content = sequence(
    version3,
    integer(serial),
    ecdsaWithSha256,
    ca.name,
    sequence(time(isoTime(notBeforeMs)), time(isoTime(notAfterMs))),
    sequence(tagged(0x31, sequence(commonName, tagged(0x0c, Buffer.from(subject))))),
    key,
    tagged(
      0xa3,
      sequence(
        noCa,
        digitalSignature,
        usage.kind === 'client' ? clientAuth : serverAuth,
        sequence(subjectKeyIdentifier, octets(octets(keyId))),
        sequence(authorityKeyIdentifier, octets(sequence(tagged(0x80, ca.keyId)))),
        ...(usage.kind === 'server' ? [alternativeNames(usage.hosts)] : []),
      ),
    ),
  );
  const certificate = sequence(content, ecdsaWithSha256, bits(sign('sha256', content, ca.key)));
  const chain = pemOf('CERTIFICATE', certificate);
  return { chain, serial, notBeforeMs, notAfterMs, ca: ca.fingerprint };
}

// Once a year, and IPv6 addresses have many spellings: the library's.
const alternativeNames = (hosts: readonly string[]): Uint8Array =>
  new Uint8Array(new x509.SubjectAlternativeNameExtension(hosts.map(generalName)).rawData);

const generalName = (host: string) => ({ type: isIP(host) === 0 ? 'dns' : 'ip', value: host }) as const;
