import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { SwipeError } from '../seams/error.ts';

/**
 * Writes a file so that after a power cut there is either all of it or none: a temporary file beside it, fsync,
 * rename, fsync of the directory. (Rename without fsync leaves files of no length on ext4.)
 *
 * @param mode permissions, such as 0o600
 * @throws SwipeError `storageFull`; whatever else the file system says
 */
export function writeDurably(path: string, text: string, mode: number): void {
  const temporary = `${path}.new`;
  try {
    // A leftover of a write that was cut off; `wx` then makes sure that the mode is ours.
    rmSync(temporary, { force: true });
    withFile(temporary, 'wx', mode, (file) => {
      writeFileSync(file, text);
      fsyncSync(file);
    });
    renameSync(temporary, path);
    withFile(dirname(path), 'r', mode, fsyncSync);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOSPC' || code === 'EDQUOT')
      throw new SwipeError('storageFull', `no room for ${path}`, { cause });
    throw cause;
  }
}

function withFile(path: string, flags: string, mode: number, use: (file: number) => void): void {
  const file = openSync(path, flags, mode);
  try {
    use(file);
  } finally {
    closeSync(file);
  }
}
