import { chmodSync, mkdirSync, rmSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import { dirname } from 'node:path';
import { isoTime } from '../contract/time.ts';
import type { Gateway } from '../gateway.ts';
import { messageOf, SwipeError } from '../seams/error.ts';
import { logEntryOf, logMaxEntries, type StatusAnswer } from './protocol.ts';

/** A control socket that is being served. */
export interface ControlServer {
  path: string;
  close(): Promise<void>;
}

function send(response: ServerResponse, code: number, body: unknown): void {
  response.writeHead(code, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`);
}

const nothingHere = { code: 404, body: { error: 'allowed: /status, /log' } };

/** What a request is answered. Throws what the gateway throws. */
function answerTo(
  method: string | undefined,
  asked: string,
  gateway: Gateway,
): { code: number; body: unknown } {
  if (!URL.canParse(asked, 'http://control')) return nothingHere;
  const url = new URL(asked, 'http://control');
  if (method !== 'GET') return { code: 405, body: { error: 'only GET' } };
  if (url.pathname === '/status') {
    const answer: StatusAnswer = {
      status: gateway.status(),
      connected: gateway.isConnected(),
      counters: gateway.counters(),
      registry: gateway.registry(),
    };
    return { code: 200, body: answer };
  }
  if (url.pathname !== '/log') return nothingHere;
  const limit = Number(url.searchParams.get('limit') ?? 20);
  if (!Number.isInteger(limit) || limit < 1 || limit > logMaxEntries)
    return { code: 400, body: { error: `limit: allowed: a whole number from 1 to ${logMaxEntries}` } };
  return { code: 200, body: gateway.latest(limit).map((record) => logEntryOf(record, isoTime)) };
}

/**
 * Serves status and log on a Unix socket that only this user and its group can open. A socket left behind by a
 * process that was killed is removed: the journal's lock has already shown that no other gateway runs.
 *
 * @throws SwipeError `controlUnreachable` when the socket cannot be made
 */
export async function serveControl(path: string, gateway: Gateway): Promise<ControlServer> {
  const server = createServer((request, response) => {
    try {
      const { code, body } = answerTo(request.method, request.url ?? '/', gateway);
      send(response, code, body);
    } catch (error) {
      // Whoever only looks must not end a payment under way: a damaged row is found again by those whom it concerns.
      send(response, 500, { error: messageOf(error) });
    }
  });
  try {
    mkdirSync(dirname(path), { recursive: true });
    rmSync(path, { force: true });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(path, resolve);
    });
    chmodSync(path, 0o660);
  } catch (error) {
    throw new SwipeError(
      'controlUnreachable',
      `the control socket ${path} cannot be made: ${messageOf(error)}`,
      {
        cause: error,
      },
    );
  }
  return {
    path,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
