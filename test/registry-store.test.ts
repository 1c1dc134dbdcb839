import { readFileSync, writeFileSync } from 'node:fs';
import { CompiledQuery } from 'kysely';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isSwipeError } from '../gateway/seams/error.ts';
import { systemTime } from '../gateway/system/time.ts';
import { gateFor } from '../provisioning/registry/store/attempts.ts';
import { audit, raiseAlarm } from '../provisioning/registry/store/audit.ts';
import { ask, backlog, done, leaseMs, postpone, takeDue } from '../provisioning/registry/store/errands.ts';
import { openSqlite } from '../provisioning/registry/store/sqlite.ts';
import type { Store } from '../provisioning/registry/store/store.ts';
import { testNowMs as nowMs, onBoth } from './registry/stores.ts';
import { tempDirs } from './support/temp.ts';

const test = suite('registry store');
const both = onBoth(test);
const tempDir = tempDirs(test);

const addCustomer = (store: Store, id: string): Promise<unknown> =>
  store.write((tx) => tx.insertInto('customers').values({ id, name: id, created_at_ms: nowMs }).execute());

both('opened twice, it is one database, made once', async (database) => {
  const [one, other] = await Promise.all([database.open(), database.open()]);
  await addCustomer(one, 'CU-1');
  const ids = await Promise.all(
    [one, other].map((store) => store.reader.selectFrom('meta').selectAll().executeTakeFirstOrThrow()),
  );
  assert.is(ids[0]?.database_id, ids[1]?.database_id);
  assert.is(ids[0]?.mode, 'normal');
  assert.equal(
    (await other.reader.selectFrom('customers').select('id').execute()).map(({ id }) => id),
    ['CU-1'],
  );
});

both('a change that throws leaves nothing, whatever is changed beside it', async (database) => {
  const store = await database.open();
  const results = await Promise.allSettled([
    addCustomer(store, 'CU-1'),
    store.write(async (tx) => {
      await tx.insertInto('customers').values({ id: 'CU-2', name: '', created_at_ms: nowMs }).execute();
      await audit(tx, nowMs, { actor: 'registry', action: 'x', subject: 'CU-2', customer: null });
      throw new Error('second thoughts');
    }),
    addCustomer(store, 'CU-1'),
    addCustomer(store, 'CU-3'),
  ]);
  const [first, throwing, second, other] = results.map(({ status }) => status);
  assert.equal([throwing, other], ['rejected', 'fulfilled']);
  // On connections of their own, either of the two may be the first.
  assert.equal([first, second].sort(), ['fulfilled', 'rejected']);
  const left = await store.reader.selectFrom('customers').select('id').orderBy('id').execute();
  assert.equal(
    left.map(({ id }) => id),
    ['CU-1', 'CU-3'],
  );
  assert.equal(await store.reader.selectFrom('audit').selectAll().execute(), []);
});

both('the audit log is only added to', async (database) => {
  const store = await database.open();
  await store.write((tx) =>
    audit(tx, nowMs, { actor: 'registry', action: 'x', subject: 's', customer: null, after: { a: 1 } }),
  );
  for (const attack of ["UPDATE audit SET actor = 'nobody'", 'DELETE FROM audit'])
    try {
      await store.write((tx) => tx.executeQuery(CompiledQuery.raw(attack)));
      assert.unreachable();
    } catch (error) {
      assert.match((error as Error).message, /only added to/);
    }
  assert.is((await store.reader.selectFrom('audit').selectAll().execute()).length, 1);
});

both('numbers keep their value: milliseconds, large counts', async (database) => {
  const store = await database.open();
  const large = 2 ** 48;
  await store.write((tx) => ask(tx, 'box', 'SW-1', large));
  const row = await store.reader.selectFrom('errands').select('due_ms').executeTakeFirstOrThrow();
  assert.is(row.due_ms, large);
});

both('text is text, whatever is written in it', async (database) => {
  const store = await database.open();
  const nasty = `Робота'); DROP TABLE customers; -- "\\ \u{1f4b3}`;
  await store.write((tx) =>
    tx.insertInto('customers').values({ id: nasty, name: nasty, created_at_ms: nowMs }).execute(),
  );
  const row = await store.reader
    .selectFrom('customers')
    .selectAll()
    .where('id', '=', nasty)
    .executeTakeFirstOrThrow();
  assert.is(row.name, nasty);
});

both('rows that are counted up under a lock lose no count', async (database) => {
  const stores = await Promise.all([database.open(), database.open()]);
  const first = stores[0] as Store;
  await first.write((tx) =>
    tx.insertInto('errands').values({ kind: 'k', subject: 's', due_ms: 0, tries: 0, version: 0 }).execute(),
  );
  const up = (store: Store): Promise<unknown> =>
    store.write(async (tx) => {
      const { tries } = await tx
        .selectFrom('errands')
        .select('tries')
        .where('subject', '=', 's')
        .forUpdate()
        .executeTakeFirstOrThrow();
      await tx
        .updateTable('errands')
        .set({ tries: tries + 1 })
        .where('subject', '=', 's')
        .execute();
    });
  await Promise.all(Array.from({ length: 200 }, (_, at) => up(stores[at % 2] as Store)));
  const { tries } = await first.reader.selectFrom('errands').select('tries').executeTakeFirstOrThrow();
  assert.is(tries, 200);
});

both('an alarm that is raised again counts up until somebody has seen it', async (database) => {
  const store = await database.open();
  const raise = (atMs: number): Promise<void> =>
    store.write((tx) =>
      raiseAlarm(tx, atMs, { kind: 'countBehind', subject: 'SW-1', customer: null, detail: `at ${atMs}` }),
    );
  await Promise.all([raise(1), raise(2), raise(3)]);
  const read = () => store.reader.selectFrom('alarms').selectAll().orderBy('id').execute();
  assert.equal(
    (await read()).map(({ times }) => times),
    [3],
  );
  await store.write((tx) => tx.updateTable('alarms').set({ acknowledged_at_ms: 4 }).execute());
  await raise(5);
  assert.equal(
    (await read()).map(({ times, detail }) => [times, detail === 'at 5']),
    [
      [3, false],
      [1, true],
    ],
  );
});

both(
  'an errand is taken by one, comes back when it is not done, and stays when it was asked for again',
  async (database) => {
    const [one, other] = await Promise.all([database.open(), database.open()]);
    const write = (work: Parameters<Store['write']>[0]) => one.write(work);
    for (let at = 0; at < 20; at += 1) await write((tx) => ask(tx, 'box', `SW-${at}`, nowMs));
    await write((tx) => ask(tx, 'box', 'SW-later', nowMs + 1));
    const taken = (await Promise.all([takeDue(one, nowMs, 15), takeDue(other, nowMs, 15)])).flat();
    assert.is(new Set(taken.map(({ id }) => id)).size, taken.length, 'none twice');
    const rest = await takeDue(one, nowMs, 100);
    assert.is(taken.length + rest.length, 20);
    assert.equal(await takeDue(other, nowMs, 100), []);
    assert.is(
      (await takeDue(other, nowMs + leaseMs, 100)).length,
      21,
      'what was not done in time is free again',
    );

    const [errand] = taken;
    if (errand === undefined) throw new Error('none taken');
    await write((tx) => ask(tx, 'box', errand.subject, nowMs));
    await write((tx) => done(tx, errand));
    const again = await takeDue(one, nowMs, 100);
    assert.equal(
      again.map(({ subject }) => subject),
      [errand.subject],
    );
    const [second] = again;
    if (second === undefined) throw new Error('none taken');
    await write((tx) => postpone(tx, second, nowMs + 5));
    assert.equal(await backlog(one.reader, nowMs), { count: 0, oldestMs: null });
    assert.equal(await backlog(one.reader, nowMs + 5), { count: 1, oldestMs: nowMs + 5 });
  },
);

both('wrong tries of one address are weighed one after the other', async (database) => {
  const stores = await Promise.all([database.open(), database.open()]);
  const tries = await Promise.all(
    Array.from({ length: 30 }, (_, at) =>
      (stores[at % 2] as Store).write(async (tx) => {
        const gate = await gateFor(tx, ['address:192.0.2.1', `box:SW-${at}`], nowMs);
        if (gate.blockedUntilMs === 0) await gate.wrong();
        return gate.blockedUntilMs === 0;
      }),
    ),
  );
  assert.is(tries.filter(Boolean).length, 5);
});

test("SQLite: another program's file is left alone", async () => {
  const path = `${tempDir()}/notes.txt`;
  writeFileSync(path, 'what somebody wrote\n'.repeat(100));
  try {
    await openSqlite(path, { nowMs, newId: 'x', timers: systemTime });
    assert.unreachable();
  } catch (error) {
    assert.ok(isSwipeError(error, 'registryUnfit'), String(error));
  }
  assert.is(readFileSync(path, 'utf8'), 'what somebody wrote\n'.repeat(100));
});

both('a database of a newer version is not touched', async (database) => {
  const store = await database.open();
  await store.write((tx) =>
    tx.executeQuery(CompiledQuery.raw('INSERT INTO migrations (version, at_ms) VALUES (999, 0)')),
  );
  try {
    await database.open();
    assert.unreachable();
  } catch (error) {
    assert.ok(isSwipeError(error, 'registryUnfit'), String(error));
  }
});

test.run();
