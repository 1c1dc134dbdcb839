/** The desk on node's server: limits of time, of connections, and an address that may come later than the box. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { messageOf } from '../../seams/error.ts';
import type { Log } from '../../seams/log.ts';
import type { Random } from '../../seams/random.ts';
import { pauseAfter } from '../../seams/rest.ts';
import type { Cancel, Time } from '../../seams/time.ts';
import type { Connection, DeskApp } from './app.ts';
import type { Gate } from './limits.ts';

/** How long a client may take. */
export interface ServerTimes {
  headersTimeout: number;
  requestTimeout: number;
  keepAliveTimeout: number;
  connectionsCheckingInterval: number;
}

/** A command is one small packet: whoever needs longer is ended. Waiting for an answer is not meant by these. */
export const usualTimes: ServerTimes = {
  headersTimeout: 5000,
  requestTimeout: 10_000,
  keepAliveTimeout: 15_000,
  connectionsCheckingInterval: 1000,
};

const maxHeaderSize = 49_152;
const requestsPerConnection = 1000;
const closingMs = 1000;

/** What the server is made of. */
export interface ServerParts {
  app: DeskApp;
  gate: Gate;
  host: string;
  /** 0: any free one. */
  port: number;
  times: ServerTimes;
  time: Time;
  random: Random;
  log: Log;
}

/** A server that listens, or goes on trying to. */
export interface DeskServer {
  /** The port that it listens on; null: it does not listen. */
  port(): number | null;
  failure(): string | null;
  /** Takes nothing more, and gives those that are being answered a moment. */
  close(): Promise<void>;
}

/** Listens. An address that the box does not have yet, or a port that is taken, is tried again for ever (invariant 10). */
export function serveDesk(parts: ServerParts): DeskServer {
  const { app, gate, host, port, time, random, log } = parts;
  const listener = getRequestListener((request, env) => app.fetch(request, env as unknown as Connection), {
    overrideGlobalObjects: false,
  });
  let server: Server | null = null;
  let isClosing = false;
  let failure: string | null = null;
  let failures = 0;
  let cancel: Cancel = () => {};

  function admit(socket: Socket): void {
    const leave = gate.connect(socket.remoteAddress ?? '');
    if (leave === null) socket.destroy();
    else socket.once('close', leave);
  }

  function attempt(): void {
    const next = createServer({ ...parts.times, maxHeaderSize }, (request, response) => {
      void listener(request, response);
    });
    next.maxRequestsPerSocket = requestsPerConnection;
    next.on('connection', admit);
    next.once('error', (error) => {
      failures += 1;
      failure = messageOf(error);
      const delayMs = pauseAfter(failures, random);
      if (failures === 1 || failures % 100 === 0)
        log.warn('the desk cannot listen; it will try again', { error: failure, count: failures, delayMs });
      if (!isClosing) cancel = time.after(delayMs, attempt);
    });
    next.listen(port, host, () => {
      if (isClosing) return void next.close();
      server = next;
      failure = null;
      failures = 0;
      // Of a server that listens an error is of one connection that could not be taken.
      next.on('error', (error) =>
        log.warn('the desk could not take a connection', { error: messageOf(error) }),
      );
      log.info('the desk listens', { link: `${host}:${(next.address() as AddressInfo).port}` });
    });
  }

  attempt();
  return {
    port: () => (server?.listening === true ? (server.address() as AddressInfo).port : null),
    failure: () => failure,
    close: () =>
      new Promise((resolve) => {
        isClosing = true;
        cancel();
        const open = server;
        if (open === null) return resolve();
        const late = time.after(closingMs, () => open.closeAllConnections());
        open.close(() => {
          late();
          resolve();
        });
        open.closeIdleConnections();
      }),
  };
}
