/** HTTP and HTTPS servers for tests, on a free port of 127.0.0.1. */
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

/** A server that can be reached. */
export interface Served {
  url: string;
  close(): Promise<void>;
}

/** Serves whatever this listener answers. With `tls` over HTTPS. */
export async function serve(listener: RequestListener, tls?: { cert: string; key: string }): Promise<Served> {
  const server: Server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
