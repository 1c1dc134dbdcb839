import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { jwsTypes } from '../gateway/contract/registration.ts';
import { parseIsoTime } from '../gateway/contract/time.ts';
import { moveBox, retireBox } from '../provisioning/registry/services/boxes.ts';
import { ask } from '../provisioning/registry/store/errands.ts';
import { confirmRestore, markRestored } from '../provisioning/registry/upkeep/restore.ts';
import { FakeBroker } from './registry/fakes.ts';
import { onBoth } from './registry/stores.ts';
import { workOff } from './registry/work-off.ts';
import { readAnswer, root, TestBox, World } from './registry/world.ts';

const test = suite('registry: out of use');
const both = onBoth(test);

const dayMs = 86_400_000;

both(
  'retired, lost, stolen: each is told so in a signed answer that holds nothing else',
  async (database) => {
    const world = new World(await database.open());
    const customer = await world.customer();
    for (const status of ['retired', 'lost', 'stolen'] as const) {
      const box = await world.claimedBox(customer);
      const { revision } = box;
      await retireBox(world.core, root, box.id, status);
      const answer = await box.register(world);
      assert.equal(
        [answer.state, answer.reason, answer.until, answer.broker, answer.certificate, answer.pairing],
        ['unregistered', 'retired', null, null, null, null],
      );
      assert.equal(answer.commandKeys, []);
      assert.equal(answer.registryKeys, world.keys.trusted(), 'it does not lose sight of the registry');
      assert.ok(answer.revision > revision);
      const nextMs = parseIsoTime(answer.registerAfter) - world.nowMs;
      assert.ok(nextMs >= dayMs / 2 && nextMs <= 1.5 * dayMs, 'it comes back, and rarely');
      world.nowMs += dayMs;
      const next = await box.register(world);
      assert.equal([next.reason, next.revision > answer.revision], ['retired', true]);
    }
    assert.equal(
      (await world.alarms()).map(({ kind, times }) => [kind, times]),
      [
        ['retiredSeen', 2],
        ['retiredSeen', 2],
      ],
      'where the lost and the stolen one are; the retired one is as it should be',
    );
  },
);

both('the same question is answered again, an older one and one by another key are not', async (database) => {
  const world = new World(await database.open());
  const box = await world.claimedBox(await world.customer());
  await retireBox(world.core, root, box.id, 'retired');
  const jws = box.signed();
  const [first, again] = [await box.send(world, jws), await box.send(world, jws)].map(({ text }) =>
    readAnswer(text, world.keys),
  );
  assert.is(first?.nonce, again?.nonce);
  assert.ok((again?.revision ?? 0) > (first?.revision ?? 0), 'no revision is given twice');
  await box.register(world);
  const replayed = await box.send(world, jws);
  assert.equal([replayed.problem?.code, replayed.problem?.count], ['countBehind', box.count]);
  const other = new TestBox();
  const forged = other.signed({ ...other.request(), box: box.id, count: box.count + 1 }, { kid: box.id });
  assert.is((await other.send(world, forged)).problem?.code, 'keyMismatch');
  assert.equal(
    (await world.alarms()).map(({ kind }) => kind),
    ['countBehind', 'keyMismatch'],
  );
});

both('the code by which it once came in is no guess: nobody is kept waiting by it', async (database) => {
  const world = new World(await database.open());
  const customer = await world.customer();
  const [claim, box] = [await world.claim(customer), new TestBox()];
  await box.register(world, { claim });
  await retireBox(world.core, root, box.id, 'retired');
  for (let day = 0; day < 12; day += 1) {
    assert.is((await box.register(world, { claim })).reason, 'retired');
    world.nowMs += dayMs / 24;
  }
  const neighbour = await new TestBox().register(world, { claim: await world.claim(customer) });
  assert.is(neighbour.state, 'active');
  const other = await world.claimedBox(customer);
  await retireBox(world.core, root, other.id, 'retired');
  assert.is((await other.register(world, { claim })).reason, 'claimUsed', "another box's code is");
  assert.is((await other.register(world, { claim: 'no code' })).reason, 'claimUnknown');
  assert.is((await other.register(world)).reason, 'retired');
});

both('a new claim brings it back; what it was told before is old from then on', async (database) => {
  const world = new World(await database.open());
  const customer = await world.customer();
  const box = await world.claimedBox(customer);
  await retireBox(world.core, root, box.id, 'lost');
  const told = await box.register(world);
  const claim = await world.claim(customer);
  assert.is((await box.register(world, { claim })).reason, 'retired', 'nobody has found it yet');
  await retireBox(world.core, root, box.id, 'retired');
  const back = await box.register(world, { claim });
  assert.equal([back.state, back.reason], ['active', null]);
  assert.ok(back.revision > told.revision);
  assert.is.not(back.certificate, null);
  assert.is.not(back.broker, null);
  assert.is((await box.register(world)).state, 'active');
});

both('moved, replaced, unknown: only the one whose place was taken is retired', async (database) => {
  const world = new World(await database.open());
  const [customer, other] = [await world.customer(), await world.customer('Other')];
  const moved = await world.claimedBox(customer);
  await moveBox(world.core, root, moved.id, other);
  assert.is((await moved.register(world)).state, 'active');
  const fresh = new TestBox();
  await fresh.register(world, { claim: await world.claim(other, moved.id) });
  assert.is((await moved.register(world)).reason, 'retired');
  assert.is((await fresh.register(world)).state, 'active');
  assert.is((await new TestBox().register(world)).reason, 'claimNeeded');
});

both(
  'restored from a backup: the count goes on from where it is, and a new claim brings it back',
  async (database) => {
    const world = new World(await database.open());
    const { store } = world.core;
    const customer = await world.customer();
    const [shelf, stolen] = [await world.claimedBox(customer), await world.claimedBox(customer)];
    await retireBox(world.core, root, shelf.id, 'retired');
    await retireBox(world.core, root, stolen.id, 'stolen');
    await markRestored(store, 'person:test', world.nowMs);
    await confirmRestore(store, 'person:test', world.nowMs);
    const claim = await world.claim(customer);
    const goesOn = async (box: TestBox): Promise<{ count: number }> => {
      const { problem } = await box.send(world, box.signed(box.request({ claim })));
      assert.is(problem?.code, 'countBehind');
      return { count: (problem?.count ?? 0) + 1 };
    };
    assert.is((await stolen.register(world, { ...(await goesOn(stolen)), claim })).reason, 'retired');
    assert.is((await shelf.register(world, { ...(await goesOn(shelf)), claim })).state, 'active');
    assert.equal(
      (await world.alarms()).map(({ kind, subject, times }) => [kind, subject, times]),
      [
        ['restored', 'registry', 1],
        ['retiredSeen', stolen.id, 2],
      ],
      'the step was to be expected; where the stolen one is counts',
    );
  },
);

both('a living box is called before it is thrown out, and by nobody afterwards', async (database) => {
  const world = new World(await database.open());
  const broker = new FakeBroker();
  const box = await world.claimedBox(await world.customer());
  await workOff(world, broker);
  broker.calls.length = 0;
  await retireBox(world.core, root, box.id, 'retired');
  // As the end of a pairing asks for.
  await world.core.store.write((tx) => ask(tx, 'notice', box.id, world.nowMs));
  await workOff(world, broker);
  assert.equal(broker.calls, ['trust', `notice ${box.id}`, `removeBox ${box.id}`]);
  const [header = '', payload = ''] = (broker.notices[0]?.jws ?? '').split('.');
  const [{ typ }, { revision }] = [header, payload].map((part) =>
    JSON.parse(Buffer.from(part, 'base64url').toString()),
  ) as [{ typ: string }, { revision: number }];
  assert.is(typ, jwsTypes.notice);
  assert.ok(revision > box.revision);
  const answer = await box.register(world);
  assert.is(answer.reason, 'retired');
  assert.ok(answer.revision > revision, 'so that it is not called twice');
});

both('a call that fails does not keep it in', async (database) => {
  const world = new World(await database.open());
  const broker = new FakeBroker();
  const box = await world.claimedBox(await world.customer());
  await workOff(world, broker);
  broker.notice = async () => {
    throw new Error('no room for another retained message');
  };
  await retireBox(world.core, root, box.id, 'stolen');
  await workOff(world, broker);
  assert.equal([...broker.boxes], []);
  assert.equal(await world.core.store.reader.selectFrom('errands').selectAll().execute(), []);
});

test.run();
