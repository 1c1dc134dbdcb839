import { readFileSync } from 'node:fs';
import { writeDurably } from '../durable-file.ts';
import type { KeptFile } from './kept.ts';

/** What is kept of the registry, in a file that only the box's user can read: there are secrets of sale systems in it. */
export const keptFileAt = (path: string): KeptFile => ({
  read() {
    try {
      return readFileSync(path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw error;
    }
  },
  write: (text) => writeDurably(path, text, 0o600),
});
