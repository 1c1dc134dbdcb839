import { createServer, type Socket } from 'node:net';
import { SwipeError } from '../../seams/error.ts';
import type { SimulatedTerminal } from './terminal.ts';

/** A simulated device that can be reached from outside the process. */
export interface Served {
  /** As a config writes it: `tcp:127.0.0.1:2000`, `serial:/dev/…`. */
  link: string;
  /** Settles when it can be reached no more: rejects when that was not asked for. */
  ended: Promise<void>;
  close(): Promise<void>;
}

const connectionsMax = 8;

/**
 * Lets a simulated terminal listen on a TCP port, as a real one does (by default on 2000).
 * @param options.port 0: any free one
 * Rejects with a SwipeError `portTaken`.
 */
export async function serveTcp(
  terminal: SimulatedTerminal,
  options: { host: string; port: number },
): Promise<Served & { port: number }> {
  const { host } = options;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    attach(terminal, socket);
  });
  server.maxConnections = connectionsMax;
  const ended = new Promise<void>((resolve) => server.once('close', resolve));
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, host, options.port)));
    server.listen(options.port, host, resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : options.port;
  return {
    port,
    link: `tcp:${host.includes(':') ? `[${host}]` : host}:${port}`,
    ended,
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      return ended;
    },
  };
}

function attach(terminal: SimulatedTerminal, socket: Socket): void {
  // Some errors come after the end; nobody else listens to them.
  socket.on('error', () => attachment?.detach('lost'));
  socket.setNoDelay(true);
  const attachment = terminal.attach({
    write: (bytes) => {
      if (!socket.destroyed) socket.write(bytes);
    },
    close: () => socket.end(),
  });
  if (attachment === null) {
    socket.destroy();
    return;
  }
  socket.on('data', (bytes) => attachment.receive(bytes));
  socket.once('close', () => attachment.detach('closed'));
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): SwipeError {
  if (error.code === 'EADDRINUSE')
    return new SwipeError(
      'portTaken',
      `port ${port} of ${host} is in use by another program: choose another`,
      {
        cause: error,
      },
    );
  return new SwipeError('linkFailed', `cannot listen on port ${port} of ${host}: ${error.message}`, {
    cause: error,
  });
}
