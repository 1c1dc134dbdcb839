/** What can happen to a file of a journal, and where. Pure but for the files that it spoils. */
import { copyFileSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A kind of damage. */
export type DamageKind = 'cut short' | 'bit flipped' | 'page of zeros' | 'removed' | 'older copy';

/** One damage to one or several files. */
export interface DamageCase {
  image: string;
  kind: DamageKind;
  files: readonly string[];
  /** Where in the file, or what it is replaced by. */
  detail: string;
  /** Spoils the files in this directory. */
  spoil(directory: string): void;
}

/** A journal to be damaged: its files, and what they once were. */
export interface Image {
  name: string;
  directory: string;
  files: readonly string[];
  /** Whole copies of earlier moments, by what they are. */
  older: Readonly<Record<string, string>>;
}

const pageBytes = 4096;

/** Every case for an image; cuts and flips at so many places of each file. */
export function casesOf(image: Image, places: number): DamageCase[] {
  return image.files.flatMap((file) => {
    const bytes = statSync(join(image.directory, file)).size;
    const one = (kind: DamageKind, detail: string, spoil: (path: string) => void): DamageCase => ({
      image: image.name,
      kind,
      files: [file],
      detail,
      spoil: (directory) => spoil(join(directory, file)),
    });
    const spread = (count: number, most: number): number[] =>
      Array.from({ length: Math.min(count, most) }, (_, index) => Math.floor((index * most) / count));
    return [
      ...spread(places, bytes).map((size) =>
        one('cut short', `to ${size} bytes`, (path) => truncateSync(path, size)),
      ),
      ...flips(bytes, places).map((at) =>
        one('bit flipped', `bit ${at % 8} of byte ${at}`, (path) => flip(path, at)),
      ),
      ...spread(Math.ceil(places / 3), Math.ceil(bytes / pageBytes)).map((page) =>
        one('page of zeros', `page ${page}`, (path) => zero(path, page)),
      ),
      one('removed', '', (path) => rmSync(path)),
      ...olderCases(image, [file]),
    ];
  });
}

/**
 * Files that went back together, as when a part of a backup is played in. Never all that changed since: a whole older
 * state is sound in itself, and nobody can tell. The database file alone may not have changed since.
 */
export const pairCases = (image: Image): DamageCase[] =>
  image.files.length < 3
    ? []
    : image.files
        .filter((left) => left !== 'journal.db')
        .flatMap((left) =>
          olderCases(
            image,
            image.files.filter((file) => file !== left),
          ),
        );

const olderCases = ({ name, older }: Image, files: readonly string[]): DamageCase[] =>
  Object.entries(older).map(([age, from]) => ({
    image: name,
    kind: 'older copy',
    files,
    detail: age,
    spoil(directory) {
      for (const file of files) {
        const source = join(from, file);
        if (statSync(source, { throwIfNoEntry: false }) === undefined)
          rmSync(join(directory, file), { force: true });
        else copyFileSync(source, join(directory, file));
      }
    },
  }));

/** Half of them in the first bytes of pages, where a page says what it is; the others anywhere. */
function flips(bytes: number, places: number): number[] {
  return Array.from({ length: places }, (_, index) => {
    const spread = Math.floor((index * bytes) / places);
    const inPage = index % 2 === 0 ? (index * 7) % 120 : (index * 613) % pageBytes;
    return Math.min(bytes - 1, spread - (spread % pageBytes) + inPage);
  });
}

function flip(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes[at] = (bytes[at] ?? 0) ^ (1 << (at % 8));
  writeFileSync(path, bytes);
}

function zero(path: string, page: number): void {
  const bytes = readFileSync(path);
  bytes.fill(0, page * pageBytes, (page + 1) * pageBytes);
  writeFileSync(path, bytes);
}
