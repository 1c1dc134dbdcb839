import { connect, type Socket } from 'node:net';
import { messageOf, SwipeError } from '../../seams/error.ts';
import type { Timers } from '../../seams/time.ts';
import type { Link, LinkConnection, LinkHandlers } from './link.ts';

/** A terminal in the same room answers in milliseconds; one that is switched off does not answer at all. */
const connectMaxMs = 5_000;
/** How long the other side may take to say goodbye. */
const goodbyeMaxMs = 1_000;
/** More unsent bytes than this mean that the device has stopped reading. */
const unsentMaxBytes = 64 * 1024;
/** Silence after which the kernel asks whether the other side is still there; Node then probes every second, ten times. */
const keepAliveIdleMs = 10_000;

/** A TCP connection to a terminal, which is the server. Small frames go out at once, dead peers are noticed. */
export function tcpLink(host: string, port: number, { timers }: { timers: Timers }): Link {
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

function attach(socket: Socket, handlers: LinkHandlers, timers: Timers): LinkConnection {
  let isOver = false;
  let reason = 'closed by the other side';
  const closed = new Promise<void>((resolve) => {
    socket.on('close', () => {
      isOver = true;
      handlers.closed(reason);
      resolve();
    });
  });
  socket.on('error', (error) => {
    reason = messageOf(error);
  });
  socket.on('data', (bytes) => handlers.data(bytes));

  return {
    write(bytes) {
      if (isOver || !socket.writable) return;
      if (socket.writableLength + bytes.length <= unsentMaxBytes) {
        socket.write(bytes);
        return;
      }
      reason = 'the device does not read';
      socket.destroy();
    },
    async close() {
      if (!isOver) {
        reason = 'closed';
        // A clean goodbye: a terminal holds a silent connection against the next one for an unknown time.
        socket.end();
        const cancel = timers.after(goodbyeMaxMs, () => socket.destroy());
        void closed.then(cancel);
      }
      return closed;
    },
  };
}
