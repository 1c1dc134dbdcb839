import type { PrinterLink } from '../../printer/links/link.ts';
import { SwipeError } from '../../seams/error.ts';
import type { Timers } from '../../seams/time.ts';
import type { SimulatedPrinter } from './printer.ts';

/** A link to a simulated printer in this process. Nothing is delivered within the call that sends it. */
export function inProcessPrinterLink(printer: SimulatedPrinter, timers: Timers): PrinterLink {
  const name = 'simulated:printer';
  return {
    name,
    open: (handlers) =>
      new Promise((resolve, reject) => {
        let isOver = false;
        let waiting: { bytes: Uint8Array; done: () => void } | null = null;
        const later = (run: () => void): void => void timers.after(0, run);
        const closed = (reason: string): void => {
          if (isOver) return;
          isOver = true;
          later(() => handlers.closed(reason));
        };
        const push = (): void => {
          if (waiting === null || isOver) return;
          const { bytes, done } = waiting;
          const taken = attachment?.offer(bytes) ?? 0;
          waiting = taken < bytes.length ? { bytes: bytes.subarray(taken), done } : null;
          if (waiting === null) done();
        };
        const attachment = printer.attach({
          write: (bytes) =>
            later(() => {
              if (!isOver) handlers.data(bytes);
            }),
          room: () => {
            if (waiting !== null) later(push);
          },
          close: () => closed('the printer went away'),
        });
        if (attachment === null)
          return later(() => reject(new SwipeError('linkFailed', `${name}: the printer cannot be reached`)));
        later(() =>
          resolve({
            write: (bytes) =>
              new Promise((done) => {
                waiting = { bytes: Uint8Array.from(bytes), done };
                later(push);
              }),
            async close() {
              attachment.detach();
              closed('closed');
            },
          }),
        );
      }),
  };
}
