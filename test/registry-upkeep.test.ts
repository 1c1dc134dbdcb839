import { existsSync, statSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { jwsTypes } from '../gateway/contract/registration.ts';
import { isSwipeError } from '../gateway/seams/error.ts';
import { systemTime } from '../gateway/system/time.ts';
import { retireBox } from '../provisioning/registry/services/boxes.ts';
import { newPairingCode } from '../provisioning/registry/services/pairing.ts';
import { newToken, operatorOf } from '../provisioning/registry/services/tokens.ts';
import { openSqlite } from '../provisioning/registry/store/sqlite.ts';
import { backUpSqlite } from '../provisioning/registry/upkeep/backup.ts';
import { checkCrlAge } from '../provisioning/registry/upkeep/crl.ts';
import { dailyWork } from '../provisioning/registry/upkeep/daily.ts';
import { confirmRestore, markRestored, sinceBackup } from '../provisioning/registry/upkeep/restore.ts';
import { FakeBroker } from './registry/fakes.ts';
import { onBoth, testNowMs } from './registry/stores.ts';
import { workOff } from './registry/work-off.ts';
import { readAnswer, root, TestBox, World } from './registry/world.ts';
import { needing } from './support/needs.ts';
import { tempDirs } from './support/temp.ts';

const test = suite('registry upkeep');
const both = onBoth(test);
const tempDir = tempDirs(test);

const dayMs = 86_400_000;

both('what a change makes necessary at the broker is done there', async (database) => {
  const world = new World(await database.open());
  const broker = new FakeBroker();
  const box = await world.claimedBox(await world.customer());
  await workOff(world, broker);
  assert.equal([...broker.boxes], [[box.id, []]]);
  assert.equal(broker.notices, [], 'a box that has just registered is not called');
  const { code } = await newPairingCode(world.core, root, box.id);
  await workOff(world, broker);
  const [notice] = broker.notices;
  const [header = '', payload = ''] = (notice?.jws ?? '').split('.');
  const parsed = (part: string): unknown => JSON.parse(Buffer.from(part, 'base64url').toString());
  assert.is((parsed(header) as { typ: string }).typ, jwsTypes.notice);
  assert.equal(parsed(payload), { box: box.id, revision: box.revision + 1 });
  const csr = '-----BEGIN CERTIFICATE REQUEST-----\nx';
  const reply = await world.call('POST', '/v1/pairings', { body: { code, name: '1C', csr } });
  const { saleSystem } = reply.json as { saleSystem: string };
  await workOff(world, broker);
  assert.equal([...broker.boxes], [[box.id, [saleSystem]]]);
  assert.equal([...broker.saleSystems], [[saleSystem, [box.id]]]);
  await retireBox(world.core, root, box.id, 'stolen');
  await workOff(world, broker);
  assert.equal([...broker.boxes], []);
  assert.equal([...broker.saleSystems], [[saleSystem, []]]);
  assert.is(broker.trusted, 1);
  const list = world.authority.lists.at(-1);
  assert.equal(
    list?.revoked.map(({ serial }) => serial),
    [box.certificate],
  );
});

both(
  'an absent broker delays what is to be done and loses none of it; after a while a person is told',
  async (database) => {
    const world = new World(await database.open());
    const broker = new FakeBroker();
    const box = await world.claimedBox(await world.customer());
    broker.failing = new Error('not reachable');
    for (let at = 0; at < 10; at += 1) {
      await workOff(world, broker);
      world.nowMs += 300_000;
    }
    assert.equal(
      (await world.alarms()).map(({ kind, times }) => [kind, times]),
      [['brokerAccess', 1]],
    );
    broker.failing = null;
    await workOff(world, broker);
    assert.equal([...broker.boxes], [[box.id, []]]);
    assert.equal(await world.core.store.reader.selectFrom('errands').selectAll().execute(), []);
  },
);

both(
  'daily: a new revocation list with a higher number, what is over swept up, an old list an alarm',
  async (database) => {
    const world = new World(await database.open());
    const broker = new FakeBroker();
    const box = await world.claimedBox(await world.customer());
    await newPairingCode(world.core, root, box.id);
    await dailyWork(world.core);
    await workOff(world, broker);
    assert.ok(broker.calls.includes('reconcile'));
    world.nowMs += dayMs;
    await dailyWork(world.core);
    await workOff(world, broker);
    assert.equal(
      world.authority.lists.map(({ number }) => number),
      [1, 2],
    );
    const { sealed } = await world.core.store.reader
      .selectFrom('pairing_codes')
      .select('sealed')
      .executeTakeFirstOrThrow();
    assert.is(sealed, null);
    const crl = await world.call('GET', '/v1/crl');
    assert.match(crl.text, /BEGIN X509 CRL-----\n2/);
    world.nowMs += 24 * dayMs;
    await checkCrlAge(world.core);
    assert.equal(
      (await world.alarms()).map(({ kind }) => kind),
      ['crlAge'],
    );
  },
);

both(
  'restored: nobody is answered, what boxes say is kept, old requests are worth nothing, then all goes on',
  async (database) => {
    const world = new World(await database.open());
    const customer = await world.customer();
    const box = await world.claimedBox(customer);
    const unused = await world.claim(customer);
    const { token } = await newToken(world.core, root, {
      name: 'x',
      scopes: ['boxes:read'],
      customer: null,
      lifeMs: dayMs,
    });
    // Since the backup: the box has registered more often than the database knows; another is not in it at all.
    const kept = box.signed(box.request());
    box.revision += 10;
    const lost = new TestBox();
    lost.revision = 3;
    await markRestored(world.core.store, 'person:test', world.nowMs);
    world.restored = true;
    for (const one of [box, lost]) {
      const reply = await one.send(world, one.signed());
      assert.is(reply.status, 503);
      assert.is(reply.problem?.code, 'restored');
      assert.is(reply.headers.get('Retry-After'), '3600');
    }
    const broker = new FakeBroker();
    await workOff(world, broker);
    await dailyWork(world.core);
    assert.equal(broker.calls, [], 'the broker is left as it is');
    const { ahead, unknown } = await sinceBackup(world.core.store.reader);
    assert.equal([ahead, unknown], [[box.id], [lost.id]]);
    try {
      await operatorOf(world.core, token);
      assert.unreachable();
    } catch (error) {
      assert.is((error as { code?: string }).code, 'unauthorized');
    }

    await confirmRestore(world.core.store, 'person:test', world.nowMs);
    world.restored = false;
    await workOff(world, broker);
    assert.equal(broker.calls, ['trust', 'reconcile']);
    assert.is((await box.send(world, kept)).problem?.code, 'countBehind', 'kept since before the restore');
    const reply = await box.send(world, box.signed());
    assert.is(reply.problem?.code, 'countBehind');
    assert.ok((reply.problem?.count ?? 0) > 100_000);
    assert.is((await box.register(world, { count: (reply.problem?.count ?? 0) + 1 })).state, 'active');
    assert.not.ok(
      (await world.alarms()).some(({ kind }) => kind === 'countBehind'),
      'no alarm for what the restore did',
    );
    assert.is((await new TestBox().register(world, { claim: unused })).reason, 'claimExpired');
  },
);

test('SQLite: backup while boxes register; restored it is whole', async () => {
  const directory = tempDir();
  const path = `${directory}/registry.db`;
  const parts = { nowMs: testNowMs, newId: 'x', timers: systemTime };
  const store = await openSqlite(path, parts);
  const world = new World(store);
  const customer = await world.customer();
  const boxes = [await world.claimedBox(customer), await world.claimedBox(customer)];
  const going = boxes.map((box) => box.register(world));
  const backup = `${directory}/backup.db`;
  backUpSqlite(path, backup);
  await Promise.all(going);
  assert.is(statSync(backup).mode & 0o777, 0o600);
  assert.not.ok(existsSync(`${backup}.new`));
  try {
    backUpSqlite(path, backup);
    assert.unreachable();
  } catch (error) {
    assert.ok(isSwipeError(error, 'registryUnfit'));
  }
  const copy = await openSqlite(backup, parts);
  const rows = await copy.reader.selectFrom('boxes').select('id').orderBy('id').execute();
  assert.equal(
    rows.map(({ id }) => id),
    boxes.map(({ id }) => id).sort(),
  );
  await copy.close();
  await store.close();
});

needing(
  test,
  'pg_dump',
  'pg_restore',
)('PostgreSQL: pg_dump and pg_restore bring a registry back', async () => {
  const { startPostgres } = await import('./registry/postgres.ts');
  const { openPostgres } = await import('../provisioning/registry/store/postgres.ts');
  const { silentLog } = await import('../gateway/seams/log.ts');
  const { execFileSync } = await import('node:child_process');
  const server = await startPostgres();
  try {
    const [from, to] = [await server.database(), await server.database()];
    const open = (url: string) =>
      openPostgres({
        config: { kind: 'postgres', url, connections: 4 },
        log: silentLog,
        nowMs: testNowMs,
        newId: 'x',
      });
    const store = await open(from);
    const world = new World(store);
    const box = await world.claimedBox(await world.customer());
    const dump = `${tempDir()}/registry.dump`;
    execFileSync('pg_dump', ['--format=custom', `--file=${dump}`, from]);
    await store.close();
    execFileSync('pg_restore', ['--no-owner', `--dbname=${to}`, dump]);
    const restored = await open(to);
    const later = new World(restored, { keys: world.keys });
    const reply = await box.send(later, box.signed());
    assert.is(readAnswer(reply.text, world.keys).state, 'active');
    await restored.close();
  } finally {
    await server.stop();
  }
});

test.run();
