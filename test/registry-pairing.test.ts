import { generateKeyPairSync } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import * as v from 'valibot';
import {
  jwsTypes,
  keyRotationAnswerSchema,
  type PairingAnswer,
  pairingAnswerSchema,
  pairingsAnswerSchema,
} from '../gateway/contract/registration.ts';
import { isoTime } from '../gateway/contract/time.ts';
import { moveBox, retireBox, revokeKey, unpair } from '../provisioning/registry/services/boxes.ts';
import { customerLeaves } from '../provisioning/registry/services/customers.ts';
import { newPairingCode } from '../provisioning/registry/services/pairing.ts';
import { signedJws } from './registry/fakes.ts';
import { onBoth } from './registry/stores.ts';
import { hmacJws, type Reply, root, TestBox, World } from './registry/world.ts';

const test = suite('registry pairing');
const both = onBoth(test);

const csr = '-----BEGIN CERTIFICATE REQUEST-----\nx\n-----END CERTIFICATE REQUEST-----\n';
const hourMs = 3_600_000;

const codeFor = async (world: World, box: TestBox): Promise<string> =>
  (await newPairingCode(world.core, root, box.id)).code;

const ask = (world: World, code: string, more: object = {}): Promise<Reply> =>
  world.call('POST', '/v1/pairings', { body: { code, name: '1C', csr, ...more } });

async function paired(world: World, box: TestBox, more: object = {}): Promise<PairingAnswer> {
  const reply = await ask(world, await codeFor(world, box), more);
  if (reply.status !== 200) throw new Error(reply.text);
  return v.parse(pairingAnswerSchema, reply.json);
}

/** A request of a sale system, signed with its HS256 secret. */
const signedBy = (key: PairingAnswer, typ: string, payload: object): string =>
  hmacJws(payload, { typ, kid: key.kid }, key.secret ?? '');

const jose = (world: World, path: string, body: string): Promise<Reply> =>
  world.call('POST', path, { body, type: 'application/jose' });

async function ready(world: World): Promise<TestBox> {
  const box = await world.claimedBox(await world.customer());
  await box.register(world);
  return box;
}

both('a code on the box’s display gives a sale system its key, and the box the same', async (database) => {
  const world = new World(await database.open());
  const box = await ready(world);
  const code = await codeFor(world, box);
  assert.is((await box.register(world)).pairing?.code, code, 'the box shows it');
  const reply = await ask(world, code.toLowerCase());
  const key = v.parse(pairingAnswerSchema, reply.json);
  assert.is(key.box, box.id);
  assert.is(key.alg, 'HS256');
  assert.is(key.resultKey.x, box.key.publicKey.x);
  assert.match(
    Buffer.from(key.secret ?? '', 'base64url').toString('latin1'),
    /^[\x21-\x7e]{48}$/,
    'printable',
  );
  for (const no of ['refund', 'cashback', 'instalmentRefund', 'resolve'])
    assert.not.ok((key.allow as string[]).includes(no), no);
  for (const yes of ['payment', 'reversal', 'status', 'abort', 'receipt'])
    assert.ok((key.allow as string[]).includes(yes), yes);

  const answer = await box.register(world);
  assert.is(answer.pairing, null);
  assert.equal(answer.commandKeys, [{ kid: key.kid, alg: 'HS256', secret: key.secret, allow: key.allow }]);
  const row = await world.core.store.reader.selectFrom('command_keys').selectAll().executeTakeFirstOrThrow();
  assert.not.ok(JSON.stringify(row).includes(key.secret ?? '-'), 'sealed');
  assert.is((await ask(world, code)).problem?.code, 'codeUsed');
});

both(
  'codes end after two hours, when a new one is made, and when they are guessed too often',
  async (database) => {
    const world = new World(await database.open());
    const box = await ready(world);
    const first = await codeFor(world, box);
    const second = await codeFor(world, box);
    assert.is((await ask(world, first)).problem?.code, 'codeExpired');
    world.nowMs += 2 * hourMs;
    assert.is((await ask(world, second)).problem?.code, 'codeExpired');
    assert.is((await box.register(world)).pairing, null);
    assert.is((await ask(world, 'ABCD-EFG-HJKM')).problem?.code, 'codeUnknown', 'mistyped: no try');
    // Each of these is a code, and unknown to this master key.
    const other = new World(world.core.store, {
      masterKey: { ...world.core.masterKey, mac: (text) => `${text}!` },
    });
    const guesses: string[] = [];
    for (let at = 0; at < 5; at += 1) guesses.push(await codeFor(other, box));
    const codes: (string | undefined)[] = [];
    for (const guess of guesses) codes.push((await ask(world, guess)).problem?.code);
    assert.equal(codes, ['codeUnknown', 'codeUnknown', 'codeUnknown', 'tooMany', 'tooMany']);
    const locked = await ask(world, await codeFor(world, box));
    assert.is(locked.problem?.code, 'tooMany');
    assert.ok(Number(locked.headers.get('Retry-After')) > 0);
  },
);

both('an EdDSA key of its own is taken, and rotates into another', async (database) => {
  const world = new World(await database.open());
  const box = await ready(world);
  const [one, two] = [generateKeyPairSync('ed25519'), generateKeyPairSync('ed25519')];
  const x = ({ publicKey }: typeof one): string => publicKey.export({ format: 'jwk' }).x ?? '';
  const key = await paired(world, box, { publicKey: x(one) });
  assert.is(key.secret, undefined);
  assert.equal((await box.register(world)).commandKeys, [
    { kid: key.kid, alg: 'EdDSA', publicKey: x(one), allow: key.allow },
  ]);
  const payload = { time: isoTime(world.nowMs), publicKey: x(two) };
  const header = { alg: 'EdDSA', typ: jwsTypes.keyRotation, kid: key.kid };
  const forged = await jose(world, '/v1/keys', signedJws(payload, header, two.privateKey));
  assert.is(forged.problem?.code, 'signatureInvalid');
  const rotated = await jose(world, '/v1/keys', signedJws(payload, header, one.privateKey));
  const next = v.parse(keyRotationAnswerSchema, rotated.json);
  assert.is((await box.register(world)).commandKeys.length, 2);
  const again = await jose(world, '/v1/keys', signedJws(payload, header, one.privateKey));
  assert.is(again.problem?.code, 'conflict', 'sent again it does nothing');
  world.nowMs += 24 * hourMs;
  assert.equal(
    (await box.register(world)).commandKeys.map(({ kid }) => kid),
    [next.kid],
  );
  const ended = signedJws({ ...payload, time: isoTime(world.nowMs) }, header, one.privateKey);
  assert.is(
    (await jose(world, '/v1/keys', ended)).problem?.code,
    'signatureInvalid',
    'the old one has ended',
  );
});

both('an HS256 key rotates; one that is revoked ends at once', async (database) => {
  const world = new World(await database.open());
  const box = await ready(world);
  const key = await paired(world, box);
  const time = isoTime(world.nowMs);
  const far = signedBy(key, jwsTypes.keyRotation, { time: isoTime(world.nowMs - 6 * 60_000) });
  assert.is((await jose(world, '/v1/keys', far)).problem?.code, 'conflict');
  const wrongType = signedBy(key, jwsTypes.pairingsQuery, { time });
  assert.is((await jose(world, '/v1/keys', wrongType)).problem?.code, 'malformed');
  const next = v.parse(
    keyRotationAnswerSchema,
    (await jose(world, '/v1/keys', signedBy(key, jwsTypes.keyRotation, { time }))).json,
  );
  await revokeKey(world.core, root, key.kid);
  assert.equal(
    (await box.register(world)).commandKeys.map(({ kid }) => kid),
    [next.kid],
  );
});

both('one sale system, two boxes: the second is paired by a signed request', async (database) => {
  const world = new World(await database.open());
  const customer = await world.customer();
  const [one, two] = [await world.claimedBox(customer), await world.claimedBox(customer)];
  const foreign = await world.claimedBox(await world.customer('Other'));
  const key = await paired(world, one);
  const further = async (box: TestBox, byMs: number): Promise<Reply> => {
    world.nowMs += byMs;
    const payload = { code: await codeFor(world, box), time: isoTime(world.nowMs) };
    return jose(world, '/v1/pairings', signedBy(key, jwsTypes.pairing, payload));
  };
  const second = v.parse(pairingAnswerSchema, (await further(two, 1)).json);
  assert.is(second.saleSystem, key.saleSystem);
  assert.is(second.certificate, null);
  assert.is((await further(foreign, 1)).problem?.code, 'conflict', 'another customer’s box');
  world.nowMs += 1;
  const query = signedBy(key, jwsTypes.pairingsQuery, { time: isoTime(world.nowMs), csr });
  const list = v.parse(pairingsAnswerSchema, (await jose(world, '/v1/pairings/query', query)).json);
  assert.equal(
    list.boxes.map(({ box }) => box),
    [one.id, two.id].sort(),
  );
  assert.match(list.certificate ?? '', new RegExp(key.saleSystem));
});

both('pairings continue on the box that takes another’s place, under its own key', async (database) => {
  const world = new World(await database.open());
  const customer = await world.customer();
  const old = await world.claimedBox(customer);
  const key = await paired(world, old);
  const fresh = new TestBox();
  const answer = await fresh.register(world, { claim: await world.claim(customer, old.id) });
  assert.equal(
    answer.commandKeys.map(({ kid }) => kid),
    [key.kid],
  );
  const query = signedBy(key, jwsTypes.pairingsQuery, { time: isoTime(world.nowMs) });
  const list = v.parse(pairingsAnswerSchema, (await jose(world, '/v1/pairings/query', query)).json);
  assert.equal(
    list.boxes.map(({ box, replaces, resultKey }) => [box, replaces, resultKey.x]),
    [[fresh.id, old.id, fresh.key.publicKey.x]],
  );
});

both('stolen: session, certificates, pairings and billing end in one call', async (database) => {
  const world = new World(await database.open());
  const box = await ready(world);
  const key = await paired(world, box);
  await world.core.store.write((tx) => tx.deleteFrom('errands').execute());
  await retireBox(world.core, root, box.id, 'stolen');
  const { reader } = world.core.store;
  assert.is(
    (await reader.selectFrom('pairings').select('ended_at_ms').executeTakeFirst())?.ended_at_ms,
    world.nowMs,
  );
  assert.is(
    (await reader.selectFrom('tenures').select('until_ms').executeTakeFirst())?.until_ms,
    world.nowMs,
  );
  const certificates = await reader
    .selectFrom('certificates')
    .selectAll()
    .where('subject', '=', box.id)
    .execute();
  assert.ok(
    certificates.length > 0 && certificates.every(({ revoked_at_ms }) => revoked_at_ms === world.nowMs),
  );
  const errands = await reader
    .selectFrom('errands')
    .select(['kind', 'subject'])
    .orderBy('kind')
    .orderBy('subject')
    .execute();
  assert.equal(
    errands.filter(({ kind }) => kind !== 'notice').map(({ kind, subject }) => `${kind} ${subject}`),
    [`box ${box.id}`, `saleSystem ${key.saleSystem}`, 'trust crl'],
  );
  const query = signedBy(key, jwsTypes.pairingsQuery, { time: isoTime(world.nowMs) });
  assert.is((await jose(world, '/v1/pairings/query', query)).problem?.code, 'signatureInvalid');
  await box.send(world, box.signed());
  assert.equal(
    (await world.alarms()).map(({ kind }) => kind),
    ['retiredSeen'],
  );
});

both('moved: the old customer’s pairings end, the new one pays from then on', async (database) => {
  const world = new World(await database.open());
  const box = await ready(world);
  await paired(world, box);
  const other = await world.customer('Other');
  world.nowMs += hourMs;
  await moveBox(world.core, root, box.id, other);
  const answer = await box.register(world);
  assert.is(answer.state, 'active');
  assert.equal(answer.commandKeys, []);
  const tenures = await world.core.store.reader.selectFrom('tenures').selectAll().orderBy('id').execute();
  assert.equal(
    tenures.map(({ customer, until_ms }) => [customer === other, until_ms]),
    [
      [false, world.nowMs],
      [true, null],
    ],
  );
});

both('unpaired, and a customer that leaves', async (database) => {
  const world = new World(await database.open());
  const customer = await world.customer();
  const box = await world.claimedBox(customer);
  await paired(world, box);
  const { id } = await world.core.store.reader.selectFrom('pairings').select('id').executeTakeFirstOrThrow();
  await unpair(world.core, root, id);
  assert.equal((await box.register(world)).commandKeys, []);
  const unused = await world.claim(customer);
  assert.equal(await customerLeaves(world.core, root, customer), { boxes: 1 });
  assert.is((await box.register(world)).reason, 'retired');
  assert.is((await new TestBox().register(world, { claim: unused })).reason, 'claimExpired');
  try {
    await world.claim(customer);
    assert.unreachable();
  } catch (error) {
    assert.match((error as Error).message, /has left/);
  }
});

test.run();
