import { read } from 'node:fs';
import { promisify } from 'node:util';
import type { SerialPort } from 'serialport';

const readFile = promisify(read);

/** What serialport's binding is on Linux and macOS, as far as it is used here. */
interface UnixBinding {
  readonly isOpen: boolean;
  readonly fd: number | null;
  readonly poller: { once(event: 'readable', heard: (error: Error | null) => void): unknown };
  read(buffer: Buffer, offset: number, length: number): Promise<{ buffer: Buffer; bytesRead: number }>;
}

/**
 * Makes a serial port notice every unplug. A tty that has hung up reads as zero bytes, and serialport 13 takes that
 * for "try again", without end, until the memory is used up: https://github.com/serialport/bindings-cpp/pull/164.
 * It closes itself in time only when the unplug finds it waiting, not reading. Call it before anything reads: before
 * `data` is listened for. Elsewhere than on Linux and macOS it changes nothing.
 */
export function noticeHangUp(port: SerialPort): void {
  port.on('open', () => {
    const binding = port.port;
    if (isUnix(binding))
      binding.read = (buffer, offset, length) => readOrFail(binding, buffer, offset, length);
  });
}

function isUnix(binding: unknown): binding is UnixBinding {
  return typeof binding === 'object' && binding !== null && 'fd' in binding && 'poller' in binding;
}

async function readOrFail(binding: UnixBinding, buffer: Buffer, offset: number, length: number) {
  for (;;) {
    const bytesRead = await readNow(openFd(binding), buffer, offset, length);
    if (bytesRead === 0) throw new Error('the device has gone');
    if (bytesRead !== null) return { buffer, bytesRead };
    // Again: a poller of a port that was closed meanwhile takes the process with it.
    openFd(binding);
    await new Promise<void>((resolve, reject) => {
      binding.poller.once('readable', (error) => (error === null ? resolve() : reject(error)));
    });
  }
}

/** The port's file descriptor. Throws when serialport has closed it; `canceled` tells serialport so. */
function openFd({ isOpen, fd }: UnixBinding): number {
  if (isOpen && fd !== null) return fd;
  throw Object.assign(new Error('closed'), { canceled: true });
}

/** What can be read at once; null when nothing has come yet. */
async function readNow(fd: number, buffer: Buffer, offset: number, length: number): Promise<number | null> {
  try {
    return (await readFile(fd, buffer, offset, length, null)).bytesRead;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EAGAIN' || code === 'EWOULDBLOCK' || code === 'EINTR') return null;
    throw error;
  }
}
