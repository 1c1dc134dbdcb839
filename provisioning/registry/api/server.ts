import { createServer as createHttp, type Server, type ServerOptions } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { messageOf, SwipeError } from '../../../gateway/seams/error.ts';
import type { Time } from '../../../gateway/seams/time.ts';
import type { RegistryConfig } from '../config.ts';
import type { Connection } from './app.ts';
import { readPair, type TlsNews, watchPair } from './tls-pair.ts';

/** A server that listens. */
export interface ApiServer {
  url: string;
  /** Takes no more requests; resolves when those that are being worked on are answered, or had their time. */
  close(): Promise<void>;
}

// A registration is one small packet each way: whoever needs longer holds a place that others wait for.
const serverLimits: ServerOptions = {
  headersTimeout: 5000,
  requestTimeout: 10_000,
  keepAliveTimeout: 30_000,
  connectionsCheckingInterval: 2000,
  maxHeaderSize: 16_384,
};
const connectionsMax = 20_000;
const closingMs = 5000;

/**
 * Serves the API over HTTPS, or over HTTP for a proxy on the same machine. A new certificate is taken without a restart.
 *
 * @param news hears what becomes of the certificate
 * @param limits of Node's server, absent: those of this file
 * @throws SwipeError `portTaken`, `configInvalid`
 */
export async function listen(
  app: { fetch(request: Request, connection: Connection): Response | Promise<Response> },
  { host, port, tls }: Omit<RegistryConfig['listen'], 'proxies'>,
  { time, news, limits = serverLimits }: { time: Time; news: TlsNews; limits?: ServerOptions },
): Promise<ApiServer> {
  const listener = getRequestListener((request, env) => app.fetch(request, env as unknown as Connection), {
    overrideGlobalObjects: false,
  });
  const handle = (...[request, response]: Parameters<typeof listener>): void =>
    void listener(request, response);
  const pair = tls === null ? null : readPair(tls);
  const secure = pair === null ? null : createHttps({ ...limits, ...pair }, handle);
  const server: Server = secure ?? createHttp(limits, handle);
  server.maxConnections = connectionsMax;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const taken = cause.code === 'EADDRINUSE';
      const why = taken ? `port ${port} of ${host} is in use by another program` : messageOf(cause);
      reject(new SwipeError(taken ? 'portTaken' : 'configInvalid', `listen: ${why}`, { cause }));
    });
    server.listen(port, host, resolve);
  });
  const unwatch =
    tls === null || pair === null || secure === null
      ? () => {}
      : watchPair(tls, pair, { use: (next) => secure.setSecureContext(next), time, news });
  const { port: bound } = server.address() as AddressInfo;
  const name = host.includes(':') ? `[${host}]` : host;
  return {
    url: `${tls === null ? 'http' : 'https'}://${name}:${bound}`,
    close: () =>
      new Promise((resolve) => {
        unwatch();
        const cancel = time.after(closingMs, () => server.closeAllConnections());
        server.close(() => {
          cancel();
          resolve();
        });
        server.closeIdleConnections();
      }),
  };
}
