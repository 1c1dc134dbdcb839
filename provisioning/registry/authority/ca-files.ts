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
import type { MasterKey } from '../ports.ts';
import type { CaParts } from './ca.ts';

/**
 * The CAs in their directory: `ca-1.json`, `ca-2.json`, … Each file is written once, all of it or none, and never
 * changed: of two instances that make the next one at the same moment exactly one does. The highest signs; all that
 * are there are trusted. One that has ended leaves `ca-1.ended.pem`, its certificate without its key.
 */
export interface CaFiles {
  /** The generations that are there, newest first. Changes of other instances are seen. */
  generations(): number[];
  /** Reads one. @throws SwipeError `registryUnfit` when it is damaged, `keyInvalid` with another master key */
  read(generation: number): CaParts;
  /** Writes one. False: another instance was faster, and its CA is the one. */
  create(ca: CaParts): boolean;
  /** Destroys a CA's key. Repeatable. */
  end(generation: number): void;
}

const fileSchema = v.strictObject({ certificate: v.string(), key: v.string() });
const filePattern = /^ca-(\d{1,6})\.json$/;

/** The CAs in this directory, which is made where it is missing. */
export function createCaFiles(
  directory: string,
  masterKey: MasterKey,
  random: Pick<Random, 'bytes'>,
): CaFiles {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const pathOf = (generation: number): string => join(directory, `ca-${generation}.json`);
  // Where the key stands: moved to another generation's file, it would not open.
  const purposeOf = (generation: number): string => `certificate authority ${generation}`;
  const temporary = (): string => join(directory, `.new-${Buffer.from(random.bytes(8)).toString('hex')}`);
  return {
    generations: () =>
      readdirSync(directory)
        .map((name) => Number(filePattern.exec(name)?.[1] ?? 0))
        .filter((generation) => generation > 0)
        .sort((one, other) => other - one),
    read(generation) {
      const { certificate, key } = parse(pathOf(generation));
      return { generation, pem: certificate, privateKey: masterKey.open(key, purposeOf(generation)) };
    },
    create({ generation, pem, privateKey }) {
      const key = masterKey.seal(privateKey, purposeOf(generation));
      const file = temporary();
      try {
        writeSynced(file, `${JSON.stringify({ certificate: pem, key }, null, 2)}\n`, 0o600);
        // Unlike rename, link does not replace a file that is there already.
        linkSync(file, pathOf(generation));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
        throw error;
      } finally {
        rmSync(file, { force: true });
        syncDirectory(directory);
      }
      return true;
    },
    end(generation) {
      const path = pathOf(generation);
      const file = temporary();
      writeSynced(file, parse(path).certificate, 0o600);
      renameSync(file, join(directory, `ca-${generation}.ended.pem`));
      rmSync(path, { force: true });
      syncDirectory(directory);
    },
  };
}

function parse(path: string): v.InferOutput<typeof fileSchema> {
  try {
    return v.parse(fileSchema, JSON.parse(readFileSync(path, 'utf8')));
  } catch (cause) {
    throw new SwipeError('registryUnfit', `the CA in ${path} cannot be read: ${messageOf(cause)}`, { cause });
  }
}

function writeSynced(path: string, text: string, mode: number): void {
  const file = openSync(path, 'wx', mode);
  try {
    writeFileSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function syncDirectory(path: string): void {
  const directory = openSync(path, 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}
