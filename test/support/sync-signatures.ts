import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  sign,
  timingSafeEqual,
  verify,
} from 'node:crypto';
import type { SignatureKeys } from '../../gateway/cloud/jws.ts';
import { notSigned, parseJson, readJws, signedHeader } from '../../gateway/cloud/jws-form.ts';
import type { Signatures } from '../../gateway/cloud/ports.ts';
import type { CommandKey } from '../../gateway/contract/config.ts';

type Key = { alg: 'HS256'; secret: Buffer } | { alg: 'EdDSA'; publicKey: KeyObject };

const keyOf = (key: CommandKey): Key =>
  key.alg === 'HS256'
    ? { alg: 'HS256', secret: Buffer.from(key.secret, 'base64url') }
    : {
        alg: 'EdDSA',
        publicKey: createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: key.publicKey }, format: 'jwk' }),
      };

/**
 * The same signatures as the gateway's, without a thread pool: every promise is settled when it is returned, so
 * that a simulation runs the same way every time.
 */
export function createSyncSignatures({ box, commandKeys, issued, boxKey }: SignatureKeys): Signatures {
  const privateKey = createPrivateKey({ key: boxKey.privateKey, format: 'jwk' });
  const known = new Map<string, Key>(commandKeys.map((key) => [key.kid, keyOf(key)]));
  const usable = (key: CommandKey | null | undefined): Key | undefined => {
    try {
      return key ? keyOf(key) : undefined;
    } catch {
      return undefined;
    }
  };
  const macOf = (input: string, secret: Buffer): Buffer =>
    createHmac('sha256', secret).update(input).digest();

  function matches(key: Key, input: string, signature: Uint8Array): boolean {
    if (key.alg === 'EdDSA') return verify(null, Buffer.from(input), key.publicKey, signature);
    const mac = macOf(input, key.secret);
    return mac.length === signature.length && timingSafeEqual(mac, signature);
  }

  return {
    async verify(jws) {
      const { kid, alg, signingInput, signature, payload } = readJws(jws);
      const key = known.get(kid) ?? usable(issued?.present(kid));
      if (key === undefined || key.alg !== alg || !matches(key, signingInput, signature)) throw notSigned();
      return { kid, payload: parseJson(payload) };
    },
    async sign(payload, kid) {
      const shared = known.get(kid) ?? usable(issued?.known(kid));
      const header = shared?.alg === 'HS256' ? signedHeader('HS256', kid) : signedHeader('EdDSA', box);
      const input = [JSON.stringify(header), payload]
        .map((part) => Buffer.from(part).toString('base64url'))
        .join('.');
      const signature =
        shared?.alg === 'HS256' ? macOf(input, shared.secret) : sign(null, Buffer.from(input), privateKey);
      return `${input}.${signature.toString('base64url')}`;
    },
  };
}
