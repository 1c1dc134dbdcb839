/** Signatures with the real library: only what a known key has signed is believed, to the byte. */
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createSignatures } from '../../gateway/cloud/jws.ts';
import { readJws } from '../../gateway/cloud/jws-form.ts';
import { isSwipeError } from '../../gateway/seams/error.ts';
import { createSyncSignatures } from '../support/sync-signatures.ts';
import { mutated } from './bytes.ts';
import { hostile } from './inputs.ts';
import { valueText } from './json.ts';
import { forgeries, honest, keys } from './signed.ts';

const test = suite('hostile: signatures');

const jose = await createSignatures(keys);
const sync = createSyncSignatures(keys);

/** Who signed it, as the real check and its counterpart for simulations agree; null: nobody who is known. */
async function signerOf(jws: string): Promise<{ kid: string; payload: unknown } | null> {
  const read = async (signatures: Pick<typeof jose, 'verify'>) => {
    try {
      return await signatures.verify(jws);
    } catch (error) {
      assert.ok(isSwipeError(error, 'signatureInvalid'), String(error));
      assert.not.match(error.message, /secret of printable|1c-shop|web/);
      return null;
    }
  };
  const verified = await read(jose);
  // As text: a payload may well have a member called constructor, which misleads assert.equal.
  assert.is(JSON.stringify(await read(sync)), JSON.stringify(verified));
  return verified;
}

hostile(
  test,
  'no header and no other key makes anybody believed but the owner of the key that it names',
  fc.asyncProperty(forgeries(valueText), async ({ jws, payload, kid }) => {
    const verified = await signerOf(jws);
    assert.is(verified?.kid ?? null, kid);
    if (kid !== null) assert.is(JSON.stringify(verified?.payload), JSON.stringify(JSON.parse(payload)));
  }),
);

const authentic = [
  honest('{"amount":100}'),
  honest('{"amount":100}', 'web'),
  honest('{"amount":100}', 'constructor'),
  honest('not JSON'),
];

hostile(
  test,
  'what was signed is believed byte for byte, or not at all',
  fc.asyncProperty(mutated(fc.constantFrom(...authentic)), async (bytes) => {
    const jws = Buffer.from(bytes).toString('latin1');
    assert.is((await signerOf(jws)) !== null, authentic.includes(jws));
  }),
);

const characters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/=. \n';

hostile(
  test,
  'no signed text has a second spelling',
  fc.asyncProperty(
    fc.constantFrom(...authentic),
    fc.nat(),
    fc.constantFrom(...characters, ''),
    fc.boolean(),
    async (jws, at, character, replaces) => {
      const place = at % (jws.length + 1);
      const other = jws.slice(0, place) + character + jws.slice(place + (replaces ? 1 : 0));
      assert.is((await signerOf(other)) !== null, other === jws);
    },
  ),
);

const part = fc.oneof(
  fc.string({ maxLength: 20 }),
  fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes).toString('base64url')),
  valueText.map((text) => Buffer.from(text).toString('base64url')),
);

hostile(
  test,
  'a JWS that is taken apart is spelled by its parts and by nothing else',
  fc.property(
    fc.oneof(
      forgeries(valueText).map(({ jws }) => jws),
      fc.array(part, { maxLength: 4 }).map((parts) => parts.join('.')),
    ),
    (jws) => {
      try {
        const { alg, signingInput, payload, signature } = readJws(jws);
        assert.ok(alg === 'HS256' || alg === 'EdDSA');
        const spelled = [payload, signature].map((bytes) => Buffer.from(bytes).toString('base64url'));
        assert.is(jws, `${signingInput.split('.')[0]}.${spelled.join('.')}`);
        assert.is(signingInput, jws.slice(0, jws.lastIndexOf('.')));
      } catch (error) {
        assert.ok(isSwipeError(error, 'signatureInvalid'), String(error));
      }
    },
  ),
);

test.run();
