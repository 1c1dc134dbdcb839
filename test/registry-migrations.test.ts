import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import * as v from 'valibot';
import { jwsTypes, pairingsAnswerSchema } from '../gateway/contract/registration.ts';
import { isoTime } from '../gateway/contract/time.ts';
import { isSwipeError } from '../gateway/seams/error.ts';
import { type Dialect, migrations } from '../provisioning/registry/store/schema.ts';
import type { Store } from '../provisioning/registry/store/store.ts';
import {
  hashOf,
  loadPostgres,
  loadSqlite,
  type Rows,
  readDump,
  releasedPath,
  rowsOfPostgres,
  rowsOfSqlite,
  usingPostgres,
} from './registry/dumps.ts';
import { FakeBroker } from './registry/fakes.ts';
import { type Held, heldBox } from './registry/lived-in.ts';
import { nextStep } from './registry/next-step.ts';
import { onBoth, type TestDatabase } from './registry/stores.ts';
import { workOff } from './registry/work-off.ts';
import { hmacJws, TestBox, World } from './registry/world.ts';
import { Child } from './support/child.ts';

const test = suite('registry migrations');
const both = onBoth(test);

const released = JSON.parse(readFileSync(releasedPath, 'utf8')) as string[];
const steps = migrations as Readonly<Record<Dialect, string>>[];

/** Columns that a later step has taken away or rewritten on purpose, as `table.column`: what became of each. */
const movedOn: Readonly<Record<string, string>> = {};

/** Brings back the dump of a version. */
async function load(database: TestDatabase, version: number): Promise<{ held: Held; rows: Rows }> {
  const { sql, held } = readDump(version, database.kind);
  if (database.kind === 'sqlite') loadSqlite(database.place, sql);
  else await loadPostgres(database.place, sql);
  return { held, rows: await rowsOf(database) };
}

const rowsOf = async ({ kind, place }: TestDatabase): Promise<Rows> =>
  kind === 'sqlite' ? rowsOfSqlite(place) : await rowsOfPostgres(place);

/** That it rejects, and why. */
async function rejects(promise: Promise<unknown>, why: RegExp): Promise<Error> {
  const error = await promise.then(
    () => null,
    (reason: Error) => reason,
  );
  assert.match(error?.message ?? 'it does not', why);
  return error as Error;
}

const sorted = (rows: readonly object[]): string[] => rows.map((row) => JSON.stringify(row)).sort();

/** Every row of before is there, with what stood in it; there may be more of both. */
function assertKept(before: Rows, after: Rows): void {
  for (const [table, rows] of Object.entries(before)) {
    const columns = Object.keys(rows[0] ?? {}).filter((column) => !(`${table}.${column}` in movedOn));
    const cut = (row: Record<string, unknown>): object =>
      Object.fromEntries(columns.map((column) => [column, row[column]]));
    const left = sorted((after[table] ?? []).map(cut));
    for (const row of sorted(rows.map(cut))) {
      const at = left.indexOf(row);
      assert.ok(at >= 0, `${table} has lost ${row}`);
      left.splice(at, 1);
    }
  }
}

test('what was released is never changed', () => {
  assert.ok(migrations.length >= released.length, 'a step is gone');
  assert.equal(
    migrations.slice(0, released.length).map(hashOf),
    released,
    'a database out there has been through these very steps: add another one instead',
  );
  for (const dialect of ['sqlite', 'postgres'] as const)
    for (let version = 1; version <= released.length; version += 1)
      for (const [table, rows] of Object.entries(rowsIn(readDump(version, dialect).sql)))
        assert.ok(rows > 0, `${dialect}: the dump of version ${version} has nothing in ${table}`);
});

/** How many rows a dump has of each of its tables. */
function rowsIn(sql: string): Record<string, number> {
  const tables = [...sql.matchAll(/^CREATE TABLE (?:IF NOT EXISTS )?(?:public\.)?"?(\w+)/gm)];
  return Object.fromEntries(
    tables.map(([, table = '']) => [
      table,
      [...sql.matchAll(new RegExp(`^INSERT INTO (?:public\\.)?"?${table}\\b`, 'gm'))].length,
    ]),
  );
}

for (let version = 1; version <= released.length; version += 1)
  both(
    `version ${version} comes to the newest one with all that is in it, and works on`,
    async (database) => {
      const { held, rows } = await load(database, version);
      // Two instances of the new version start at the same moment.
      const [store] = await Promise.all([database.open(), database.open()]);
      assertKept(rows, await rowsOf(database));
      const newest = await rowsOf(database);
      assert.is(newest.migrations?.length, migrations.length);
      assert.is(newest.meta?.length, 1);
      await assertWorks(store, held);
    },
  );

/** The registry goes on for everybody who held something of it. */
async function assertWorks(store: Store, held: Held): Promise<void> {
  const world = new World(store);
  world.nowMs = held.nowMs + 60_000;
  const box = heldBox(held.box);
  const answer = await box.register(world);
  assert.is(answer.state, 'active');
  assert.is(answer.pairing?.code, held.pairingCode);
  const own = answer.commandKeys.find(({ kid }) => kid === held.saleSystem.kid);
  assert.is((own as { secret?: string } | undefined)?.secret, held.saleSystem.secret, 'secrets open');
  assert.is(answer.commandKeys.length, 2);
  const thief = heldBox(held.stolen);
  assert.is((await thief.register(world)).reason, 'retired');
  assert.is((await new TestBox().register(world, { claim: held.claim })).state, 'active');

  const body = hmacJws(
    { time: isoTime(world.nowMs) },
    { typ: jwsTypes.pairingsQuery, kid: held.saleSystem.kid },
    held.saleSystem.secret,
  );
  const asked = await world.call('POST', '/v1/pairings/query', { body, type: 'application/jose' });
  assert.equal(
    v.parse(pairingsAnswerSchema, asked.json).boxes.map(({ box: id }) => id),
    [box.id],
  );
  const csr = '-----BEGIN CERTIFICATE REQUEST-----\nx';
  const pairing = { code: held.pairingCode, name: '1C', csr };
  assert.is((await world.call('POST', '/v1/pairings', { body: pairing })).status, 200);
  const listed = await world.call('GET', '/v1/operator/boxes', { token: held.token });
  assert.is((listed.json as object[]).length, 8);
  assert.is((await world.call('GET', '/v1/operator/audit', { token: held.token })).status, 200);

  const heir = new TestBox();
  const inherited = await heir.register(world, { claim: held.replacement });
  assert.is(inherited.commandKeys.length, 3, 'it takes the place of the other, pairings and all');
  const broker = new FakeBroker();
  await workOff(world, broker);
  assert.ok(broker.boxes.has(heir.id));
  assert.not.ok(broker.boxes.has(box.id));
  assert.equal(
    await store.reader.selectFrom('errands').selectAll().where('kind', '!=', 'keyEnds').execute(),
    [],
  );
  const { crl_number } = await store.reader.selectFrom('meta').selectAll().executeTakeFirstOrThrow();
  assert.is(crl_number, 2);
  await rejects(
    store.write((tx) => tx.deleteFrom('audit').execute()),
    /only added to/,
  );
}

both('the step after the newest is taken, once, whoever comes first', async (database) => {
  const { rows } = await load(database, 1);
  await (await database.open()).close();
  steps.push(nextStep);
  try {
    await Promise.all([database.open(), database.open(), database.open()]);
  } finally {
    steps.pop();
  }
  const after = await rowsOf(database);
  assert.equal(
    sorted(after.customers?.map(({ name, language }) => ({ name, language })) ?? []),
    sorted(rows.customers?.map(({ name }) => ({ name: `${name} (moved)`, language: 'uk' })) ?? []),
  );
  assert.equal(after.invoices, []);
  const error = await rejects(database.open(), /goes no way back/);
  assert.ok(isSwipeError(error, 'registryUnfit'));
});

both(
  'a step may take as long as a large database needs, and as long as another instance is at it',
  async (database) => {
    await load(database, 1);
    const limit = "SELECT 1 / (CASE WHEN current_setting('statement_timeout') = '0' THEN 1 ELSE 0 END);";
    steps.push({ sqlite: 'SELECT 1;', postgres: limit });
    try {
      await database.open();
    } finally {
      steps.pop();
    }
  },
);

both('a migration that fails half way changes nothing', async (database) => {
  await load(database, 1);
  await (await database.open()).close();
  const before = await rowsOf(database);
  steps.push(nextStep, { sqlite: 'SELECT * FROM nowhere;', postgres: 'SELECT * FROM nowhere;' });
  try {
    await rejects(database.open(), /nowhere/);
  } finally {
    steps.splice(-2);
  }
  assert.equal(await rowsOf(database), before);
});

both(
  'killed in the middle of a migration: all of it or nothing, and the next start goes on',
  async (database) => {
    const { held } = await load(database, 1);
    await (await database.open()).close();
    const before = await rowsOf(database);
    const child = new Child(process.execPath, [
      '--import',
      'tsx',
      'test/registry/migrate-slowly.ts',
      database.kind,
      database.place,
    ]);
    await child.out.find((line) => line === 'in the middle', 'the migration to be in the middle');
    await child.end('SIGKILL');
    // The server sees that the connection is gone only when it next looks: here it is told.
    if (database.kind === 'postgres')
      await usingPostgres(database.place, (client) =>
        client.query(
          'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
        ),
      );
    const store = await database.open();
    assert.equal(await rowsOf(database), before);
    await assertWorks(store, held);
  },
);

test.run();
