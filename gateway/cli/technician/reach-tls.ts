/** The encrypted leg of a way out. */
import { isIP } from 'node:net';
import { type ConnectionOptions, connect } from 'node:tls';
import type { Reach } from '../../../provisioning/technician/world.ts';
import { legMs } from './reach-port.ts';

/** With TLS 1.3 a server says what it thinks of a client's certificate after the handshake is over. */
const secondThoughtsMs = 400;

type Failure = Extract<Reach, { at: 'tls' }>;

/** Shakes hands, as somebody with this certificate. Null: it worked. Never rejects. */
export function shakeHands(
  host: string,
  port: number,
  { ca, cert, key }: { ca?: string | undefined; cert?: string | undefined; key?: string | undefined },
): Promise<Failure | null> {
  const options: ConnectionOptions = {
    host,
    port,
    timeout: legMs,
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined || key === undefined ? {} : { cert, key }),
  };
  const hasIdentity = options.cert !== undefined;
  return new Promise((resolve) => {
    const socket = connect(options);
    let timer: NodeJS.Timeout | undefined;
    const end = (failure: Failure | null): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(failure);
    };
    socket.once('secureConnect', () => {
      timer = setTimeout(() => end(null), secondThoughtsMs);
    });
    socket.once('timeout', () => end({ at: 'tls', why: 'failed', text: 'no answer' }));
    socket.on('error', (error: NodeJS.ErrnoException) => end(failureOf(error, hasIdentity)));
  });
}

const unknownCa =
  /^(UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_SELF_SIGNED|CERT_UNTRUSTED|UNABLE_TO_GET_ISSUER_CERT)/;

/** What Node and OpenSSL call it, in a word; null: the server only wants a certificate that nobody has shown. */
export function failureOf(error: NodeJS.ErrnoException, hasIdentity: boolean): Failure | null {
  const code = error.code ?? '';
  const text = (code || error.message).slice(0, 200);
  const tls = (why: Failure['why']): Failure => ({ at: 'tls', why, text });
  if (code === 'CERT_NOT_YET_VALID') return tls('notYetValid');
  if (code === 'CERT_HAS_EXPIRED') return tls('expired');
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return tls('wrongName');
  if (unknownCa.test(code)) return tls('unknownCa');
  // The other side's alerts (RFC 8446 §6): about our certificate, or that there was none.
  if (/ALERT_(UNKNOWN_CA|BAD_CERTIFICATE|CERTIFICATE_|ACCESS_DENIED)/.test(code))
    return hasIdentity ? tls('refused') : null;
  return tls('failed');
}
