import { createHash } from 'node:crypto';
import type { Files } from './world.ts';

/** A mark of the config as it stands; empty while there is none. */
export function configMark(files: Files): string {
  const text = files.read('config');
  return text === null ? '' : createHash('sha256').update(text).digest('hex').slice(0, 16);
}
