import { statSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import Database from 'libsql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { boxes as boxList } from '../provisioning/registry/services/lists.ts';
import type { Store } from '../provisioning/registry/store/store.ts';
import { dailyWork } from '../provisioning/registry/upkeep/daily.ts';
import { wantedAccess } from '../provisioning/registry/upkeep/wanted.ts';
import { loadPostgres, loadSqlite, readDump, usingPostgres } from './registry/dumps.ts';
import { many } from './registry/many.ts';
import { onBoth, type TestDatabase } from './registry/stores.ts';
import { root, World } from './registry/world.ts';

const test = suite('registry scale');
const both = onBoth(test);
const dayMs = 86_400_000;

both(
  'version 1 with boxes in use: what is known of their certificates stands in their rows',
  async (database) => {
    const { sql } = readDump(1, database.kind);
    if (database.kind === 'sqlite') loadSqlite(database.place, sql);
    else await loadPostgres(database.place, sql);
    const { reader } = await database.open();
    const rows = await reader
      .selectFrom('boxes')
      .innerJoin('certificates', 'certificates.serial', 'boxes.certificate')
      .select(['boxes.id', 'ca', 'certificate_ca', 'not_before_ms', 'not_after_ms', 'certificate_renew_ms'])
      .execute();
    assert.ok(rows.length > 0);
    for (const { ca, certificate_ca, not_before_ms, not_after_ms, certificate_renew_ms } of rows) {
      assert.is(certificate_ca, ca);
      assert.is(certificate_renew_ms, not_before_ms + Math.ceil((not_after_ms - not_before_ms) / 3));
    }
  },
);

async function countOf(store: Store, table: 'certificates' | 'attempts' | 'pairing_codes'): Promise<number> {
  const { count } = await store.reader
    .selectFrom(table)
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count);
}

both('what is over is swept up in parts, all of it, and nothing else', async (database) => {
  const store = await database.open();
  const world = new World(store);
  const { nowMs } = world;
  const old = 2500;
  const certificate = (at: number, not_after_ms: number) => ({
    serial: `${not_after_ms}-${at}`,
    ca: 'ca-1',
    subject: 'SW-1',
    issued_at_ms: 0,
    not_before_ms: 0,
    not_after_ms,
  });
  const attempt = (key: string, last_at_ms: number) => ({
    key,
    failures: 1,
    first_at_ms: 0,
    last_at_ms,
    blocked_until_ms: 0,
  });
  await store.write(async (tx) => {
    for (let start = 0; start < old; start += 500) {
      const numbers = Array.from({ length: 500 }, (_, at) => start + at);
      await tx
        .insertInto('certificates')
        .values(numbers.map((at) => certificate(at, nowMs - 401 * dayMs)))
        .execute();
      await tx
        .insertInto('attempts')
        .values(numbers.map((at) => attempt(`box:${at}`, nowMs - 49 * 3_600_000)))
        .execute();
    }
    await tx
      .insertInto('certificates')
      .values(certificate(0, nowMs - 399 * dayMs))
      .execute();
    await tx
      .insertInto('attempts')
      .values(attempt('box:recent', nowMs - 47 * 3_600_000))
      .execute();
  });
  let writes = 0;
  const counted: Store = {
    ...store,
    write: (work) => {
      writes += 1;
      return store.write(work);
    },
  };
  await dailyWork({ ...world.core, store: counted });
  assert.is(await countOf(store, 'certificates'), 1);
  assert.is(await countOf(store, 'attempts'), 1);
  assert.ok(writes >= 7, `in ${writes} transactions`);
});

both('all that should be at the broker, page by page, each box with its own', async (database) => {
  const world = new World(await database.open());
  const customer = await world.customer();
  const ids = await many(world, customer, 1100, 'SS-MANY00000000');
  const unpaired = await world.claimedBox(customer);
  const seen = new Map<string, readonly string[]>();
  for await (const { box, saleSystems } of wantedAccess(world.core.store.reader).boxes())
    seen.set(box, saleSystems);
  assert.is(seen.size, 1101);
  for (const id of ids) assert.equal(seen.get(id), ['SS-MANY00000000']);
  assert.equal(seen.get(unpaired.id), []);
});

both('lists by status show those and no others', async (database) => {
  const world = new World(await database.open());
  const customer = await world.customer();
  const ids = await many(world, customer, 5, 'SS-MANY00000000');
  await world.core.store.write((tx) =>
    tx
      .updateTable('boxes')
      .set({ status: 'stolen', ended_at_ms: 1 })
      .where('id', '=', ids[2] ?? '')
      .execute(),
  );
  const listed = async (status: 'stolen' | 'claimed' | 'lost'): Promise<string[]> =>
    (await boxList(world.core, root, { limit: 10, status })).map(({ box }) => box);
  assert.equal(await listed('stolen'), [ids[2]]);
  assert.equal(await listed('lost'), []);
  assert.is((await listed('claimed')).length, 4);
});

/** How the database would go about it if nothing but an index were there to go by. */
async function planOf({ kind, place }: TestDatabase, sql: string): Promise<string> {
  if (kind === 'postgres')
    return usingPostgres(place, async (client) => {
      await client.query('SET enable_seqscan = off; SET enable_bitmapscan = off');
      const { rows } = await client.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${sql}`);
      return rows.map((row) => row['QUERY PLAN']).join('; ');
    });
  const file = new Database(place);
  const rows = file.prepare(`EXPLAIN QUERY PLAN ${sql}`).all() as { detail: string }[];
  file.close();
  return rows.map(({ detail }) => detail).join('; ');
}

both('an index leads to what is listed, however many boxes there are', async (database) => {
  await database.open();
  const claimed = "status = 'claimed'";
  for (const [sql, index] of [
    [`SELECT * FROM boxes WHERE customer = 'x' AND ${claimed} ORDER BY id LIMIT 200`, 'boxes_in_use'],
    ["SELECT * FROM boxes WHERE status = 'lost' AND status != 'claimed' ORDER BY id LIMIT 9", 'boxes_ended'],
    ["SELECT id FROM claims WHERE replaces IN ('x', 'y') AND used_by IS NULL", 'claims_replaces'],
    [
      'SELECT serial FROM certificates WHERE not_after_ms < 1 ORDER BY not_after_ms LIMIT 9',
      'certificates_end',
    ],
    ['SELECT id FROM pairing_codes WHERE sealed IS NOT NULL AND expires_at_ms <= 1', 'pairing_codes_shown'],
    ['SELECT * FROM alarms WHERE acknowledged_at_ms IS NULL ORDER BY id DESC LIMIT 9', 'alarms_unseen'],
  ] as const)
    assert.match(await planOf(database, sql), index, sql);
});

both(
  'an index leads to what is counted in a rotation',
  async (database) => {
    await database.open();
    for (const column of ['registry_kid', 'certificate_ca'])
      assert.match(
        await planOf(database, `SELECT count(*) FROM boxes WHERE status = 'claimed' AND ${column} > 'x'`),
        `COVERING INDEX boxes_${column}`,
      );
  },
  { only: 'sqlite' },
);

both(
  'much that is written reaches the database file while it is open, and is all there',
  async (database) => {
    const store = await database.open();
    const text = 'x'.repeat(100_000);
    for (let at = 0; at < 160; at += 1)
      await store.write((tx) =>
        tx
          .insertInto('customers')
          .values({ id: `CU-${at}`, name: text, created_at_ms: 0 })
          .execute(),
      );
    // Far below what makes SQLite do it by itself: somebody else did.
    const moved = (): boolean => statSync(database.place).size > 4_000_000;
    for (let tries = 0; tries < 600 && !moved(); tries += 1) {
      await store.write((tx) => tx.updateTable('meta').set({ crl_number: tries }).execute());
      await pause(20);
    }
    assert.ok(moved(), `${statSync(database.place).size} bytes`);
    await store.close();
    const { reader } = await database.open();
    const rows = await reader.selectFrom('customers').select('id').where('name', '=', text).execute();
    assert.is(rows.length, 160);
  },
  { only: 'sqlite' },
);

both(
  'a table that a newer instance changes under a running one: nobody is refused',
  async (database) => {
    const world = new World(await database.open({ connections: 2 }));
    const customer = await world.customer();
    const box = await world.claimedBox(customer);
    for (let times = 0; times < 8; times += 1) await box.register(world);
    await usingPostgres(database.place, (client) => client.query('ALTER TABLE boxes ADD COLUMN colour TEXT'));
    for (let times = 0; times < 8; times += 1) assert.is((await box.register(world)).state, 'active');
    const fresh = await world.claimedBox(customer);
    assert.is((await fresh.register(world)).state, 'active');
  },
  { only: 'postgres' },
);

test.run();
