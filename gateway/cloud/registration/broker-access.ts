import { messageOf, SwipeError } from '../../seams/error.ts';
import type { BrokerConfig } from '../mqtt-connector.ts';
import { type CertificateFacts, readCertificate } from './certificate.ts';
import type { Kept } from './kept.ts';
import type { TlsKeys } from './tls-key.ts';

/** What {@link createBrokerAccess} needs. */
export interface BrokerAccessParts {
  kept: () => Pick<Kept, 'broker' | 'certificate'>;
  tlsKeys: TlsKeys;
  /** The trusted time; null while it is not known. */
  nowMs: () => number | null;
  monotonicMs: () => number;
  /** Asks the registry, unless it was asked within so many milliseconds. */
  ask: (unlessWithinMs: number) => void;
}

/** The way to the broker as the registry tells it. */
export interface BrokerAccess {
  /** For each connection. Throws a SwipeError `brokerUnreachable` while there is no way. */
  source(): BrokerConfig;
  /** Where the broker is, if the box can get in; else null. */
  usableUrl(): string | null;
  /** The certificate that the box would use now; null: none. */
  certificate(): CertificateFacts | null;
}

const minuteMs = 60_000;
/** Tries that are further apart than this are not of one row: pauses between them are a minute at most. */
const rowGapMs = 3 * minuteMs;
/** After so long without a connection what the registry told may be out of date: a new address, a new CA. */
const outOfDateMs = 10 * minuteMs;

/** Makes it. A certificate that has expired, or is for a key that is lost, counts as none. */
export function createBrokerAccess(parts: BrokerAccessParts): BrokerAccess {
  const { kept, tlsKeys, nowMs, monotonicMs, ask } = parts;
  let read: { pem: string; facts: CertificateFacts | null } | null = null;
  let row = { sinceMs: Number.NEGATIVE_INFINITY, lastMs: Number.NEGATIVE_INFINITY };

  function certificate(): CertificateFacts | null {
    const { certificate: pem } = kept();
    if (pem === null) return null;
    if (read?.pem !== pem) read = { pem, facts: factsOf(pem) };
    const { facts } = read;
    const now = nowMs();
    return facts === null || (now !== null && now >= facts.notAfterMs) ? null : facts;
  }

  function factsOf(pem: string): CertificateFacts | null {
    try {
      const facts = readCertificate(pem);
      return facts.publicKey.equals(tlsKeys.own().publicKey) ? facts : null;
    } catch {
      return null;
    }
  }

  /** Each call is a try to connect, and there are no more of them once one has worked. */
  function countTry(): void {
    const now = monotonicMs();
    row = { sinceMs: now - row.lastMs > rowGapMs ? now : row.sinceMs, lastMs: now };
    if (now - row.sinceMs >= outOfDateMs) ask(60 * minuteMs);
  }

  return {
    source() {
      countTry();
      const { broker, certificate: pem } = kept();
      if (broker === null) throw unreachable('the registry has not told where the broker is');
      if (!broker.url.startsWith('mqtts:')) return { url: broker.url };
      if (pem === null || certificate() === null) {
        ask(15 * minuteMs);
        throw unreachable('there is no valid certificate for the broker: the registry is asked for one');
      }
      return { url: broker.url, ca: broker.ca, cert: pem, key: privateKey() };
    },
    usableUrl() {
      const { broker } = kept();
      if (broker === null) return null;
      return broker.url.startsWith('mqtts:') && certificate() === null ? null : broker.url;
    },
    certificate,
  };

  function privateKey(): string {
    try {
      return tlsKeys.own().pem;
    } catch (error) {
      throw unreachable(`the key for the broker cannot be read: ${messageOf(error)}`);
    }
  }
}

const unreachable = (why: string): SwipeError => new SwipeError('brokerUnreachable', why);
