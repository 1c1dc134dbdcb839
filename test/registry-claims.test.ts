import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isoTime, parseIsoTime } from '../gateway/contract/time.ts';
import { onBoth, testNowMs } from './registry/stores.ts';
import { TestBox, World } from './registry/world.ts';

const test = suite('registry claims');
const both = onBoth(test);

const dayMs = 86_400_000;

both('a new box becomes the customer’s by its claim, and is told all that it needs', async (database) => {
  const world = new World(await database.open());
  const customer = await world.customer();
  const box = new TestBox();
  const before = await box.register(world);
  assert.is(before.state, 'unregistered');
  assert.is(before.reason, 'claimNeeded');
  assert.is(before.broker, null);

  const code = await world.claim(customer);
  assert.match(code, /^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{3}-[0-9A-HJKMNP-TV-Z]{4}$/);
  const answer = await box.register(world, { claim: ` ${code.toLowerCase().replaceAll('-', ' ')}` });
  assert.is(answer.state, 'active');
  assert.is(answer.reason, null);
  assert.is(answer.broker?.url, 'mqtts://broker.example:8883');
  assert.match(answer.certificate ?? '', /BEGIN CERTIFICATE/);
  assert.equal(answer.commandKeys, []);
  assert.equal(answer.registryKeys, world.keys.trusted());
  assert.is(answer.time, isoTime(testNowMs));
  const nextMs = parseIsoTime(answer.registerAfter) - testNowMs;
  assert.ok(nextMs >= dayMs / 2 && nextMs <= 1.5 * dayMs);

  const again = await box.register(world);
  assert.is(again.state, 'active');
  assert.is(again.certificate, null, 'it has one');
  assert.ok(again.revision > answer.revision);
  const tenures = await world.core.store.reader.selectFrom('tenures').selectAll().execute();
  assert.equal(
    tenures.map(({ billed_as, customer: whose }) => [billed_as, whose]),
    [[box.id, customer]],
  );
  const log = await world.core.store.reader
    .selectFrom('audit')
    .select(['actor', 'action', 'subject'])
    .execute();
  assert.ok(log.some(({ actor, action }) => actor === `box:${box.id}` && action === 'box.claimed'));
  assert.equal(await world.alarms(), []);
});

both('a claim code works once, for seven days; a used one raises an alarm', async (database) => {
  const world = new World(await database.open());
  const customer = await world.customer();
  const code = await world.claim(customer);
  const box = new TestBox();
  await box.register(world, { claim: code });
  const thief = new TestBox();
  assert.is((await thief.register(world, { claim: code })).reason, 'claimUsed');
  assert.equal(
    (await world.alarms()).map(({ kind }) => kind),
    ['claimReused'],
  );
  assert.is((await box.register(world, { claim: code })).state, 'active', 'its own code again harms nobody');

  const late = await world.claim(customer);
  world.nowMs += 7 * dayMs;
  assert.is((await thief.register(world, { claim: late })).reason, 'claimExpired');
  const stolen = await world.claim(customer);
  assert.is(
    (await thief.register(world, { claim: stolen })).state,
    'active',
    'a stolen one works, and is seen:',
  );
  assert.is((await new TestBox().register(world, { claim: stolen })).reason, 'claimUsed');
});

both(
  'wrong codes: five tries, then growing pauses, in which the right one is not looked at either',
  async (database) => {
    const world = new World(await database.open());
    const customer = await world.customer();
    const code = await world.claim(customer);
    // Codes that are well formed, and nobody's.
    const wrong: string[] = [];
    for (let at = 0; at < 12; at += 1) {
      const other = new World(world.core.store, {
        masterKey: { ...world.core.masterKey, mac: () => `other ${at}` },
      });
      wrong.push(await other.claim(customer));
    }
    const reasons: (string | null)[] = [];
    for (const claim of wrong) reasons.push((await new TestBox().register(world, { claim })).reason);
    assert.equal(
      reasons.slice(0, 5),
      Array.from({ length: 5 }, () => 'claimUnknown'),
    );
    assert.equal(
      reasons.slice(5),
      Array.from({ length: 7 }, () => 'claimLocked'),
    );
    const box = new TestBox();
    assert.is((await box.register(world, { claim: code })).reason, 'claimLocked');
    assert.is(
      (await box.register(world, { claim: 'no code' })).reason,
      'claimUnknown',
      'a slip of the finger is told',
    );
    assert.is(
      (await new TestBox().register(world, { claim: wrong[0] }, '198.51.100.1')).reason,
      'claimUnknown',
      'another address',
    );
    world.nowMs += 60_000;
    assert.is(
      (await new TestBox().register(world, { claim: wrong[0] })).reason,
      'claimUnknown',
      'one more after the pause',
    );
    world.nowMs += 60_000;
    assert.is(
      (await new TestBox().register(world, { claim: wrong[0] })).reason,
      'claimLocked',
      'the next pause is longer',
    );
    world.nowMs += 60_000;
    assert.is((await box.register(world, { claim: code })).state, 'active');
  },
);

both(
  'a box that was re-imaged takes its place by a replacement claim: the old one retires, billing continues',
  async (database) => {
    const world = new World(await database.open());
    const customer = await world.customer();
    const old = await world.claimedBox(customer);
    world.nowMs += dayMs;
    const fresh = new TestBox();
    const answer = await fresh.register(world, { claim: await world.claim(customer, old.id) });
    assert.is(answer.state, 'active');
    const rows = await world.core.store.reader.selectFrom('boxes').selectAll().execute();
    const byId = new Map(rows.map((row) => [row.id, row]));
    assert.is(byId.get(fresh.id)?.billed_as, old.id);
    assert.is(byId.get(fresh.id)?.replaces, old.id);
    assert.is(byId.get(old.id)?.status, 'retired');
    assert.is(byId.get(old.id)?.replaced_by, fresh.id);
    const tenures = await world.core.store.reader.selectFrom('tenures').selectAll().execute();
    assert.equal(
      tenures.map(({ billed_as, until_ms }) => [billed_as, until_ms]),
      [[old.id, null]],
    );
    assert.is((await old.register(world)).reason, 'retired');
    const revoked = await world.core.store.reader
      .selectFrom('certificates')
      .select(['subject', 'revoked_at_ms'])
      .where('subject', '=', old.id)
      .execute();
    assert.ok(revoked.length > 0 && revoked.every(({ revoked_at_ms }) => revoked_at_ms !== null));
  },
);

both(
  'a box that was retired is told so; back from the shelf it needs a new claim and is billed anew',
  async (database) => {
    const world = new World(await database.open());
    const box = await world.claimedBox(await world.customer());
    const { retireBox } = await import('../provisioning/registry/services/boxes.ts');
    const operator = { name: 'person:test', customer: null };
    await retireBox(world.core, operator, box.id, 'retired');
    assert.is((await box.register(world)).reason, 'retired');
    const other = await world.customer('Other');
    const answer = await box.register(world, { claim: await world.claim(other) });
    assert.is(answer.state, 'active');
    const row = await world.core.store.reader.selectFrom('boxes').selectAll().executeTakeFirstOrThrow();
    assert.is(row.customer, other);
    assert.is(row.billed_as, `${box.id}.2`);
    await retireBox(world.core, operator, box.id, 'stolen');
    const stolen = await box.register(world, { claim: await world.claim(other) });
    assert.is(stolen.reason, 'retired', 'one that was stolen stays out');
  },
);

test.run();
