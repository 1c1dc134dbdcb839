import { messageOf } from '../../seams/error.ts';
import type { Log } from '../../seams/log.ts';
import { type Kept, type KeptFile, nothingKept, readKept, underPin, writeKept } from './kept.ts';

/** What the box knows of the registry, in memory and on disk. Nothing here throws. */
export interface Memory {
  kept(): Kept;
  /** From now on this is so. Returns whether it is on disk, too; a disk that is full changes nothing of what is so. */
  keep(next: Kept): boolean;
  /** Writes down what could not be written before. */
  settle(): void;
}

/** Opens it. What is damaged is told and forgotten: the registry says it all again. */
export function openMemory({
  box,
  pin,
  file,
  log,
}: {
  box: string;
  pin: string;
  file: KeptFile;
  log: Log;
}): Memory {
  let kept = underPin(read() ?? nothingKept(box, pin), pin);
  let written = true;

  function read(): Kept | null {
    try {
      const text = file.read();
      const found = text === null ? null : readKept(text, box);
      if (text !== null && found === null)
        log.error('what was kept of the registry is damaged, or of another box: it is asked anew');
      return found;
    } catch (error) {
      log.error('what was kept of the registry cannot be read: it is asked anew', {
        error: messageOf(error),
      });
      return null;
    }
  }

  function write(): boolean {
    const before = written;
    try {
      file.write(writeKept(kept));
      written = true;
    } catch (error) {
      written = false;
      if (before) log.error('what the registry says cannot be written down', { error: messageOf(error) });
    }
    return written;
  }

  return {
    kept: () => kept,
    keep(next) {
      kept = next;
      return write();
    },
    settle() {
      if (!written) write();
    },
  };
}
