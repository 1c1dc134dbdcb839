import { SerialPort } from 'serialport';
import { SwipeError } from '../../seams/error.ts';
import type { Attachment } from './sessions.ts';
import type { Served } from './tcp.ts';
import type { SimulatedTerminal } from './terminal.ts';

/**
 * Puts a simulated terminal on a serial port: a null-modem cable, or one end of a pair of pseudo-terminals.
 * A serial line has no connections: when the terminal hangs up or is off, the line is dead, and the next byte that
 * comes while it is on reaches it again.
 * @param options.path such as `/dev/ttyUSB0`; `baudRate` by default 115200 (ECR protocol JSON based v1.0.3.1 §1)
 * Rejects with a SwipeError `linkFailed`.
 */
export async function serveSerial(
  terminal: SimulatedTerminal,
  options: { path: string; baudRate?: number },
): Promise<Served> {
  const { path, baudRate = 115_200 } = options;
  const port = new SerialPort({ path, baudRate, autoOpen: false });
  await new Promise<void>((resolve, reject) => {
    port.open((error) => {
      if (error === null) resolve();
      else reject(new SwipeError('linkFailed', `cannot open ${path}: ${error.message}`, { cause: error }));
    });
  });
  let attachment: Attachment | null = null;
  let isClosing = false;
  const attached = (): Attachment | null =>
    terminal.attach({
      write: (bytes) => port.write(Buffer.from(bytes)),
      close: () => {
        attachment = null;
      },
    });
  attachment = attached();
  port.on('data', (bytes: Buffer) => {
    attachment ??= attached();
    attachment?.receive(bytes);
  });
  const ended = new Promise<void>((resolve, reject) => {
    port.once('error', (error) => reject(new SwipeError('linkClosed', `${path}: ${error.message}`)));
    port.once('close', () => {
      attachment?.detach('closed');
      if (isClosing) resolve();
      else reject(new SwipeError('linkClosed', `${path} is gone: plug it in again and start anew`));
    });
  });
  // Whoever looks at it later still sees the rejection.
  ended.catch(() => {});
  return {
    link: `serial:${path}`,
    ended,
    close: async () => {
      isClosing = true;
      if (port.isOpen) port.close();
      await ended.catch(() => {});
    },
  };
}
