import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { onBoth } from './registry/stores.ts';
import { readAnswer, TestBox, World } from './registry/world.ts';

const test = suite('registry registration');
const both = onBoth(test);

const dayMs = 86_400_000;

both('the same request again within two minutes is answered again; later it is behind', async (database) => {
  const world = new World(await database.open());
  const box = new TestBox();
  const jws = box.signed(box.request({ claim: await world.claim(await world.customer()) }));
  const first = readAnswer((await box.send(world, jws)).text, world.keys);
  const second = readAnswer((await box.send(world, jws)).text, world.keys);
  assert.is(second.state, 'active');
  assert.is(second.nonce, first.nonce);
  assert.ok(second.revision > first.revision);
  assert.equal(await world.alarms(), []);

  world.nowMs += 120_001;
  const late = await box.send(world, jws);
  assert.is(late.status, 409);
  assert.is(late.problem?.code, 'countBehind');
  assert.is(late.problem?.count, 1);
  assert.equal(
    (await world.alarms()).map(({ kind }) => kind),
    ['countBehind'],
  );
  assert.is((await box.register(world, { count: (late.problem?.count ?? 0) + 1 })).state, 'active');
});

both('a replayed registration gets no answer, and an alarm says so', async (database) => {
  const world = new World(await database.open());
  const box = await world.claimedBox(await world.customer());
  const kept = box.signed();
  await box.send(world, kept);
  await box.register(world);
  const replay = await box.send(world, kept, '198.51.100.9');
  assert.is(replay.problem?.code, 'countBehind');
  assert.is(replay.headers.get('Content-Type'), 'application/problem+json');
  const { detail } = await world.core.store.reader
    .selectFrom('alarms')
    .select('detail')
    .executeTakeFirstOrThrow();
  assert.match(detail, /198\.51\.100\.9/);
  assert.is((await box.register(world)).state, 'active', 'the box itself works on');
});

both(
  'a known id with another key is refused and reported, and the rightful box works on',
  async (database) => {
    const world = new World(await database.open());
    const box = await world.claimedBox(await world.customer());
    const thief = new TestBox();
    const jws = thief.signed(thief.request({ box: box.id }), { kid: box.id });
    const reply = await box.send(world, jws);
    assert.is(reply.problem?.code, 'keyMismatch');
    assert.equal(
      (await world.alarms()).map(({ kind, subject }) => [kind, subject]),
      [['keyMismatch', box.id]],
    );
    assert.is((await box.register(world)).state, 'active');

    const unknown = new TestBox();
    const stranger = await box.send(
      world,
      thief.signed(thief.request({ box: unknown.id }), { kid: unknown.id }),
    );
    assert.is(
      stranger.problem?.code,
      'malformed',
      'an id that nobody has, and that does not follow from the key',
    );
  },
);

both(
  'a copied SD card: on another machine it is refused, on one that hides its serial the count tells',
  async (database) => {
    const world = new World(await database.open());
    const box = await world.claimedBox(await world.customer());
    const seed = Buffer.from(box.key.privateKey.d ?? '', 'base64url');
    const copy = new TestBox(seed);
    copy.count = box.count;
    copy.revision = box.revision;
    assert.is(copy.id, box.id);
    const refused = await copy.send(world, copy.signed());
    assert.is(refused.problem?.code, 'hardwareChanged');
    assert.is((await box.register(world)).state, 'active', 'the original works on');

    const hidden = new TestBox(seed);
    hidden.serial = null;
    hidden.count = box.count;
    await hidden.register(world);
    const original = await box.send(world, box.signed());
    assert.is(original.problem?.code, 'countBehind');
    assert.equal(
      (await world.alarms()).map(({ kind }) => kind),
      ['hardwareChanged', 'countBehind'],
    );
  },
);

both(
  'certificates: at a third of their life, after a lost answer, by a new CA; not more often',
  async (database) => {
    const world = new World(await database.open());
    const box = await world.claimedBox(await world.customer());
    const first = box.certificate;
    world.nowMs += 29 * dayMs;
    assert.is((await box.register(world)).certificate, null);
    world.nowMs += dayMs;
    assert.is.not((await box.register(world)).certificate, null, 'a third is over');
    assert.is.not(box.certificate, first);
    box.certificate = first;
    assert.is.not((await box.register(world)).certificate, null, 'it has not got the newest');
    await world.authority.beginRotation();
    const moved = await box.register(world);
    assert.is.not(moved.certificate, null, 'by the new CA');
    assert.match(moved.broker?.ca ?? '', /ca-1\+[\s\S]*ca-1/);
    assert.is((await box.register(world)).certificate, null);
    box.csr = undefined;
    box.certificate = null;
    assert.is((await box.register(world)).certificate, null, 'nothing to sign');
    const broken = await box.send(world, box.signed(box.request({ csr: '-----BEGIN BROKEN' })));
    assert.is(broken.problem?.code, 'malformed');
  },
);

both(
  'a restored journal, a registry that was restored: alarms, and the box is answered',
  async (database) => {
    const world = new World(await database.open());
    const box = await world.claimedBox(await world.customer());
    box.sequence = 42;
    await box.register(world);
    box.sequence = 41;
    await box.register(world);
    const known = box.revision;
    box.revision = 5000;
    const answer = await box.register(world);
    assert.ok(answer.revision > 5000 && known < 5000);
    assert.equal(
      (await world.alarms()).map(({ kind }) => kind),
      ['sequenceBack', 'revisionAhead'],
    );
  },
);

both('what a box says of itself is kept, and what changed is in the audit log', async (database) => {
  const world = new World(await database.open());
  const box = await world.claimedBox(await world.customer());
  await box.register(world);
  await box.register(world, {
    version: '0.2.0',
    terminal: { vendor: 'Verifone', model: null, software: null, id: 'T2' },
  });
  const log = await world.core.store.reader
    .selectFrom('audit')
    .selectAll()
    .where('action', '=', 'box.changed')
    .execute();
  assert.is(log.length, 1);
  const after = JSON.parse(log[0]?.after ?? '{}') as Record<string, unknown>;
  assert.is(after.version, '0.2.0');
  assert.is(after.terminal_vendor, 'Verifone');
  assert.is(after.hardware_serial, undefined, 'what is as before is not repeated');
});

both('a rotated registry key: who knows it gets it, who slept through gets the old one', async (database) => {
  const world = new World(await database.open());
  const customer = await world.customer();
  const [awake, asleep] = [await world.claimedBox(customer), await world.claimedBox(customer)];
  const signedBy = async (box: TestBox): Promise<string> => {
    const { text } = await box.send(world, box.signed());
    readAnswer(text, world.keys);
    return (JSON.parse(Buffer.from(text.split('.')[0] ?? '', 'base64url').toString()) as { kid: string }).kid;
  };
  const old = world.keys.trusted()[0]?.kid;
  await world.keys.beginRotation();
  const fresh = world.keys.trusted()[0]?.kid;
  assert.is(await signedBy(awake), old, 'it learns of the new one by the old one');
  await awake.register(world);
  assert.is(await signedBy(awake), fresh);
  assert.is(await signedBy(asleep), old);
});

test.run();
