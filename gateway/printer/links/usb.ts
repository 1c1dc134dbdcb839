import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { messageOf, SwipeError } from '../../seams/error.ts';
import type { Cancel, Timers } from '../../seams/time.ts';
import type { PrinterConnection, PrinterHandlers, PrinterLink } from './link.ts';

/** What a USB link may need besides its path. */
export interface UsbOptions {
  timers: Timers;
  /** False: the device is only written to. Some printers have no way back. */
  reads: boolean;
}

/** How often a device that takes no bytes just now is tried again. */
const retryMs = 20;
/** How often it is looked for an answer: often for a while after bytes were sent, then seldom. */
const readSoonMs = 10;
const readSeldomMs = 500;
const soonMaxMs = 3_000;
const readMaxBytes = 512;

/**
 * A USB printer as Linux shows it (usblp): `/dev/usb/lp0`. Nothing waits in the kernel (O_NONBLOCK): one of Node's four
 * threads that hung there, because the paper has ended, would be missing everywhere else.
 */
export function usbPrinterLink(path: string, options: UsbOptions): PrinterLink {
  const name = `usb:${path}`;
  return {
    name,
    async open(handlers) {
      const access = options.reads ? constants.O_RDWR : constants.O_WRONLY;
      try {
        // Not O_CREAT: a printer that is not there must not become a file.
        const file = await open(path, access | constants.O_NONBLOCK | constants.O_NOCTTY);
        if ((await file.stat()).isFile()) {
          await file.close();
          throw new Error('it is a file, not a device');
        }
        return new UsbConnection(file, options, handlers);
      } catch (error) {
        throw new SwipeError('linkFailed', `${name}: ${messageOf(error)}`, { cause: error });
      }
    },
  };
}

class UsbConnection implements PrinterConnection {
  readonly #file: FileHandle;
  readonly #timers: Timers;
  readonly #handlers: PrinterHandlers;
  #isOver = false;
  #cancelRead: Cancel = () => {};
  #soonLeftMs = 0;
  #isReading = false;
  #closing: Promise<void> | null = null;

  constructor(file: FileHandle, { timers, reads }: UsbOptions, handlers: PrinterHandlers) {
    this.#file = file;
    this.#timers = timers;
    this.#handlers = handlers;
    if (reads) this.#lookLater();
  }

  write(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve) => void this.#writeFrom(bytes, 0, resolve));
  }

  close(): Promise<void> {
    return this.#end('closed');
  }

  async #writeFrom(bytes: Uint8Array, from: number, done: () => void): Promise<void> {
    let at = from;
    try {
      while (at < bytes.length && !this.#isOver)
        at += (await this.#file.write(bytes, at, bytes.length - at, null)).bytesWritten;
    } catch (error) {
      if (!isForNow(error)) return void this.#end(messageOf(error));
      this.#timers.after(retryMs, () => void this.#writeFrom(bytes, at, done));
      return;
    }
    if (this.#isOver) return;
    // An answer may come at once.
    this.#soonLeftMs = soonMaxMs;
    if (!this.#isReading) this.#look();
    done();
  }

  #lookLater(): void {
    if (this.#isOver) return;
    const isSoon = this.#soonLeftMs > 0;
    if (isSoon) this.#soonLeftMs -= readSoonMs;
    this.#cancelRead = this.#timers.after(isSoon ? readSoonMs : readSeldomMs, () => this.#look());
  }

  #look(): void {
    this.#cancelRead();
    this.#isReading = true;
    void this.#read().finally(() => {
      this.#isReading = false;
      this.#lookLater();
    });
  }

  async #read(): Promise<void> {
    try {
      const buffer = Buffer.alloc(readMaxBytes);
      const { bytesRead } = await this.#file.read(buffer, 0, readMaxBytes, null);
      if (bytesRead > 0 && !this.#isOver) this.#handlers.data(buffer.subarray(0, bytesRead));
    } catch (error) {
      if (!isForNow(error)) void this.#end(messageOf(error));
    }
  }

  #end(reason: string): Promise<void> {
    if (this.#closing === null) {
      this.#isOver = true;
      this.#cancelRead();
      this.#closing = this.#file.close().catch(() => {});
      this.#handlers.closed(reason);
    }
    return this.#closing;
  }
}

/** The device takes, or has, nothing just now. ENOSPC is usblp's word for "out of paper". */
function isForNow(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return (
    code === 'EAGAIN' || code === 'EWOULDBLOCK' || code === 'EINTR' || code === 'ENOSPC' || code === 'EBUSY'
  );
}
