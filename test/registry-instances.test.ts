import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { FakeAuthority, FakeKeys } from './registry/fakes.ts';
import { onBoth } from './registry/stores.ts';
import { readAnswer, TestBox, World } from './registry/world.ts';

const test = suite('registry instances');
const both = onBoth(test);

const each = 10;

/** So many are on their way at any moment: about what two instances take in. */
const onTheWay = 800;

/** Does all of it, so many at a time. */
async function inTurn<Answer>(works: readonly (() => Promise<Answer>)[]): Promise<Answer[]> {
  const answers: Answer[] = [];
  const rest = works.entries();
  const worker = async (): Promise<void> => {
    for (const [at, work] of rest) answers[at] = await work();
  };
  await Promise.all(Array.from({ length: onTheWay }, worker));
  return answers;
}

both(
  'two instances, each of many boxes ten times at once for the first time: each box once, each claim once',
  async (database) => {
    // On SQLite two processes only take turns: there is less to find, and 200 boxes find it.
    const boxCount = database.kind === 'postgres' ? 1000 : 200;
    const shared = { authority: new FakeAuthority(), keys: new FakeKeys() };
    const worlds = [
      new World(await database.open({ connections: 20 }), shared),
      new World(await database.open({ connections: 20 }), shared),
    ] as const;
    const customer = await worlds[0].customer();
    const boxes = await Promise.all(
      Array.from({ length: boxCount }, async () => {
        const box = new TestBox();
        return { box, jws: box.signed(box.request({ claim: await worlds[0].claim(customer) })) };
      }),
    );
    const sent = Array.from({ length: boxCount * each }, (_, at) => {
      // The same one ten times in a row, at both instances.
      const { box, jws } = boxes[Math.floor(at / each)] as { box: TestBox; jws: string };
      const world = worlds[at % 2] as World;
      return () => box.send(world, jws, `10.${at % 2}.${at % 250}.${Math.floor(at / 250) % 250}`);
    });
    const replies = await inTurn(sent);
    assert.equal([...new Set(replies.map(({ status }) => status))], [200]);
    const states = new Set(replies.map(({ text }) => readAnswer(text, shared.keys).state));
    assert.equal([...states], ['active']);

    const { reader } = worlds[0].core.store;
    const count = async (table: 'boxes' | 'tenures' | 'claims' | 'certificates'): Promise<number> => {
      const row = await reader
        .selectFrom(table)
        .select((eb) => eb.fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow();
      return Number(row.count);
    };
    assert.is(await count('boxes'), boxCount);
    assert.is(await count('tenures'), boxCount);
    const used = await reader.selectFrom('claims').select('used_by').execute();
    assert.is(new Set(used.map(({ used_by }) => used_by)).size, boxCount, 'every claim by another box');
    const claimed = await reader
      .selectFrom('audit')
      .select('subject')
      .where('action', '=', 'box.claimed')
      .execute();
    assert.is(claimed.length, boxCount);
    assert.is(new Set(claimed.map(({ subject }) => subject)).size, boxCount);
    const { errands } = await reader
      .selectFrom('errands')
      .select((eb) => eb.fn.countAll<number>().as('errands'))
      .executeTakeFirstOrThrow();
    assert.is(Number(errands), boxCount);
    const rows = await reader.selectFrom('boxes').select(['id', 'revision', 'count']).execute();
    assert.ok(
      rows.every(({ revision }) => revision === each),
      'no answer’s revision was given twice',
    );
    assert.equal(await worlds[0].alarms(), []);
  },
);

both('one claim, many boxes at once: one gets it', async (database) => {
  const shared = { authority: new FakeAuthority(), keys: new FakeKeys() };
  const worlds = [
    new World(await database.open(), shared),
    new World(await database.open(), shared),
  ] as const;
  const claim = await worlds[0].claim(await worlds[0].customer());
  const boxes = Array.from({ length: 40 }, () => new TestBox());
  const answers = await Promise.all(
    boxes.map((box, at) => box.register(worlds[(at % 2) as 0 | 1], { claim }, `10.1.${at}.1`)),
  );
  const states = answers.map(({ state }) => state);
  assert.is(states.filter((state) => state === 'active').length, 1);
  assert.ok(answers.every(({ state, reason }) => state === 'active' || reason === 'claimUsed'));
  const { rows } = await worlds[0].core.store.reader
    .selectFrom('boxes')
    .select((eb) => eb.fn.countAll<number>().as('rows'))
    .executeTakeFirstOrThrow();
  assert.is(Number(rows), 1);
});

test.run();
