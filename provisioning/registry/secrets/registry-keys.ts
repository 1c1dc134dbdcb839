import { createHash, createPrivateKey, type KeyObject, sign } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { makeBoxKey } from '../../../gateway/cloud/box-key.ts';
import { publicKeyX } from '../../../gateway/contract/registration.ts';
import { messageOf, SwipeError } from '../../../gateway/seams/error.ts';
import type { Random } from '../../../gateway/seams/random.ts';
import type { MasterKey, RegistryKey, RegistryKeys } from '../ports.ts';
import { Refusal } from '../refusal.ts';

/** What {@link openRegistryKeys} needs. */
export interface RegistryKeysParts {
  directory: string;
  masterKey: MasterKey;
  random: Pick<Random, 'bytes'>;
  /** Whether a key may be made where there is none: on the registry's first start, since boxes pin it. */
  mayMake: boolean;
}

interface Known {
  told: RegistryKey;
  key: KeyObject;
}

const pattern = /^registry-key-(\d{1,6})\.json$/;
const form = v.strictObject({ x: publicKeyX, sealed: v.string() });

/**
 * The registry's keys in their directory: `registry-key-1.json`, `registry-key-2.json`, …, each written once and sealed.
 * The highest is the newest; all that are there are trusted.
 *
 * @throws SwipeError `registryUnfit` when there is none and none may be made, or one is damaged; `keyInvalid` with
 *   another master key
 */
export async function openRegistryKeys(parts: RegistryKeysParts): Promise<RegistryKeys> {
  const { directory, masterKey, random, mayMake } = parts;
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const pathOf = (number: number): string => join(directory, `registry-key-${number}.json`);
  const numbers = (): number[] =>
    readdirSync(directory)
      .map((name) => Number(pattern.exec(name)?.[1] ?? 0))
      .filter((number) => number > 0)
      .sort((one, other) => other - one);

  /** Writes the next key, unless another instance did so at the same moment. */
  function make(number: number): void {
    const { privateKey } = makeBoxKey(random.bytes(32));
    const sealed = masterKey.seal(Buffer.from(privateKey.d ?? '', 'base64url'), purposeOf(number));
    const unfinished = join(directory, `.new-${Buffer.from(random.bytes(8)).toString('hex')}`);
    try {
      writeFileSync(unfinished, `${JSON.stringify({ x: privateKey.x, sealed })}\n`, {
        mode: 0o600,
        flag: 'wx',
      });
      sync(unfinished);
      linkSync(unfinished, pathOf(number));
      sync(directory);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    } finally {
      rmSync(unfinished, { force: true });
    }
  }

  function load(number: number): Known {
    const path = pathOf(number);
    const { x, sealed } = readForm(path);
    const d = Buffer.from(masterKey.open(sealed, purposeOf(number)));
    const key = createPrivateKey({
      key: { kty: 'OKP', crv: 'Ed25519', x, d: d.toString('base64url') },
      format: 'jwk',
    });
    return { key, told: { kid: thumbprintOf(x), x } };
  }

  let known: [Known, ...Known[]] = loadAll();

  function loadAll(): [Known, ...Known[]] {
    if (numbers().length === 0 && mayMake) make(1);
    const [newest, ...older] = numbers().map(load);
    if (newest === undefined)
      throw new SwipeError(
        'registryUnfit',
        `there is no key of the registry in ${directory}: restore the directory`,
      );
    return [newest, ...older];
  }

  const reload = async (): Promise<void> => {
    known = loadAll();
  };

  return {
    trusted: () => known.map(({ told }) => told),
    sign(payload, typ, kids) {
      const signer = known.find(({ told }) => kids.includes(told.kid)) ?? known[0];
      const header = { alg: 'EdDSA', typ, kid: signer.told.kid };
      const input = [header, payload]
        .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
        .join('.');
      return `${input}.${sign(null, Buffer.from(input), signer.key).toString('base64url')}`;
    },
    reload,
    async beginRotation() {
      const [newest = 0, ...older] = numbers();
      if (older.length > 0) throw new Refusal('conflict', "a rotation of the registry's key goes on already");
      make(newest + 1);
      await reload();
    },
    async finishRotation() {
      const [, ...older] = numbers();
      if (older.length === 0) throw new Refusal('conflict', "no rotation of the registry's key goes on");
      for (const number of older) rmSync(pathOf(number));
      sync(directory);
      await reload();
    },
  };
}

// Where it stands: under another number it would not open.
const purposeOf = (number: number): string => `registry key ${number}`;

/** The name of a key: its thumbprint (RFC 7638 §3, RFC 8037 §2). */
export const thumbprintOf = (x: string): string =>
  createHash('sha256').update(`{"crv":"Ed25519","kty":"OKP","x":"${x}"}`).digest('base64url');

function readForm(path: string): v.InferOutput<typeof form> {
  try {
    return v.parse(form, JSON.parse(readFileSync(path, 'utf8')));
  } catch (cause) {
    throw new SwipeError('registryUnfit', `${path} is damaged: ${messageOf(cause)}`, { cause });
  }
}

function sync(path: string): void {
  const file = openSync(path, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
