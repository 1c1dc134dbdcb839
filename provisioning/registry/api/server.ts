import { readFileSync } from 'node:fs';
import { createServer as createHttp, type Server, type ServerOptions } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import type { Hono } from 'hono';
import { messageOf, SwipeError } from '../../../gateway/seams/error.ts';
import type { Timers } from '../../../gateway/seams/time.ts';
import type { RegistryConfig } from '../config.ts';
import type { Connection } from './app.ts';

/** A server that listens. */
export interface ApiServer {
  url: string;
  /** Takes no more requests; resolves when those that are being worked on are answered, or had their time. */
  close(): Promise<void>;
}

// A registration is one small packet each way: whoever needs longer holds a place that others wait for.
const limits: ServerOptions = {
  headersTimeout: 10_000,
  requestTimeout: 20_000,
  keepAliveTimeout: 30_000,
  connectionsCheckingInterval: 5000,
  maxHeaderSize: 16_384,
};
const connectionsMax = 20_000;
const closingMs = 5000;

/**
 * Serves the API over HTTPS, or over HTTP for a proxy on the same machine.
 *
 * @throws SwipeError `portTaken`, `configInvalid`
 */
export async function listen(
  app: Hono<{ Bindings: Connection }>,
  { host, port, tls }: Omit<RegistryConfig['listen'], 'proxies'>,
  timers: Timers,
): Promise<ApiServer> {
  const listener = getRequestListener((request, env) => app.fetch(request, env as unknown as Connection), {
    overrideGlobalObjects: false,
  });
  const handle = (...[request, response]: Parameters<typeof listener>): void =>
    void listener(request, response);
  const server: Server =
    tls === null ? createHttp(limits, handle) : createHttps({ ...limits, ...pair(tls) }, handle);
  server.maxConnections = connectionsMax;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const taken = cause.code === 'EADDRINUSE';
      const why = taken ? `port ${port} of ${host} is in use by another program` : messageOf(cause);
      reject(new SwipeError(taken ? 'portTaken' : 'configInvalid', `listen: ${why}`, { cause }));
    });
    server.listen(port, host, resolve);
  });
  const { port: bound } = server.address() as AddressInfo;
  const name = host.includes(':') ? `[${host}]` : host;
  return {
    url: `${tls === null ? 'http' : 'https'}://${name}:${bound}`,
    close: () =>
      new Promise((resolve) => {
        const cancel = timers.after(closingMs, () => server.closeAllConnections());
        server.close(() => {
          cancel();
          resolve();
        });
        server.closeIdleConnections();
      }),
  };
}

function pair({ cert, key }: { cert: string; key: string }): { cert: Buffer; key: Buffer } {
  try {
    return { cert: readFileSync(cert), key: readFileSync(key) };
  } catch (cause) {
    throw new SwipeError('configInvalid', `listen.tls: ${messageOf(cause)}`, { cause });
  }
}
