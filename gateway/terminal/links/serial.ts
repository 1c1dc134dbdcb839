import { SerialPort } from 'serialport';
import { messageOf, SwipeError } from '../../seams/error.ts';
import { noticeHangUp } from './hang-up.ts';
import type { Link, LinkConnection, LinkHandlers } from './link.ts';

/** More unsent bytes than this mean that the device has stopped reading. */
const unsentMaxBytes = 64 * 1024;

/**
 * A serial port, 8N1, exclusively ours (serialport's default lock). The modem lines are left as the driver sets
 * them: on a pseudo-terminal they cannot be read or set, and no terminal was seen to need them.
 */
export function serialLink(path: string, { baudRate }: { baudRate: number }): Link {
  const name = `serial:${path}`;
  return {
    name,
    open: (handlers) =>
      new Promise((resolve, reject) => {
        const port = new SerialPort({
          path,
          baudRate,
          dataBits: 8,
          parity: 'none',
          stopBits: 1,
          autoOpen: false,
        });
        noticeHangUp(port);
        // Before anything can arrive: a device may be talking when the port opens.
        const connection = attach(port, handlers);
        port.open((error) => {
          if (error === null) resolve(connection);
          else reject(new SwipeError('linkFailed', `${name}: ${messageOf(error)}`, { cause: error }));
        });
      }),
  };
}

function attach(port: SerialPort, handlers: LinkHandlers): LinkConnection {
  let isOver = false;
  const over = (reason: string): void => {
    if (isOver) return;
    isOver = true;
    handlers.closed(reason);
  };
  const close = (reason: string): Promise<void> =>
    new Promise((resolve) => {
      const done = (): void => {
        over(reason);
        resolve();
      };
      // An unplugged port has closed itself already.
      if (port.isOpen) port.close(done);
      else done();
    });

  port.on('data', (bytes: Uint8Array) => {
    if (!isOver) handlers.data(bytes);
  });
  port.on('error', (error) => void close(messageOf(error)));
  port.on('close', (error: unknown) => over(error instanceof Error ? error.message : 'closed'));

  return {
    write(bytes) {
      if (isOver || !port.isOpen) return;
      if (port.writableLength + bytes.length > unsentMaxBytes) void close('the device does not read');
      else port.write(bytes);
    },
    close: () => close('closed'),
  };
}
