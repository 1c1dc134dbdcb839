import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { retireSaleSystem } from '../provisioning/registry/services/boxes.ts';
import { customerLeaves } from '../provisioning/registry/services/customers.ts';
import { endNext } from '../provisioning/registry/services/leaving.ts';
import { newPairingCode } from '../provisioning/registry/services/pairing.ts';
import { askAll, done, type ErrandKind, takeDue } from '../provisioning/registry/store/errands.ts';
import { FakeBroker } from './registry/fakes.ts';
import { type Left, left, many } from './registry/many.ts';
import { onBoth } from './registry/stores.ts';
import { workOff } from './registry/work-off.ts';
import { readAnswer, root, TestBox, World } from './registry/world.ts';

const test = suite('registry leaving');
const both = onBoth(test);

const nothing: Left = { boxes: 0, certificates: 0, tenures: 0, pairings: 0, keys: 0, saleSystems: 0 };

/** The errands of a kind that wait. */
const waiting = async (world: World, kind: ErrandKind): Promise<string[]> =>
  (
    await world.core.store.reader.selectFrom('errands').select('subject').where('kind', '=', kind).execute()
  ).map(({ subject }) => subject);

both(
  'a customer with more boxes than one transaction ends: by and by, each whole, each once in the log',
  async (database) => {
    const world = new World(await database.open());
    const [customer, other] = [await world.customer(), await world.customer('Other')];
    const stays = await world.claimedBox(other);
    const ids = await many(world, customer, 450, 'SS-MANY00000000');
    const leftMs = world.nowMs;
    assert.equal(await customerLeaves(world.core, root, customer), { boxes: 450 });
    const first = await left(world, customer);
    assert.is(first.saleSystems, 0);
    assert.ok(first.boxes > 0 && first.boxes < 450, `${first.boxes} left after the call`);
    // Never half: whatever hangs on a box ends with it.
    for (const part of [first.certificates, first.tenures]) assert.is(part, first.boxes);
    assert.ok(first.pairings <= first.boxes && first.keys === first.pairings);
    assert.equal((await waiting(world, 'ending')).sort(), [customer, 'SS-MANY00000000'].sort());

    world.nowMs += 3_600_000;
    // Another instance goes on, and its process dies before it has told anybody.
    const second = new World(await database.open(), { authority: world.authority, keys: world.keys });
    second.nowMs = world.nowMs;
    const taken = (await takeDue(second.core.store, second.nowMs, 100)).filter(
      ({ kind }) => kind === 'ending',
    );
    assert.is(taken.length, 2);
    await endNext(second.core, customer);
    const between = await left(world, customer);
    assert.ok(between.boxes > 0 && between.boxes < first.boxes);
    assert.is(between.tenures, between.boxes);

    const broker = new FakeBroker();
    for (const id of ids) broker.boxes.set(id, []);
    broker.saleSystems.set('SS-MANY00000000', ids);
    world.nowMs += 120_000;
    await workOff(world, broker);
    assert.equal(await left(world, customer), nothing);
    assert.equal(await waiting(world, 'ending'), []);
    assert.equal(
      [...broker.boxes.keys()].filter((id) => ids.includes(id)),
      [],
    );
    assert.not.ok(broker.saleSystems.has('SS-MANY00000000'));
    assert.ok(broker.trusted <= 6, `${broker.trusted} lists of revoked certificates`);

    const { reader } = world.core.store;
    const lines = await reader
      .selectFrom('audit')
      .select(['action', 'subject'])
      .where('customer', '=', customer)
      .where('action', 'in', ['box.retired', 'customer.left', 'saleSystem.ended'])
      .execute();
    const of = (action: string): string[] =>
      lines.filter((line) => line.action === action).map(({ subject }) => subject);
    assert.equal(of('box.retired').sort(), ids);
    assert.equal(of('customer.left'), [customer]);
    assert.equal(of('saleSystem.ended'), ['SS-MANY00000000']);
    const tenures = await reader
      .selectFrom('tenures')
      .select('until_ms')
      .distinct()
      .where('customer', '=', customer)
      .execute();
    assert.equal(tenures, [{ until_ms: leftMs }], 'nobody pays for the time that it took');
    assert.is((await stays.send(world, stays.signed())).status, 200);
    assert.equal(await left(world, other), { ...nothing, boxes: 1, certificates: 1, tenures: 1 });
  },
);

both(
  'a box whose turn has not come: shut out from the first moment, ended when it speaks',
  async (database) => {
    const world = new World(await database.open());
    const customer = await world.customer();
    const box = await world.claimedBox(customer);
    await box.register(world);
    const { code } = await newPairingCode(world.core, root, box.id);
    const replacement = await world.claim(customer, box.id);
    await world.core.store.write((tx) =>
      // As the first transaction leaves it when there are many before this one.
      tx.updateTable('customers').set({ left_at_ms: world.nowMs }).where('id', '=', customer).execute(),
    );
    world.nowMs += 60_000;
    // The same question by two ways: whichever comes first ends the box, and both are told.
    const jws = box.signed();
    const replies = await Promise.all([box.send(world, jws), box.send(world, jws)]);
    assert.equal(
      replies.map(({ text }) => readAnswer(text, world.keys).reason),
      ['retired', 'retired'],
    );
    assert.equal(await left(world, customer), nothing);
    const tenure = await world.core.store.reader
      .selectFrom('tenures')
      .select('until_ms')
      .where('billed_as', '=', box.id)
      .executeTakeFirstOrThrow();
    assert.is(tenure.until_ms, world.nowMs - 60_000);
    const pairing = await world.call('POST', '/v1/pairings', { body: { code, name: '1C', csr: box.csr } });
    assert.is(pairing.problem?.code, 'codeExpired');
    assert.is((await new TestBox().register(world, { claim: replacement })).reason, 'claimExpired');
    // And it comes back from the shelf as any other does.
    const elsewhere = await world.claim(await world.customer('Elsewhere'));
    const answer = await box.register(world, { claim: elsewhere });
    assert.is(answer.state, 'active');
    assert.is.not(answer.certificate, null);
  },
);

both('the call itself ends codes that boxes show, though their turn comes later', async (database) => {
  const world = new World(await database.open());
  const customer = await world.customer();
  await many(world, customer, 250, 'SS-MANY00000000');
  // Behind all others.
  const last = await world.claimedBox(customer);
  const { code } = await newPairingCode(world.core, root, last.id);
  const other = await world.claimedBox(await world.customer('Other'));
  const { code: stays } = await newPairingCode(world.core, root, other.id);
  await customerLeaves(world.core, root, customer);
  const pair = (typed: string) =>
    world.call('POST', '/v1/pairings', { body: { code: typed, name: '1C', csr: last.csr } });
  assert.is((await pair(code)).problem?.code, 'codeExpired');
  assert.is((await pair(stays)).status, 200);
});

both('a sale system with more pairings than one transaction ends: the rest by and by', async (database) => {
  const world = new World(await database.open());
  const customer = await world.customer();
  const ids = await many(world, customer, 450, 'SS-MANY00000000');
  await retireSaleSystem(world.core, root, 'SS-MANY00000000');
  const first = await left(world, customer);
  assert.is(first.saleSystems, 0);
  assert.ok(first.pairings > 0 && first.pairings < 450);
  assert.is(first.keys, first.pairings);
  assert.equal(await waiting(world, 'ending'), ['SS-MANY00000000']);
  // Without a broker there is nothing to be done at it; this is done all the same.
  await workOff(world, null);
  const { boxes, pairings, keys } = await left(world, customer);
  assert.equal({ boxes, pairings, keys }, { boxes: 450, pairings: 0, keys: 0 });
  const lines = await world.core.store.reader
    .selectFrom('audit')
    .select(['action', 'after'])
    .where('subject', '=', 'SS-MANY00000000')
    .execute();
  const told = lines.flatMap(({ after }) => (JSON.parse(after ?? '{}') as { boxes: string[] }).boxes);
  assert.equal(told.sort(), ids, 'every one is in the log, once');
});

both('an ending that nobody has begun ends nothing', async (database) => {
  const world = new World(await database.open());
  const customer = await world.customer();
  await many(world, customer, 3, 'SS-MANY00000000');
  const before = await left(world, customer);
  for (const subject of [customer, 'SS-MANY00000000', 'CU-NOBODY000000']) await endNext(world.core, subject);
  assert.equal(await left(world, customer), before);
});

both('asked for again and again it is done once, and not put off each time', async (database) => {
  const store = await database.open();
  const ask = (dueMs: number, ...boxes: string[]): Promise<void> =>
    store.write((tx) =>
      askAll(
        tx,
        boxes.map((subject) => ({ kind: 'box', subject })),
        dueMs,
      ),
    );
  await ask(1000, 'SW-1', 'SW-1', 'SW-2');
  await ask(2000, 'SW-1');
  const taken = await takeDue(store, 1500, 10);
  assert.equal(taken.map(({ subject }) => subject).sort(), ['SW-1', 'SW-2']);
  await ask(3000, 'SW-1');
  for (const errand of taken) await store.write((tx) => done(tx, errand));
  const again = await takeDue(store, 3000, 10);
  assert.equal(
    again.map(({ subject }) => subject),
    ['SW-1'],
    'asked for while it was being done',
  );
});

test.run();
