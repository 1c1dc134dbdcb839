import { SerialPort } from 'serialport';
import { SwipeError } from '../../seams/error.ts';
import type { SimulatedPrinter } from './printer.ts';
import type { ServedPrinter } from './tcp.ts';

/**
 * Puts a simulated printer on a serial port: a null-modem cable, or one end of a pair of pseudo-terminals. Its buffer
 * has no way to say that it is full here, so it should be large.
 * Rejects with a SwipeError `linkFailed`.
 */
export async function servePrinterSerial(
  printer: SimulatedPrinter,
  { path, baudRate = 9600 }: { path: string; baudRate?: number },
): Promise<ServedPrinter> {
  const port = new SerialPort({ path, baudRate, autoOpen: false });
  await new Promise<void>((resolve, reject) => {
    port.open((error) => {
      if (error === null) resolve();
      else reject(new SwipeError('linkFailed', `cannot open ${path}: ${error.message}`, { cause: error }));
    });
  });
  const attachment = printer.attach({
    write: (bytes) => port.write(Buffer.from(bytes)),
    room() {},
    close() {},
  });
  port.on('data', (bytes: Uint8Array) => attachment?.offer(bytes));
  let isClosing = false;
  const ended = new Promise<void>((resolve, reject) => {
    port.once('error', (error) => reject(new SwipeError('linkClosed', `${path}: ${error.message}`)));
    port.once('close', () => {
      attachment?.detach();
      if (isClosing) resolve();
      else reject(new SwipeError('linkClosed', `${path} is gone: plug it in again and start anew`));
    });
  });
  // Whoever looks at it later still sees the rejection.
  ended.catch(() => {});
  return {
    link: `serial:${path}`,
    ended,
    async close() {
      isClosing = true;
      if (port.isOpen) port.close();
      await ended.catch(() => {});
    },
  };
}
