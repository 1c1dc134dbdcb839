import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { newPairingCode } from '../provisioning/registry/services/pairing.ts';
import { createRegistrar } from '../provisioning/registry/services/registrar.ts';
import type { Store } from '../provisioning/registry/store/store.ts';
import { onBoth } from './registry/stores.ts';
import { type Reply, readAnswer, root, TestBox, World } from './registry/world.ts';

const test = suite('registry together');
const both = onBoth(test);
const dayMs = 86_400_000;

/** Boxes of one customer, claimed, whose certificates are theirs. */
async function boxesOf(world: World, count: number): Promise<TestBox[]> {
  const customer = await world.customer();
  const boxes: TestBox[] = [];
  for (let at = 0; at < count; at += 1) boxes.push(await world.claimedBox(customer));
  // Only now it tells whom it trusts since its first answer.
  for (const box of boxes) await box.register(world);
  return boxes;
}

/** Counts the transactions that a store is asked for. */
function counting(store: Store): { store: Store; count(): number } {
  let count = 0;
  return {
    store: {
      ...store,
      write: (work) => {
        count += 1;
        return store.write(work);
      },
    },
    count: () => count,
  };
}

async function paired(world: World, box: TestBox): Promise<void> {
  const { code } = await newPairingCode(world.core, root, box.id);
  const body = { code, name: '1C', csr: box.csr };
  assert.is((await world.call('POST', '/v1/pairings', { body })).status, 200);
}

const sendAll = (world: World, boxes: readonly TestBox[]): Promise<Reply[]> =>
  Promise.all(boxes.map((box, at) => box.send(world, box.signed(), `192.0.2.${at}`)));

both('many boxes at once: a few transactions, and each is told its own', async (database) => {
  const { store, count } = counting(await database.open());
  const world = new World(store);
  const boxes = await boxesOf(world, 40);
  const codes = new Map<string, string>();
  for (const box of boxes.slice(0, 3))
    codes.set(box.id, (await newPairingCode(world.core, root, box.id)).code);
  for (const box of boxes.slice(3, 6)) {
    await paired(world, box);
  }
  const before = count();
  const replies = await sendAll(world, boxes);
  assert.ok(count() - before <= 4, `${count() - before} transactions`);
  const { reader } = store;
  for (const [at, box] of boxes.entries()) {
    const answer = readAnswer(replies[at]?.text ?? '', world.keys);
    const row = await reader
      .selectFrom('boxes')
      .selectAll()
      .where('id', '=', box.id)
      .executeTakeFirstOrThrow();
    assert.is(answer.box, box.id);
    assert.is(answer.state, 'active');
    assert.is(answer.revision, row.revision);
    assert.is(row.count, box.count);
    assert.is(row.nonce, answer.nonce);
    assert.is(row.counted_at_ms, world.nowMs);
    assert.is(answer.certificate, null);
    assert.is(answer.pairing?.code ?? null, codes.get(box.id) ?? null);
    const kids = await reader
      .selectFrom('command_keys')
      .innerJoin('pairings', 'pairings.id', 'command_keys.pairing')
      .select('kid')
      .where('box', '=', box.id)
      .execute();
    assert.equal(
      answer.commandKeys.map(({ kid }) => kid),
      kids.map(({ kid }) => kid),
    );
    assert.is(answer.commandKeys.length, at >= 3 && at < 6 ? 1 : 0);
  }
  assert.equal(await world.alarms(), []);
});

both(
  'among them a replay, a copied disk, a stranger, one with news, one twice: each as by itself',
  async (database) => {
    const world = new World(await database.open());
    const [replayed, copied, told, twice, ended, ...others] = (await boxesOf(world, 15)) as [
      TestBox,
      TestBox,
      TestBox,
      TestBox,
      TestBox,
      ...TestBox[],
    ];
    const old = replayed.signed();
    await replayed.send(world, old);
    await replayed.send(world, replayed.signed());
    copied.serial = 'another';
    const again = twice.signed();
    await world.core.store.write((tx) =>
      tx
        .updateTable('boxes')
        .set({ status: 'stolen', ended_at_ms: world.nowMs })
        .where('id', '=', ended.id)
        .execute(),
    );
    const mixed = [
      old,
      copied.signed(),
      told.signed(told.request({ version: '0.2.0' })),
      again,
      again,
      ended.signed(),
      new TestBox().signed(),
      ...others.map((box) => box.signed()),
    ];
    const replies = await Promise.all(mixed.map((jws, at) => others[0]?.send(world, jws, `192.0.2.${at}`)));
    assert.equal(
      replies.slice(0, 7).map((reply) => reply?.problem?.code ?? reply?.status),
      ['countBehind', 'hardwareChanged', 200, 200, 200, 200, 200],
    );
    const answers = replies.slice(5).map((reply) => readAnswer(reply?.text ?? '', world.keys));
    assert.equal(
      answers.map(({ state, reason }) => reason ?? state),
      ['retired', 'claimNeeded', ...others.map(() => 'active')],
    );
    const revisions = replies.slice(3, 5).map((reply) => readAnswer(reply?.text ?? '', world.keys).revision);
    assert.is.not(revisions[0], revisions[1], 'no revision is given twice');
    assert.equal(
      (await world.alarms()).map(({ kind, subject }) => `${kind} ${subject}`).sort(),
      [`countBehind ${replayed.id}`, `hardwareChanged ${copied.id}`, `retiredSeen ${ended.id}`].sort(),
    );
    const changes = await world.core.store.reader
      .selectFrom('audit')
      .select(['subject', 'after'])
      .where('action', '=', 'box.changed')
      .execute();
    assert.equal(changes, [{ subject: told.id, after: '{"version":"0.2.0"}' }]);
  },
);

both('one that cannot be answered takes nobody with it', async (database) => {
  const world = new World(await database.open());
  const boxes = await boxesOf(world, 12);
  // Not the first, which goes by itself.
  await paired(world, boxes[6] as TestBox);
  await world.core.store.write((tx) => tx.updateTable('command_keys').set({ sealed: 'damaged' }).execute());
  const replies = await sendAll(world, boxes);
  assert.equal(
    replies.map(({ status }) => status),
    boxes.map((_, at) => (at === 6 ? 500 : 200)),
  );
});

both(
  'a new key of the registry: who trusts it from now on is noted, and counted no more',
  async (database) => {
    const world = new World(await database.open());
    const boxes = await boxesOf(world, 3);
    await world.keys.beginRotation();
    const newest = world.keys.trusted()[0]?.kid;
    const moved = async (): Promise<number> => {
      const { reader } = world.core.store;
      const rows = await reader.selectFrom('boxes').select('registry_kid').execute();
      return rows.filter(({ registry_kid }) => registry_kid === newest).length;
    };
    for (const box of boxes) await box.register(world);
    assert.is(await moved(), 0, 'they hear of it');
    for (const [at, box] of boxes.entries()) {
      await box.register(world);
      assert.is(await moved(), at + 1);
    }
  },
);

both('a certificate comes with the answer when it is due, and only then', async (database) => {
  const world = new World(await database.open());
  const boxes = await boxesOf(world, 5);
  const issuedTo = async (): Promise<number> => {
    const before = world.authority.issued.length;
    for (const box of boxes) await box.register(world);
    return world.authority.issued.length - before;
  };
  assert.is(await issuedTo(), 0);
  world.nowMs += 30 * dayMs - 1;
  assert.is(await issuedTo(), 0);
  world.nowMs += 1;
  assert.is(await issuedTo(), 5, 'a third of its life is over');
  assert.is(await issuedTo(), 0);
  world.authority.ca = 'ca-2';
  assert.is(await issuedTo(), 5, 'its CA is being replaced');
  assert.is(await issuedTo(), 0);
  const [lost] = boxes as [TestBox];
  lost.certificate = null;
  assert.is(await issuedTo(), 1, 'its disk has forgotten it');
  const { reader } = world.core.store;
  const known = await reader.selectFrom('boxes').select(['certificate', 'certificate_ca']).execute();
  assert.equal([...new Set(known.map((row) => row.certificate_ca))], ['ca-2']);
});

both(
  'a box that somebody else works on at that moment is waited for, and nobody waits for it',
  async (database) => {
    const world = new World(await database.open());
    const boxes = await boxesOf(world, 6);
    const [held, ...others] = boxes as [TestBox, ...TestBox[]];
    let release = (): void => {};
    const other = await database.open();
    const holding = other.write(async (tx) => {
      await tx.selectFrom('boxes').select('id').where('id', '=', held.id).forUpdate().execute();
      await new Promise<void>((resolve) => {
        release = resolve;
        started();
      });
    });
    let started = (): void => {};
    await new Promise<void>((resolve) => {
      started = resolve;
    });
    // The first goes by itself; the held one is among those that come together.
    const [first, ...rest] = others as [TestBox, ...TestBox[]];
    const sent = [first, held, ...rest].map((box) => box.send(world, box.signed()));
    const [, late] = sent;
    const replies = await Promise.all(sent.filter((reply) => reply !== late));
    assert.equal([...new Set(replies.map(({ status }) => status))], [200]);
    release();
    await holding;
    assert.is((await late)?.status, 200);
  },
  { only: 'postgres' },
);

both('an idle registry wakes nobody for a registration that asks for nothing', async (database) => {
  const world = new World(await database.open());
  const [box] = (await boxesOf(world, 1)) as [TestBox];
  const { wakes } = world;
  await box.register(world);
  assert.is(world.wakes, wakes);
});

test('a registrar of a closed database refuses, and does not hang', async () => {
  const store = {
    dialect: 'sqlite',
    reader: null,
    write: () => Promise.reject(new Error('closed')),
    close: async () => {},
  } as unknown as Store;
  const world = new World(store);
  const registrar = createRegistrar(world.core);
  const box = new TestBox();
  const tried = await Promise.allSettled(
    [box.signed(), box.signed()].map((jws) => registrar.register(jws, '::1')),
  );
  assert.equal(
    tried.map(({ status }) => status),
    ['rejected', 'rejected'],
  );
});

test.run();
