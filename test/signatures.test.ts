import { createHmac, createPrivateKey, type JsonWebKey, sign } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { loadOrMakeBoxKey, makeBoxKey } from '../gateway/cloud/box-key.ts';
import { createSignatures, type SignatureKeys } from '../gateway/cloud/jws.ts';
import type { Signatures } from '../gateway/cloud/ports.ts';
import { isSwipeError } from '../gateway/seams/error.ts';
import { createSyncSignatures } from './support/sync-signatures.ts';
import { tempDirs } from './support/temp.ts';

const test = suite('signatures');
const tempDir = tempDirs(test);

const base64url = (data: string | Uint8Array): string => Buffer.from(data).toString('base64url');
const bytes = (filler: number): Uint8Array => new Uint8Array(32).fill(filler);

const secret = Buffer.from('a secret of printable ASCII, 36 long');
const sender = makeBoxKey(bytes(1));
const boxKey = makeBoxKey(bytes(2));
const keys: SignatureKeys = {
  box: boxKey.box,
  boxKey,
  commandKeys: [
    { kid: '1c-shop', alg: 'HS256', secret: base64url(secret) },
    { kid: 'web', alg: 'EdDSA', publicKey: sender.publicKey.x ?? '' },
  ],
};

const hmac = (input: string, key: Uint8Array = secret): string =>
  base64url(createHmac('sha256', key).update(input).digest());
const ed25519 = (input: string, key: JsonWebKey = sender.privateKey): string =>
  base64url(sign(null, Buffer.from(input), createPrivateKey({ key, format: 'jwk' })));
const inputOf = (header: unknown, payload: string): string =>
  `${base64url(JSON.stringify(header))}.${base64url(payload)}`;
const shopJws = (payload: string, more: object = {}): string => {
  const input = inputOf({ alg: 'HS256', kid: '1c-shop', ...more }, payload);
  return `${input}.${hmac(input)}`;
};
const webJws = (payload: string, more: object = {}): string => {
  const input = inputOf({ alg: 'EdDSA', kid: 'web', ...more }, payload);
  return `${input}.${ed25519(input)}`;
};

async function refused(signatures: Signatures, jws: string, why: RegExp): Promise<void> {
  try {
    await signatures.verify(jws);
  } catch (error) {
    assert.ok(isSwipeError(error, 'signatureInvalid'), String(error));
    assert.match(error.message, why);
    assert.not.match(error.message, /secret of printable|shop|web/);
    return;
  }
  assert.unreachable(`taken for signed: ${jws}`);
}

for (const [name, make] of [
  ['jose', createSignatures],
  ['synchronous', async (given: SignatureKeys) => createSyncSignatures(given)],
] as const) {
  const made = make(keys);

  test(`${name}: takes what a known key has signed`, async () => {
    const signatures = await made;
    assert.equal(await signatures.verify(shopJws('{"a":1}')), { kid: '1c-shop', payload: { a: 1 } });
    assert.equal(await signatures.verify(webJws('{"a":1}')), { kid: 'web', payload: { a: 1 } });
    // 1C's helpers add a type, and some of its ways to write UTF-8 a byte order mark.
    assert.equal(await signatures.verify(shopJws('\uFEFF{"a":1}', { typ: 'JWT', x: 1 })), {
      kid: '1c-shop',
      payload: { a: 1 },
    });
  });

  test(`${name}: a payload that is not JSON is undefined, and still signed`, async () => {
    const signatures = await made;
    assert.equal(await signatures.verify(shopJws('{"a":')), { kid: '1c-shop', payload: undefined });
    const input = `${base64url('{"alg":"HS256","kid":"1c-shop"}')}.${base64url(Uint8Array.of(0x22, 0xff, 0x22))}`;
    assert.is((await signatures.verify(`${input}.${hmac(input)}`)).payload, undefined);
  });

  test(`${name}: each key has one algorithm`, async () => {
    const signatures = await made;
    const publicKey = Buffer.from(sender.publicKey.x ?? '', 'base64url');
    // The classic: the public key, known to all, as the secret of an HMAC.
    const confused = inputOf({ alg: 'HS256', kid: 'web' }, '{}');
    await refused(signatures, `${confused}.${hmac(confused, publicKey)}`, /not signed/);
    const other = inputOf({ alg: 'EdDSA', kid: '1c-shop' }, '{}');
    await refused(signatures, `${other}.${ed25519(other)}`, /not signed/);
    await refused(signatures, `${other}.${hmac(other)}`, /not signed/);
    for (const alg of ['none', 'HS512', 'RS256', 'hs256', 'Ed25519', 1, null]) {
      const input = inputOf({ alg, kid: '1c-shop' }, '{}');
      await refused(signatures, `${input}.${hmac(input)}`, /neither HS256 nor EdDSA/);
    }
  });

  test(`${name}: unknown, missing and foreign keys`, async () => {
    const signatures = await made;
    for (const kid of ['other', '', '__proto__', 'constructor', boxKey.box])
      await refused(signatures, shopJws('{}', { kid }), /not signed/);
    for (const kid of [undefined, 1, null, ['1c-shop']])
      await refused(signatures, shopJws('{}', { kid }), /names no kid/);
    const input = inputOf({ alg: 'HS256', kid: '1c-shop' }, '{}');
    await refused(signatures, `${input}.${hmac(input, bytes(7))}`, /not signed/);
    await refused(signatures, `${input}.${hmac(input).slice(0, 22)}`, /not/);
    const web = inputOf({ alg: 'EdDSA', kid: 'web' }, '{}');
    await refused(signatures, `${web}.${ed25519(web, boxKey.privateKey)}`, /not signed/);
  });

  test(`${name}: header members that change what is signed are refused`, async () => {
    const signatures = await made;
    await refused(signatures, shopJws('{}', { crit: ['exp'] }), /crit/);
    await refused(signatures, shopJws('{}', { crit: null }), /crit/);
    await refused(signatures, shopJws('{}', { b64: false, crit: ['b64'] }), /crit|b64/);
    await refused(signatures, shopJws('{}', { b64: true }), /b64/);
    for (const header of ['[]', '1', 'null', '"x"', '{', '']) {
      const input = `${base64url(header)}.${base64url('{}')}`;
      await refused(signatures, `${input}.${hmac(input)}`, /not a JSON object|not a JWS/);
    }
  });

  test(`${name}: only the compact form, spelled in the one way it has`, async () => {
    const signatures = await made;
    const good = shopJws('{"a":1}');
    const [header = '', payload = '', signature = ''] = good.split('.');
    for (const wrong of [
      '',
      '..',
      '...',
      `${header}.${payload}`,
      `${header}.${payload}.`,
      `${header}..${signature}`,
      `.${payload}.${signature}`,
      `${good}.`,
      `${good}.${signature}`,
      `${header}..${payload}.${signature}`,
      `${good}=`,
      `${good}\n`,
      ` ${good}`,
      `${header}.${payload} .${signature}`,
      `${header}.${payload}.+${signature.slice(1)}`,
      JSON.stringify({ protected: header, payload, signature }),
    ])
      await refused(signatures, wrong, /not a JWS|not base64url/);
    // 32 bytes are 43 characters, the last of which has two bits to spare.
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const last = alphabet.indexOf(signature.slice(-1));
    await refused(signatures, `${good.slice(0, -1)}${alphabet[last + 1]}`, /not base64url/);
  });

  test(`${name}: signs with the asker's secret, else with the box's own key`, async () => {
    const signatures = await made;
    const payload = '{"outcome":"approved","order":"чек"}';
    const shop = inputOf({ alg: 'HS256', kid: '1c-shop' }, payload);
    assert.is(await signatures.sign(payload, '1c-shop'), `${shop}.${hmac(shop)}`);
    const own = inputOf({ alg: 'EdDSA', kid: boxKey.box }, payload);
    // Ed25519 is deterministic (RFC 8032 §5.1.6): equal payloads, equal bytes.
    for (const kid of ['web', 'no longer configured', boxKey.box])
      assert.is(await signatures.sign(payload, kid), `${own}.${ed25519(own, boxKey.privateKey)}`);
  });
}

test('a key that cannot be used stops the start', async () => {
  const wrong = { ...keys, commandKeys: [{ kid: 'bad', alg: 'EdDSA' as const, publicKey: 'AAAA' }] };
  try {
    await createSignatures(wrong);
  } catch (error) {
    assert.ok(isSwipeError(error, 'keyInvalid'));
    assert.match(error.message, /the command key "bad"/);
    return;
  }
  assert.unreachable();
});

test("the box's key is made once and kept", () => {
  const path = join(tempDir(), 'box-key.json');
  const made = loadOrMakeBoxKey(path, { bytes: () => bytes(9) });
  assert.is(statSync(path).mode & 0o777, 0o600);
  assert.equal(loadOrMakeBoxKey(path, { bytes: () => bytes(10) }), made);
  assert.match(made.box, /^SW-[0-9A-HJKMNP-TV-Z]{12}$/);
  assert.is(made.publicKey.d, undefined);
  assert.equal(readdirSync(join(path, '..')), ['box-key.json']);
});

test('a write that was cut off does not stand in the way', () => {
  const path = join(tempDir(), 'box-key.json');
  writeFileSync(`${path}.new`, '{"kty":', { mode: 0o644 });
  loadOrMakeBoxKey(path, { bytes: () => bytes(9) });
  assert.is(statSync(path).mode & 0o777, 0o600);
});

test("the box's id is made from its public key", () => {
  // RFC 8032 §7.1, test 1; the id worked out apart from this code with sha256sum and base32.
  const seed = Buffer.from('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60', 'hex');
  const key = makeBoxKey(seed);
  assert.is(
    Buffer.from(key.publicKey.x ?? '', 'base64url').toString('hex'),
    'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
  );
  assert.is(key.box, 'SW-47Z33QX1AJH6');
});

test("a file that is not the box's key is an error and stays as it is", () => {
  const { privateKey } = makeBoxKey(bytes(3));
  for (const text of [
    '',
    '{"kty":"OKP"',
    '{}',
    JSON.stringify(makeBoxKey(bytes(3)).publicKey),
    JSON.stringify({ ...privateKey, x: makeBoxKey(bytes(4)).publicKey.x }),
  ]) {
    const path = join(tempDir(), 'box-key.json');
    writeFileSync(path, text);
    try {
      loadOrMakeBoxKey(path, { bytes });
      assert.unreachable(`taken for a key: ${text}`);
    } catch (error) {
      assert.ok(isSwipeError(error, 'keyInvalid'), String(error));
      assert.not.match(error.message, new RegExp(privateKey.d ?? ''));
    }
    assert.is(readFileSync(path, 'utf8'), text);
  }
});

test.run();
