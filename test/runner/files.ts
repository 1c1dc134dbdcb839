import { readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

/**
 * The test files below a directory, in order of their names. `fixtures` hold files for tests to work on, and
 * `soak` the long ones, which are left out unless asked for.
 * @param filters a file is taken when its path below the directory contains any of them; all are, when there is none
 */
export function findTestFiles(directory: string, filters: readonly string[], withSoak: boolean): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .filter((name) => {
      const folders = name.split(sep).slice(0, -1);
      return !folders.includes('fixtures') && (withSoak || !folders.includes('soak'));
    })
    .map((name) => join(directory, name))
    .filter((file) => filters.length === 0 || filters.some((filter) => fits(file, directory, filter)))
    .sort();
}

// As a shell completes it, from the repository's root, or any part of the name.
const fits = (file: string, directory: string, filter: string): boolean =>
  relative(directory, file).includes(filter) || relative(process.cwd(), file).includes(filter);
