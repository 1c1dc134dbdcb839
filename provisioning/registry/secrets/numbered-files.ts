import {
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { messageOf, SwipeError } from '../../../gateway/seams/error.ts';
import type { Random } from '../../../gateway/seams/random.ts';

/**
 * Files `NAME-1.json`, `NAME-2.json`, … in a directory that several instances share. Each is written once, all of it or
 * none, and never changed: of two instances that make the next one at the same moment exactly one does.
 */
export interface NumberedFiles<Content> {
  /** Those that are there, highest first. Changes of other instances are seen. */
  numbers(): number[];
  /** @throws SwipeError `registryUnfit` when it is damaged or not there */
  read(number: number): Content;
  /** Writes one. False: another instance was faster, and its file is the one. */
  create(number: number, content: Content): boolean;
  /** Takes these away, for good; `kept` is left in the place of each, under the name that it gives. Repeatable. */
  remove(numbers: readonly number[], kept?: (number: number) => { name: string; text: string }): void;
}

/** The files of this name in this directory, which is made where it is missing. */
export function createNumberedFiles<const Schema extends v.GenericSchema>(
  directory: string,
  { name, schema, random }: { name: string; schema: Schema; random: Pick<Random, 'bytes'> },
): NumberedFiles<v.InferOutput<Schema>> {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const pattern = new RegExp(`^${name}-(\\d{1,6})\\.json$`);
  const pathOf = (number: number): string => join(directory, `${name}-${number}.json`);

  /** Has a finished file of this text put into its place, and leaves no unfinished one. */
  function finish(text: string, put: (unfinished: string) => void): void {
    const unfinished = join(directory, `.new-${Buffer.from(random.bytes(8)).toString('hex')}`);
    try {
      writeSynced(unfinished, text);
      put(unfinished);
    } finally {
      rmSync(unfinished, { force: true });
      sync(directory);
    }
  }

  return {
    numbers: () =>
      readdirSync(directory)
        .map((found) => Number(pattern.exec(found)?.[1] ?? 0))
        .filter((number) => number > 0)
        .sort((one, other) => other - one),
    read(number) {
      const path = pathOf(number);
      try {
        return v.parse(schema, JSON.parse(readFileSync(path, 'utf8')));
      } catch (cause) {
        throw new SwipeError('registryUnfit', `${path} cannot be read: ${messageOf(cause)}`, { cause });
      }
    },
    create(number, content) {
      let isOurs = true;
      finish(`${JSON.stringify(content, null, 2)}\n`, (unfinished) => {
        try {
          // Unlike rename, link does not replace a file that is there already.
          linkSync(unfinished, pathOf(number));
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
          isOurs = false;
        }
      });
      return isOurs;
    },
    remove(numbers, kept) {
      for (const number of numbers) {
        const rest = kept?.(number);
        if (rest !== undefined)
          finish(rest.text, (unfinished) => renameSync(unfinished, join(directory, rest.name)));
        rmSync(pathOf(number), { force: true });
      }
      sync(directory);
    },
  };
}

function writeSynced(path: string, text: string): void {
  const file = openSync(path, 'wx', 0o600);
  try {
    writeFileSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function sync(path: string): void {
  const directory = openSync(path, 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}
