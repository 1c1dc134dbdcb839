import * as v from 'valibot';
import type { Random } from '../../../gateway/seams/random.ts';
import type { MasterKey } from '../ports.ts';
import { createNumberedFiles } from '../secrets/numbered-files.ts';
import type { CaParts } from './ca.ts';

/**
 * The CAs in their directory: `ca-1.json`, `ca-2.json`, … The highest signs; all that are there are trusted. One that
 * has ended leaves `ca-1.ended.pem`, its certificate without its key.
 */
export interface CaFiles {
  /** The generations that are there, newest first. Changes of other instances are seen. */
  generations(): number[];
  /** Reads one. @throws SwipeError `registryUnfit` when it is damaged, `keyInvalid` with another master key */
  read(generation: number): CaParts;
  /** Writes one. False: another instance was faster, and its CA is the one. */
  create(ca: CaParts): boolean;
  /** Destroys a CA's key. */
  end(generation: number): void;
}

/** The CAs in this directory, which is made where it is missing. */
export function createCaFiles(
  directory: string,
  masterKey: MasterKey,
  random: Pick<Random, 'bytes'>,
): CaFiles {
  const schema = v.strictObject({ certificate: v.string(), key: v.string() });
  const files = createNumberedFiles(directory, { name: 'ca', schema, random });
  // Where the key stands: moved to another generation's file, it would not open.
  const purposeOf = (generation: number): string => `certificate authority ${generation}`;
  return {
    generations: files.numbers,
    read(generation) {
      const { certificate, key } = files.read(generation);
      return { generation, pem: certificate, privateKey: masterKey.open(key, purposeOf(generation)) };
    },
    create({ generation, pem, privateKey }) {
      const key = masterKey.seal(privateKey, purposeOf(generation));
      return files.create(generation, { certificate: pem, key });
    },
    end(ending) {
      files.remove([ending], (generation) => ({
        name: `ca-${generation}.ended.pem`,
        text: files.read(generation).certificate,
      }));
    },
  };
}
