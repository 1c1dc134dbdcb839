// biome-ignore lint/style/noRestrictedImports: keys are imported with it, nothing is drawn from it
import { type JsonWebKey, webcrypto } from 'node:crypto';
import { CompactSign, compactVerify, importJWK } from 'jose';
import type { CommandKey } from '../contract/config.ts';
import { messageOf, SwipeError } from '../seams/error.ts';
import type { BoxKey } from './box-key.ts';
import { type Algorithm, notSigned, parseJson, readJws, signedHeader } from './jws-form.ts';
import type { IssuedKeys, Signatures } from './ports.ts';

/** What {@link createSignatures} needs. */
export interface SignatureKeys {
  /** The box's id: the kid of what the box signs with its own key. */
  box: string;
  /** The config's keys that may sign commands, one algorithm each. */
  commandKeys: readonly CommandKey[];
  /** Keys that come and go at run time; one of the config's stands before another of its name. */
  issued?: IssuedKeys;
  /** The box's own Ed25519 key. */
  boxKey: Pick<BoxKey, 'privateKey'>;
}

type ImportedKey = Awaited<ReturnType<typeof importJWK>>;

interface KnownKey {
  alg: Algorithm;
  key: ImportedKey;
}

/**
 * Signatures with jose on WebCrypto. Keys are imported once; answers may come in any order.
 *
 * @throws SwipeError `keyInvalid` (rejects) when a key of the config cannot be used
 */
export async function createSignatures({
  box,
  commandKeys,
  issued,
  boxKey,
}: SignatureKeys): Promise<Signatures> {
  const known = new Map<string, KnownKey>();
  for (const commandKey of commandKeys) known.set(commandKey.kid, await importCommandKey(commandKey));
  const own: KnownKey = {
    alg: 'EdDSA',
    key: await importKey(boxKey.privateKey, 'EdDSA', "the box's own key"),
  };

  const imported = new WeakMap<CommandKey, Promise<KnownKey | undefined>>();

  /** An issued key that cannot be used signs nothing: it stops no start and holds up no message. */
  function ready(key: CommandKey | null | undefined): Promise<KnownKey | undefined> | undefined {
    if (key === null || key === undefined) return undefined;
    const before = imported.get(key);
    if (before !== undefined) return before;
    const now = importCommandKey(key).catch(() => undefined);
    imported.set(key, now);
    return now;
  }

  return {
    async verify(jws) {
      const form = readJws(jws);
      const key = known.get(form.kid) ?? (await ready(issued?.present(form.kid)));
      // The key decides on the algorithm, never the message: a public key must not be taken for an HMAC secret.
      if (key === undefined || key.alg !== form.alg) throw notSigned();
      try {
        await compactVerify(jws, key.key, { algorithms: [key.alg] });
      } catch {
        throw notSigned();
      }
      return { kid: form.kid, payload: parseJson(form.payload) };
    },
    async sign(payload, kid) {
      const shared = known.get(kid) ?? (await ready(issued?.known(kid)));
      const [signer, name] = shared?.alg === 'HS256' ? [shared, kid] : [own, box];
      return new CompactSign(new TextEncoder().encode(payload))
        .setProtectedHeader(signedHeader(signer.alg, name))
        .sign(signer.key);
    },
  };
}

async function importCommandKey(key: CommandKey): Promise<KnownKey> {
  const { kid, alg } = key;
  if (alg === 'EdDSA') {
    const jwk = { kty: 'OKP', crv: 'Ed25519', x: key.publicKey };
    return { alg, key: await importKey(jwk, alg, `the command key "${kid}"`) };
  }
  // jose keeps a secret as plain bytes and imports them again for every signature.
  const secret = Buffer.from(key.secret, 'base64url');
  const hmac = { name: 'HMAC', hash: 'SHA-256' };
  return { alg, key: await webcrypto.subtle.importKey('raw', secret, hmac, false, ['sign', 'verify']) };
}

async function importKey(jwk: JsonWebKey, alg: Algorithm, what: string): Promise<ImportedKey> {
  try {
    return await importJWK(jwk as Parameters<typeof importJWK>[0], alg);
  } catch (cause) {
    throw new SwipeError('keyInvalid', `${what} cannot be used: ${messageOf(cause)}`, { cause });
  }
}
