import { SerialPort } from 'serialport';
import { messageOf, SwipeError } from '../../seams/error.ts';
import type { PrinterConnection, PrinterHandlers, PrinterLink } from './link.ts';

/** What a serial link may need besides its path. */
export interface SerialOptions {
  baudRate: number;
  /** Makes a port notice every unplug, before anything reads it. */
  noticeHangUp(port: SerialPort): void;
}

/**
 * A serial port, 8N1, exclusively ours. A printer that is full says so with XOFF, which is none of its answers' bytes;
 * one that only drops DTR needs a cable that brings it to CTS and an adapter that heeds it.
 */
export function serialPrinterLink(path: string, { baudRate, noticeHangUp }: SerialOptions): PrinterLink {
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
          xon: true,
          autoOpen: false,
        });
        noticeHangUp(port);
        const connection = attach(port, handlers);
        port.open((error) => {
          if (error === null) resolve(connection);
          else reject(new SwipeError('linkFailed', `${name}: ${messageOf(error)}`, { cause: error }));
        });
      }),
  };
}

function attach(port: SerialPort, handlers: PrinterHandlers): PrinterConnection {
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
      if (!port.isOpen) return done();
      // What a stopped printer did not take would hold the port open, and come out at the wrong time.
      port.flush(() => (port.isOpen ? port.close(done) : done()));
    });

  port.on('data', (bytes: Uint8Array) => {
    if (!isOver) handlers.data(bytes);
  });
  port.on('error', (error) => void close(messageOf(error)));
  port.on('close', (error: unknown) => over(error instanceof Error ? error.message : 'closed'));

  return {
    write: (bytes) =>
      new Promise((resolve) => {
        if (isOver || !port.isOpen) return;
        port.write(bytes, (error) => {
          if (!error && !isOver && port.isOpen) port.drain((failed) => failed || resolve());
        });
      }),
    close: () => close('closed'),
  };
}
