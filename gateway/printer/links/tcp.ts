import { connect, type Socket } from 'node:net';
import { messageOf, SwipeError } from '../../seams/error.ts';
import type { Timers } from '../../seams/time.ts';
import type { PrinterConnection, PrinterHandlers, PrinterLink } from './link.ts';

/** A printer in the same room answers in milliseconds; one that is switched off does not answer at all. */
const connectMaxMs = 5_000;
/** How long the last bytes may take to leave. */
const goodbyeMaxMs = 1_000;
const keepAliveIdleMs = 10_000;

/** A raw TCP connection to a printer's port 9100. The box keeps it: many printers serve one client at a time. */
export function tcpPrinterLink(host: string, port: number, { timers }: { timers: Timers }): PrinterLink {
  const name = `tcp:${host.includes(':') ? `[${host}]` : host}:${port}`;
  return {
    name,
    open: (handlers) =>
      new Promise((resolve, reject) => {
        const socket = connect({
          host,
          port,
          noDelay: true,
          keepAlive: true,
          keepAliveInitialDelay: keepAliveIdleMs,
        });
        const failed = (why: string, cause?: unknown): void => {
          cancelLimit();
          socket.destroy();
          reject(new SwipeError('linkFailed', `${name}: ${why}`, { cause }));
        };
        const refused = (error: Error): void => failed(messageOf(error), error);
        const cancelLimit = timers.after(connectMaxMs, () => failed(`no answer in ${connectMaxMs} ms`));
        socket.once('error', refused);
        socket.once('connect', () => {
          cancelLimit();
          socket.off('error', refused);
          resolve(attach(socket, handlers, timers));
        });
      }),
  };
}

function attach(socket: Socket, handlers: PrinterHandlers, timers: Timers): PrinterConnection {
  let reason = 'closed by the printer';
  const closed = new Promise<void>((resolve) => {
    socket.on('close', () => {
      handlers.closed(reason);
      resolve();
    });
  });
  socket.on('error', (error) => {
    reason = messageOf(error);
  });
  socket.on('data', (bytes) => handlers.data(bytes));
  return {
    write: (bytes) =>
      new Promise((resolve) => {
        if (!socket.destroyed) socket.write(bytes, (error) => error ?? resolve());
      }),
    close() {
      if (!socket.destroyed) {
        reason = 'closed';
        // What a stopped printer did not take is thrown away; what it does take has a moment to leave.
        if (socket.writableLength > 0) socket.destroy();
        else socket.end();
        const cancel = timers.after(goodbyeMaxMs, () => socket.destroy());
        void closed.then(cancel);
      }
      return closed;
    },
  };
}
