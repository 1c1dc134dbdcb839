import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A source file of this repository, by its path from the root. */
export interface Source {
  path: string;
  text: string;
}

/** An import, an export from elsewhere, or a dynamic import of a literal; for types as well. */
export interface Import {
  from: string;
  /** A file as its path from the root; `node:` and package names as they stand. */
  what: string;
  isFile: boolean;
}

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The files below a folder of this repository whose names end as given, without those of `node_modules`. */
export function sourcesOf(folder: string, endings: readonly string[]): Source[] {
  // Git keeps no empty folder.
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => endings.some((ending) => name.endsWith(ending)))
    .map((name) => join(folder, name))
    .filter((path) => !path.split('/').includes('node_modules'))
    .sort()
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
}

/** The text of one file of this repository. */
export const textOf = (path: string): string => readFileSync(join(root, path), 'utf8');

/** The code without its comments, line for line. Good enough for code that biome has formatted. */
export function withoutComments(text: string): string {
  return text
    .replace(/^[ \t]*\/\*[\s\S]*?\*\//gm, (comment) => comment.replace(/[^\n]/g, ''))
    .replace(/(^|\s)\/\/.*$/gm, '$1');
}

const statements = [
  /^(?:import|export)\s[^'"`;]*?\sfrom\s+'([^']+)'/gm,
  /^import\s+'([^']+)'/gm,
  /\bimport\(\s*'([^']+)'\s*\)/g,
];

/** All that a file imports. */
export function importsOf({ path, text }: Source): Import[] {
  const code = withoutComments(text);
  return statements
    .flatMap((statement) => [...code.matchAll(statement)].map((match) => match[1] ?? ''))
    .map((what) =>
      what.startsWith('.')
        ? { from: path, what: join(path, '..', what), isFile: true }
        : { from: path, what, isFile: false },
    );
}

/** The package that an import names, such as `@serialport/stream`; null for a file or a part of Node. */
export function packageOf({ what, isFile }: Import): string | null {
  if (isFile || what.startsWith('node:')) return null;
  return what
    .split('/')
    .slice(0, what.startsWith('@') ? 2 : 1)
    .join('/');
}
