import { createServer, type Socket } from 'node:net';
import { SwipeError } from '../../seams/error.ts';
import type { SimulatedPrinter } from './printer.ts';

/** A simulated printer that can be reached from outside the process. */
export interface ServedPrinter {
  /** As a config writes it: `tcp:127.0.0.1:9100`, `serial:/dev/…`. */
  link: string;
  /** Settles when it can be reached no more: rejects when that was not asked for. */
  ended: Promise<void>;
  close(): Promise<void>;
}

const connectionsMax = 8;

/**
 * Lets a simulated printer listen on a TCP port, as a real one does on 9100. It serves one client at a time.
 * @param options.port 0: any free one
 * Rejects with a SwipeError `portTaken`.
 */
export async function servePrinterTcp(
  printer: SimulatedPrinter,
  options: { host: string; port: number },
): Promise<ServedPrinter & { port: number }> {
  const { host } = options;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    attach(printer, socket);
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

function attach(printer: SimulatedPrinter, socket: Socket): void {
  socket.on('error', () => socket.destroy());
  socket.setNoDelay(true);
  let waiting: Uint8Array = new Uint8Array(0);
  let isOffering = false;
  const take = (): void => {
    isOffering = true;
    const taken = attachment?.offer(waiting) ?? waiting.length;
    isOffering = false;
    waiting = waiting.subarray(taken);
    // A full printer takes nothing more from the line.
    if (waiting.length > 0) socket.pause();
    else socket.resume();
  };
  const attachment = printer.attach({
    write: (bytes) => {
      if (!socket.destroyed) socket.write(bytes);
    },
    room: () => {
      if (waiting.length > 0 && !isOffering) take();
    },
    close: () => socket.destroy(),
  });
  if (attachment === null) return void socket.destroy();
  socket.on('data', (bytes: Uint8Array) => {
    waiting = Uint8Array.from(Buffer.concat([waiting, bytes]));
    take();
  });
  socket.once('close', () => attachment.detach());
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): SwipeError {
  return error.code === 'EADDRINUSE'
    ? new SwipeError('portTaken', `port ${port} of ${host} is in use by another program: choose another`, {
        cause: error,
      })
    : new SwipeError('linkFailed', `cannot listen on port ${port} of ${host}: ${error.message}`, {
        cause: error,
      });
}
