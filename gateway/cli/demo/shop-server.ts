/** The sample shop's HTTP: a server of its own beside the box, as a real shop's is. It listens on the loopback address only. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SwipeError } from '../../seams/error.ts';

/** What the shop says to a request. */
export interface ShopAnswer {
  status: number;
  headers?: Record<string, string>;
  body?: string | Uint8Array;
}

/** What the shop does with a request; null: it answers by itself. */
export type ShopHandler = (
  request: { method: string; url: URL; language: string | undefined },
  response: ServerResponse,
) => Promise<ShopAnswer | null>;

/** A shop that listens. */
export interface ShopServer {
  /** Its origin. */
  url: string;
  /** From now on this answers; before, the shop is not open. */
  open(handler: ShopHandler): void;
  close(): Promise<void>;
}

const connectionsMax = 64;

/**
 * Listens.
 *
 * @param port 0: any free one
 * @throws SwipeError `portTaken`
 */
export async function listenShop(host: string, port: number): Promise<ShopServer> {
  let handler: ShopHandler | null = null;
  let url = '';
  const server = createServer({ headersTimeout: 5000, requestTimeout: 10_000 }, (request, response) => {
    void answer(request, response, url, handler);
  });
  server.maxConnections = connectionsMax;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        error.code === 'EADDRINUSE'
          ? new SwipeError('portTaken', `port ${port} is in use: name another one with --shop-port`)
          : error,
      ),
    );
    server.listen(port, host, resolve);
  });
  url = `http://${host}:${(server.address() as AddressInfo).port}`;
  return {
    url,
    open(given) {
      handler = given;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  own: string,
  handler: ShopHandler | null,
): Promise<void> {
  // No form of the shop's has anything in its body.
  request.resume();
  const {
    status,
    headers = {},
    body = '',
  } = (await answerTo(request, response, own, handler)) ?? {
    status: 0,
  };
  if (status === 0) return;
  response
    .writeHead(status, {
      'Content-Type': 'text/plain; charset=utf-8',
      'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
      ...commonHeaders,
      ...headers,
    })
    .end(body);
}

/** Of every answer. */
export const commonHeaders = {
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'same-origin',
} as const;

async function answerTo(
  { method = '', url: path = '/', headers }: IncomingMessage,
  response: ServerResponse,
  own: string,
  handler: ShopHandler | null,
): Promise<ShopAnswer | null> {
  if (handler === null) return { status: 503, body: 'the shop is not open yet\n' };
  // By any other name a foreign page, whose own name was made to point here, would be of the shop's origin.
  if (`http://${headers.host}` !== own) return { status: 421, body: `this is ${own}\n` };
  const { origin, 'sec-fetch-site': site } = headers;
  const isForeign =
    (origin !== undefined && origin !== own) || (site !== undefined && site !== 'same-origin');
  if (method !== 'GET' && isForeign) return { status: 403, body: 'a form of another page\n' };
  if (!URL.canParse(path, own)) return { status: 400, body: 'no address\n' };
  try {
    const language = headers['accept-language'];
    return await handler({ method, url: new URL(path, own), language }, response);
  } catch {
    return response.headersSent ? null : { status: 500, body: 'the shop could not answer\n' };
  }
}
