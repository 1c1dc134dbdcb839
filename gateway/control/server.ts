import { chmodSync, mkdirSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { dirname } from 'node:path';
import { messageOf, SwipeError } from '../seams/error.ts';
import type { Probes } from './probes.ts';
import { answerTo, type RouteParts } from './routes.ts';

/** A control socket that is being served. */
export interface ControlServer {
  path: string;
  close(): Promise<void>;
}

const bodyMaxBytes = 4096;

function send(response: ServerResponse, code: number, body: unknown): void {
  response.writeHead(code, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`);
}

/** The body's JSON; undefined when there is none, or none that can be read. */
async function bodyOf(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const part of request) {
    text += String(part);
    if (text.length > bodyMaxBytes) return undefined;
  }
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function answer(parts: RouteParts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const asked = { method: request.method, url: request.url ?? '/', body: await bodyOf(request) };
    const { code, body } = await answerTo(parts, asked);
    send(response, code, body);
  } catch (error) {
    // Whoever only looks must not end a payment under way: a damaged row is found again by those whom it concerns.
    send(response, 500, { error: messageOf(error) });
  }
}

/**
 * Serves status and log, and with probes what a technician asks for, on a Unix socket that only this user and its group
 * can open. A socket left behind by a process that was killed is removed: the journal's lock has already shown that no
 * other gateway runs.
 *
 * @throws SwipeError `controlUnreachable` when the socket cannot be made
 */
export async function serveControl(
  path: string,
  gateway: RouteParts['gateway'],
  probes: Probes | null = null,
): Promise<ControlServer> {
  const parts: RouteParts = { gateway, probes };
  const server = createServer((request, response) => void answer(parts, request, response));
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
