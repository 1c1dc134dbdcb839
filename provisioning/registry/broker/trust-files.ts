import { readFileSync } from 'node:fs';
import { writeDurably } from '../../../gateway/cloud/durable-file.ts';
import { messageOf, SwipeError } from '../../../gateway/seams/error.ts';
import type { Clock } from '../../../gateway/seams/time.ts';
import { crlValidity } from '../authority/crl.ts';
import type { Validity } from '../authority/validity.ts';
import { blocksOf } from '../authority/x509.ts';

/** The two files from which Mosquitto learns whose certificates it takes. */
export interface TrustFiles {
  /**
   * Writes what differs and has the broker read it. An older list never replaces a newer one.
   *
   * @throws SwipeError `registryUnfit` (rejects) when the parts do not fit together: Mosquitto would not start with
   *   them; `brokerUnreachable` when it could not be told
   */
  publish(parts: { cas: readonly string[]; crl: string }): Promise<void>;
  /** From when to when the published list is valid; null while there is none. */
  validity(): Validity | null;
}

/** What {@link createTrustFiles} needs. */
export interface TrustFilesParts {
  crlFile: string;
  caFile: string;
  /** Has the broker read both files again. */
  reload(): Promise<void>;
  clock: Pick<Clock, 'nowMs'>;
}

// Certificates of CAs and revocation lists are for everybody to read.
const publicMode = 0o644;

/** The files in their places. */
export function createTrustFiles({ crlFile, caFile, reload, clock }: TrustFilesParts): TrustFiles {
  function validity(): Validity | null {
    const crl = readIfThere(crlFile);
    try {
      return crl === null ? null : crlValidity(crl);
    } catch {
      // A damaged file is as good as none: the next list replaces it.
      return null;
    }
  }
  let isTold = true;
  return {
    validity,
    async publish({ cas, crl }) {
      const ca = cas.join('');
      const lists = blocksOf('X509 CRL', crl).length;
      if (lists === 0 || lists !== cas.length || lists !== blocksOf('CERTIFICATE', ca).length)
        throw new SwipeError('registryUnfit', `${lists} revocation lists for ${cas.length} CAs`);
      const published = validity();
      const publishedMs = published?.notBeforeMs ?? 0;
      // One from a future that never came (a wrong clock) is replaced all the same.
      if (publishedMs > crlValidity(crl).notBeforeMs && publishedMs <= clock.nowMs()) return;
      // The list first: a CA without one is refused, a list without its CA is not looked at.
      for (const [path, text] of [
        [crlFile, crl],
        [caFile, ca],
      ] as const) {
        if (readIfThere(path) === text) continue;
        isTold = false;
        writeDurably(path, text, publicMode);
      }
      if (isTold) return;
      await reload();
      isTold = true;
    },
  };
}

/**
 * Tells a Mosquitto on this machine to read its files again: SIGHUP (mosquitto(8)). The registry must run as the same
 * user or as root; otherwise a systemd path unit does it, and this is not used.
 *
 * @param pidFile Mosquitto's `pid_file`
 */
export function reloadByPidFile(pidFile: string): () => Promise<void> {
  return async () => {
    const text = readIfThere(pidFile)?.trim() ?? '';
    // 0 and -1 would mean whole groups of processes.
    if (!/^[1-9]\d{0,9}$/.test(text) || text === '1')
      throw new SwipeError('brokerUnreachable', `${pidFile} names no process: does Mosquitto run?`);
    try {
      process.kill(Number(text), 'SIGHUP');
    } catch (cause) {
      throw new SwipeError('brokerUnreachable', `Mosquitto could not be told: ${messageOf(cause)}`, {
        cause,
      });
    }
  };
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new SwipeError('registryUnfit', `${path} cannot be read: ${messageOf(cause)}`, { cause });
  }
}
