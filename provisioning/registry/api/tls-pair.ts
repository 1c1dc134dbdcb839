/** The certificate and key of the HTTPS address, read again when somebody (certbot) has put new ones in their place. */
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { readCertificate } from '../../../gateway/cloud/registration/certificate.ts';
import { messageOf, SwipeError } from '../../../gateway/seams/error.ts';
import type { Time } from '../../../gateway/seams/time.ts';
import { dayMs } from '../identity/times.ts';

/** A pair that fits together. */
export interface TlsPair {
  cert: Buffer;
  key: Buffer;
  notAfterMs: number;
}

/** Where the two are: PEM, the certificate with what is between it and its CA. */
export interface TlsFiles {
  cert: string;
  key: string;
}

/** Reads them. @throws SwipeError `configInvalid` when one cannot be read or they do not belong together */
export const readPair = (files: TlsFiles): TlsPair => checked(() => pairOf(readBoth(files)));

type Both = Pick<TlsPair, 'cert' | 'key'>;

const readBoth = (files: TlsFiles): Both => ({
  cert: readFileSync(files.cert),
  key: readFileSync(files.key),
});

function pairOf(both: Both): TlsPair {
  createSecureContext(both);
  return { ...both, notAfterMs: readCertificate(both.cert.toString('latin1')).notAfterMs };
}

function checked<Value>(work: () => Value): Value {
  try {
    return work();
  } catch (cause) {
    throw new SwipeError('configInvalid', `listen.tls: ${messageOf(cause)}`, { cause });
  }
}

/** Who wants to know what became of the pair. */
export interface TlsNews {
  /** This one is shown from now on. */
  taken(pair: TlsPair): void;
  /** A person should look at it; what was shown before still is. */
  fault(why: string): void;
}

const lookEveryMs = 60_000;
const alarmMs = 14 * dayMs;

/**
 * Looks once a minute whether there is another pair. One that does not fit is left alone until the next look, since
 * the two files are not written in one moment, and is told if it still does not fit then.
 *
 * @param use shows the pair to whoever connects from now on
 * @returns ends the looking
 */
export function watchPair(
  files: TlsFiles,
  first: TlsPair,
  { use, time, news }: { use(pair: TlsPair): void; time: Time; news: TlsNews },
): () => void {
  let shown = first;
  let wasUnfit = false;
  let toldMs = Number.NEGATIVE_INFINITY;
  let cancel = time.after(lookEveryMs, look);
  news.taken(first);
  warn();

  function look(): void {
    cancel = time.after(lookEveryMs, look);
    try {
      const found = checked(() => readBoth(files));
      if (!found.cert.equals(shown.cert) || !found.key.equals(shown.key)) take(checked(() => pairOf(found)));
      if (wasUnfit) toldMs = Number.NEGATIVE_INFINITY;
      wasUnfit = false;
    } catch (error) {
      if (wasUnfit) tell(messageOf(error));
      wasUnfit = true;
    }
    warn();
  }

  function take(found: TlsPair): void {
    if (found.notAfterMs <= time.nowMs() && found.notAfterMs < shown.notAfterMs)
      return tell('listen.tls: the new certificate has expired; the old one is kept');
    use(found);
    shown = found;
    toldMs = Number.NEGATIVE_INFINITY;
    news.taken(found);
  }

  function warn(): void {
    const leftMs = shown.notAfterMs - time.nowMs();
    if (leftMs <= alarmMs) tell(`listen.tls: the certificate ends in ${Math.floor(leftMs / dayMs)} days`);
  }

  /** Once a day, until it is put right. */
  function tell(why: string): void {
    const nowMs = time.monotonicMs();
    if (nowMs - toldMs < dayMs) return;
    toldMs = nowMs;
    news.fault(why);
  }

  return () => cancel();
}
