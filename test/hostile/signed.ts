/** A box's keys, what they sign, and what is signed with other things than keys. */
import { createHmac, createPrivateKey, createPublicKey, type JsonWebKey, sign } from 'node:crypto';
import fc from 'fast-check';
import { makeBoxKey } from '../../gateway/cloud/box-key.ts';
import type { SignatureKeys } from '../../gateway/cloud/jws.ts';
import { type MemberText, objectText, spoiled, valueText } from './json.ts';

const filled = (filler: number): Uint8Array => new Uint8Array(32).fill(filler);
const secret = Buffer.from('a secret of printable ASCII, 36 long');
const oddSecret = Buffer.from('another secret of printable ASCII, 42 long');
const sender = makeBoxKey(filled(1));
const stranger = makeBoxKey(filled(9));

/** The box's own key. */
export const boxKey = makeBoxKey(filled(2));

/** One key whose name is a trap for tables without a prototype's guard. */
export const keys: SignatureKeys = {
  box: boxKey.box,
  boxKey,
  commandKeys: [
    { kid: '1c-shop', alg: 'HS256', secret: secret.toString('base64url') },
    { kid: 'constructor', alg: 'HS256', secret: oddSecret.toString('base64url') },
    { kid: 'web', alg: 'EdDSA', publicKey: sender.publicKey.x ?? '' },
  ],
};

const hmac = (key: string | Uint8Array) => (input: string) =>
  createHmac('sha256', key).update(input).digest();
const ed25519 = (key: JsonWebKey) => {
  const privateKey = createPrivateKey({ key, format: 'jwk' });
  return (input: string) => sign(null, Buffer.from(input), privateKey);
};
const publicKey = createPublicKey({ key: sender.publicKey, format: 'jwk' });

/** A sale system's key, as it holds it. */
export const shopKey = { kid: '1c-shop', secret: secret.toString('base64url') };

/** Who signs, or pretends to. The first three are the keys' owners. */
const signers: Readonly<Record<string, (input: string) => Uint8Array>> = {
  '1c-shop': hmac(secret),
  constructor: hmac(oddSecret),
  web: ed25519(sender.privateKey),
  box: ed25519(boxKey.privateKey),
  stranger: ed25519(stranger.privateKey),
  // The public key, known to all, as the secret of an HMAC: as bytes, as it stands in the config, as files hold it.
  publicBytes: hmac(Buffer.from(sender.publicKey.x ?? '', 'base64url')),
  publicText: hmac(sender.publicKey.x ?? ''),
  publicPem: hmac(publicKey.export({ type: 'spki', format: 'pem' })),
  publicDer: hmac(publicKey.export({ type: 'spki', format: 'der' })),
  secretText: hmac(secret.toString('base64url')),
  noSecret: hmac(''),
  zeros: () => new Uint8Array(64),
  nothing: () => new Uint8Array(0),
};

const encode = (data: string | Uint8Array): string => Buffer.from(data as string).toString('base64url');

/** A JWS in compact serialisation with this header, as text. */
export function jwsOf(header: string, payload: string | Uint8Array, signer: string): string {
  const input = `${encode(header)}.${encode(payload)}`;
  return `${input}.${encode(signers[signer]?.(input) ?? '')}`;
}

/** The header that an honest sender writes. */
export const honestHeader = (kid: string): string =>
  JSON.stringify({ alg: kid === 'web' ? 'EdDSA' : 'HS256', kid });

/** Signed as it should be. */
export const honest = (payload: string | Uint8Array, kid = '1c-shop'): string =>
  jwsOf(honestHeader(kid), payload, kid);

const quoted = (...words: unknown[]) => fc.constantFrom(...words.map((word) => JSON.stringify(word)));
const algs = quoted(
  'HS256',
  'EdDSA',
  'none',
  'None',
  'hs256',
  'HS384',
  'HS512',
  'RS256',
  'ES256',
  'Ed25519',
  '',
  null,
  1,
  ['HS256'],
);
const kids = quoted(
  '1c-shop',
  'web',
  'constructor',
  '__proto__',
  'toString',
  boxKey.box,
  ' 1c-shop',
  '1C-SHOP',
  '',
  null,
  0,
  'k'.repeat(5000),
);
const jwk = JSON.stringify(stranger.publicKey);
const extra: fc.Arbitrary<MemberText> = fc.oneof(
  fc.tuple(fc.constant('alg'), algs),
  fc.tuple(fc.constant('kid'), kids),
  fc.tuple(fc.constant('crit'), fc.oneof(quoted(['b64'], ['alg'], [], ['exp'], null), valueText)),
  fc.tuple(fc.constant('b64'), quoted(true, false, 0, 'false')),
  fc.tuple(
    fc.constantFrom('jwk', 'jku', 'x5u', 'x5c', 'cty', 'zip', 'enc', 'p2c', 'epk'),
    fc.oneof(fc.constant(jwk), valueText),
  ),
  fc.tuple(fc.constantFrom('typ', 'Alg', 'KID', '__proto__', 'constructor'), valueText),
);

const owner = fc.constantFrom('1c-shop', 'web', 'constructor');

/** A header, as JSON text. */
const header: fc.Arbitrary<string> = fc.oneof(
  { weight: 2, arbitrary: owner.map(honestHeader) },
  {
    weight: 4,
    arbitrary: fc
      .tuple(owner, fc.array(extra, { maxLength: 3 }))
      .map(([kid, more]) =>
        objectText([
          ['alg', JSON.stringify(kid === 'web' ? 'EdDSA' : 'HS256')],
          ['kid', JSON.stringify(kid)],
          ...more,
        ]),
      ),
  },
  { weight: 2, arbitrary: spoiled({ alg: 'HS256', kid: '1c-shop' }, fc.oneof(algs, kids)).map(objectText) },
  { weight: 1, arbitrary: valueText },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '',
      '{',
      '\ufeff{"alg":"HS256","kid":"1c-shop"}',
      '{"alg":"HS256","kid":"1c-shop"}\0',
      ' {"kid":"web","alg":"EdDSA"} ',
    ),
  },
);

/** One attempt to be believed. */
export interface Forgery {
  jws: string;
  payload: string;
  /** The key that it is honestly signed with; null when it must not be believed. */
  kid: string | null;
}

/** Headers of every kind, signed by every kind of signer, and whether that makes an honest JWS. */
export const forgeries = (payloads: fc.Arbitrary<string>): fc.Arbitrary<Forgery> =>
  fc
    .tuple(
      header,
      payloads,
      fc.oneof(
        { weight: 2, arbitrary: owner },
        { weight: 1, arbitrary: fc.constantFrom(...Object.keys(signers)) },
      ),
    )
    .map(([text, payload, signer]) => ({
      jws: jwsOf(text, payload, signer),
      payload,
      kid: isHonest(text, signer) && payload !== '' ? signer : null,
    }));

function isHonest(text: string, signer: string): boolean {
  const known = keys.commandKeys.find(({ kid }) => kid === signer);
  const named = parsed(text);
  if (known === undefined || typeof named !== 'object' || named === null) return false;
  const members = new Map(Object.entries(named));
  return (
    members.get('kid') === signer &&
    members.get('alg') === known.alg &&
    !members.has('crit') &&
    !members.has('b64')
  );
}

function parsed(text: string): unknown {
  try {
    // A byte order mark may stand in front (RFC 8259 §8.1).
    return JSON.parse(text.replace(/^\ufeff/, ''));
  } catch {
    return null;
  }
}
