import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';

/** All files below a directory, as paths within it, sorted. */
export function filesIn(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true, recursive: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)))
    .sort();
}
