import { connect } from 'node:tls';
import { readCertificate } from '../../../gateway/cloud/registration/certificate.ts';
import { SwipeError } from '../../../gateway/seams/error.ts';
import type { Clock, Timers } from '../../../gateway/seams/time.ts';
import type { ServerCertificate } from '../ports.ts';

/** What {@link lookAtServer} needs besides the address. */
export interface LookParts {
  /** How the registry shows who it is: without a certificate the broker ends the handshake. */
  credentials: () => Promise<{ cert: string; key: string }>;
  /** Whom the reader trusts, PEM. */
  ca: string;
  timers: Timers;
}

const timeoutMs = 3000;

/**
 * The certificate that the broker shows whoever connects, judged as a client does that trusts `ca` alone. Nothing is
 * said to the broker; the connection ends after the handshake.
 *
 * @throws SwipeError `brokerUnreachable` (rejects)
 */
export async function lookAtServer(
  url: string,
  { credentials, ca, timers }: LookParts,
): Promise<ServerCertificate> {
  const { hostname, port } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  const { cert, key } = await credentials();
  return await new Promise((resolve, reject) => {
    const socket = connect({
      host,
      port: Number(port || 8883),
      ca,
      cert,
      key,
      // It is judged below, and a faulty one is what is looked for.
      rejectUnauthorized: false,
    });
    const cancel = timers.after(timeoutMs, () => socket.destroy(new Error('no answer')));
    socket.on('error', (cause) =>
      reject(new SwipeError('brokerUnreachable', `the broker ${url}: ${cause.message}`, { cause })),
    );
    socket.on('close', () => {
      cancel();
      reject(new SwipeError('brokerUnreachable', `the broker ${url} showed no certificate`));
    });
    socket.on('secureConnect', () => {
      try {
        const shown = socket.getPeerX509Certificate();
        if (shown === undefined) return;
        const { notAfterMs } = readCertificate(shown.toString());
        const fault = socket.authorized ? null : String(socket.authorizationError);
        resolve({ notAfterMs, fault });
      } catch (cause) {
        reject(new SwipeError('brokerUnreachable', `the broker ${url} showed no certificate`, { cause }));
      } finally {
        socket.destroy();
      }
    });
  });
}

const seenForMs = 3_600_000;
const unseenForMs = 60_000;

/** The end of the broker's certificate, looked at once an hour; the last one that was seen while it cannot be reached. */
export function rememberedEnd(
  look: () => Promise<ServerCertificate | null>,
  clock: Clock,
): () => Promise<number | null> {
  let endMs: number | null = null;
  let nextMs = 0;
  return async () => {
    const nowMs = clock.monotonicMs();
    if (nowMs < nextMs) return endMs;
    nextMs = nowMs + seenForMs;
    try {
      endMs = (await look())?.notAfterMs ?? null;
    } catch {
      nextMs = nowMs + unseenForMs;
    }
    return endMs;
  };
}
