import { createHash, createPrivateKey, type KeyObject, sign } from 'node:crypto';
import * as v from 'valibot';
import { makeBoxKey } from '../../../gateway/cloud/box-key.ts';
import { publicKeyX } from '../../../gateway/contract/registration.ts';
import { SwipeError } from '../../../gateway/seams/error.ts';
import type { Random } from '../../../gateway/seams/random.ts';
import type { MasterKey, RegistryKey, RegistryKeys } from '../ports.ts';
import { Refusal } from '../refusal.ts';
import { createNumberedFiles } from './numbered-files.ts';

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

const form = v.strictObject({ x: publicKeyX, sealed: v.string() });

/**
 * The registry's keys in their directory: `registry-key-1.json`, `registry-key-2.json`, …, sealed.
 * The highest is the newest; all that are there are trusted.
 *
 * @throws SwipeError `registryUnfit` when there is none and none may be made, or one is damaged; `keyInvalid` with
 *   another master key
 */
export async function openRegistryKeys(parts: RegistryKeysParts): Promise<RegistryKeys> {
  const { directory, masterKey, random, mayMake } = parts;
  const files = createNumberedFiles(directory, { name: 'registry-key', schema: form, random });

  /** Writes the next key, unless another instance did so at the same moment. */
  function make(number: number): void {
    const { privateKey } = makeBoxKey(random.bytes(32));
    const sealed = masterKey.seal(Buffer.from(privateKey.d ?? '', 'base64url'), purposeOf(number));
    files.create(number, { x: privateKey.x ?? '', sealed });
  }

  function load(number: number): Known {
    const { x, sealed } = files.read(number);
    const d = Buffer.from(masterKey.open(sealed, purposeOf(number)));
    const key = createPrivateKey({
      key: { kty: 'OKP', crv: 'Ed25519', x, d: d.toString('base64url') },
      format: 'jwk',
    });
    return { key, told: { kid: thumbprintOf(x), x } };
  }

  let known: [Known, ...Known[]] = loadAll();

  function loadAll(): [Known, ...Known[]] {
    if (files.numbers().length === 0 && mayMake) make(1);
    const [newest, ...older] = files.numbers().map(load);
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
      const [newest = 0, ...older] = files.numbers();
      if (older.length > 0) throw new Refusal('conflict', "a rotation of the registry's key goes on already");
      make(newest + 1);
      await reload();
    },
    async finishRotation() {
      const [, ...older] = files.numbers();
      if (older.length === 0) throw new Refusal('conflict', "no rotation of the registry's key goes on");
      files.remove(older);
      await reload();
    },
  };
}

// Where it stands: under another number it would not open.
const purposeOf = (number: number): string => `registry key ${number}`;

/** The name of a key: its thumbprint (RFC 7638 §3, RFC 8037 §2). */
export const thumbprintOf = (x: string): string =>
  createHash('sha256').update(`{"crv":"Ed25519","kty":"OKP","x":"${x}"}`).digest('base64url');
