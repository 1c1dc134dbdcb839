/** What the licences of the parts that a package holds ask for: their notices go with every copy. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Part {
  name: string;
  version: string;
  licence: string;
  text: string | null;
}

const noticeFile = /^(licen[cs]e|copying|notice)([.-].*)?$/i;

function partAt(directory: string): Part {
  const { name, version, license } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
  const notices = readdirSync(directory)
    .filter((file) => noticeFile.test(file))
    .sort();
  return {
    name,
    version,
    licence: typeof license === 'string' ? license : (license?.type ?? 'see its text'),
    text:
      notices.length === 0
        ? null
        : notices.map((file) => readFileSync(join(directory, file), 'utf8')).join('\n'),
  };
}

/** The package directories among or above these files: what follows the last `node_modules/` in a path. */
export function packagesAmong(root: string, files: readonly string[]): string[] {
  const found = new Set<string>();
  for (const file of files) {
    const place = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1];
    if (place !== undefined && existsSync(join(root, place, 'package.json'))) found.add(join(root, place));
  }
  return [...found].sort();
}

/** One text of all notices, each package once. `directories`: where the packages lie. */
export function noticesOf(directories: readonly string[]): string {
  const parts = new Map<string, Part>();
  for (const directory of directories) {
    const part = partAt(directory);
    parts.set(`${part.name} ${part.version}`, part);
  }
  return [...parts.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { licence, text }]) => {
      const heading = `${name} (${licence})`;
      return `${heading}\n${'='.repeat(heading.length)}\n\n${(text ?? 'Its package brings no text of its licence.').trim()}\n`;
    })
    .join('\n\n');
}
