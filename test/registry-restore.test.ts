import { execFileSync } from 'node:child_process';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import * as v from 'valibot';
import { jwsTypes, type PairingAnswer, pairingAnswerSchema } from '../gateway/contract/registration.ts';
import { isoTime } from '../gateway/contract/time.ts';
import { silentLog } from '../gateway/seams/log.ts';
import { systemTime } from '../gateway/system/time.ts';
import { retireBox } from '../provisioning/registry/services/boxes.ts';
import { newPairingCode } from '../provisioning/registry/services/pairing.ts';
import { newToken } from '../provisioning/registry/services/tokens.ts';
import { ask } from '../provisioning/registry/store/errands.ts';
import { openPostgres } from '../provisioning/registry/store/postgres.ts';
import { openSqlite } from '../provisioning/registry/store/sqlite.ts';
import type { Store } from '../provisioning/registry/store/store.ts';
import { backUpSqlite } from '../provisioning/registry/upkeep/backup.ts';
import { confirmRestore, markRestored, sinceBackup } from '../provisioning/registry/upkeep/restore.ts';
import { usingPostgres } from './registry/dumps.ts';
import { FakeBroker } from './registry/fakes.ts';
import { onBoth, type TestDatabase, testNowMs } from './registry/stores.ts';
import { workOff } from './registry/work-off.ts';
import { hmacJws, type Reply, root, TestBox, World } from './registry/world.ts';
import { tempDirs } from './support/temp.ts';

const test = suite('registry restore');
const both = onBoth(test);
const tempDir = tempDirs(test);

const dayMs = 86_400_000;
const csr = '-----BEGIN CERTIFICATE REQUEST-----\nx\n-----END CERTIFICATE REQUEST-----\n';

/** A backup as docs/registry.md says: what brings it back into an empty database, opened. */
async function backUp({ kind, place }: TestDatabase): Promise<() => Promise<Store>> {
  const file = `${tempDir()}/backup`;
  const parts = { nowMs: testNowMs, newId: 'another' };
  if (kind === 'sqlite') {
    backUpSqlite(place, file);
    return () => openSqlite(file, { ...parts, timers: systemTime });
  }
  execFileSync('pg_dump', ['--format=custom', `--file=${file}`, place]);
  return async () => {
    const name = `${new URL(place.replace('@/', '@x/')).pathname.slice(1)}_restored`;
    await usingPostgres(place, (client) => client.query(`CREATE DATABASE ${name}`));
    const url = place.replace(/@\/\w+/, `@/${name}`);
    execFileSync('pg_restore', ['--no-owner', `--dbname=${url}`, file]);
    return openPostgres({ ...parts, config: { kind: 'postgres', url, connections: 4 }, log: silentLog });
  };
}

async function paired(world: World, box: TestBox): Promise<PairingAnswer> {
  const { code } = await newPairingCode(world.core, root, box.id);
  const reply = await world.call('POST', '/v1/pairings', { body: { code, name: '1C', csr } });
  return v.parse(pairingAnswerSchema, reply.json);
}

/** A sale system asks for its boxes and a certificate. */
function asked(world: World, { kid, secret = '' }: PairingAnswer): Promise<Reply> {
  const time = isoTime(world.nowMs);
  const body = hmacJws({ time, csr }, { typ: jwsTypes.pairingsQuery, kid }, secret);
  return world.call('POST', '/v1/pairings/query', { body, type: 'application/jose' });
}

both(
  'yesterday’s backup is restored: what boxes and sale systems hear, what the operator sees and does',
  async (database) => {
    const before = new World(await database.open());
    const customer = await before.customer();
    const box = await before.claimedBox(customer);
    const stolen = await before.claimedBox(customer);
    const system = await paired(before, box);
    const wish = { name: 'x', scopes: ['boxes:read'], customer: null, lifeMs: 30 * dayMs } as const;
    const { token } = await newToken(before.core, root, wish);
    const claim = await before.claim(customer);
    const bringBack = await backUp(database);
    const backedUpMs = before.nowMs;

    // The day that no backup knows.
    before.nowMs += dayMs / 2;
    await box.register(before);
    const late = await paired(before, box);
    assert.is((await box.register(before)).commandKeys.length, 2);
    await retireBox(before.core, root, stolen.id, 'stolen');
    const young = new TestBox();
    await young.register(before, { claim });
    const kept = box.signed(box.request());

    const store = await bringBack();
    try {
      // Sealed with the same master key, signed by the same keys.
      const world = new World(store, { authority: before.authority, keys: before.keys });
      world.nowMs = before.nowMs + dayMs / 2;
      await store.write(async (tx) => {
        await ask(tx, 'box', stolen.id, world.nowMs);
        await ask(tx, 'ending', 'CU-1', world.nowMs);
        await ask(tx, 'notice', box.id, world.nowMs);
      });
      await markRestored(store, 'person:test', world.nowMs);
      await markRestored(store, 'person:test', world.nowMs);
      assert.equal(
        (await store.reader.selectFrom('errands').select('kind').orderBy('kind').execute()).map(
          ({ kind }) => kind,
        ),
        ['ending', 'notice'],
        'what was begun goes on, and who was to be called will be; who has access is no longer true',
      );
      world.restored = true;
      const broker = new FakeBroker();

      for (const one of [box, young, stolen]) {
        const reply = await one.send(world, one.signed());
        assert.equal(
          [reply.status, reply.problem?.code, reply.headers.get('Retry-After')],
          [503, 'restored', '3600'],
          'a box takes it for no answer, and goes on by its last',
        );
      }
      for (const key of [system, late]) assert.is((await asked(world, key)).status, 503, 'nothing is issued');
      assert.is((await world.call('GET', '/v1/operator/boxes', { token })).status, 401);
      assert.is(((await world.call('GET', '/v1/health')).json as { ok: boolean }).ok, false);
      await workOff(world, broker);
      assert.equal(broker.calls, [], 'who is in stays in, who was thrown out stays out');

      assert.equal(await sinceBackup(store.reader), {
        restoredAtMs: world.nowMs,
        lastChangeMs: backedUpMs,
        unknown: [young.id],
        ahead: [box.id],
      });
      // The database takes the stolen box for one in use; the operator does not.
      await retireBox(world.core, root, stolen.id, 'stolen');
      await confirmRestore(store, 'person:test', world.nowMs);
      world.restored = false;
      await workOff(world, broker);
      assert.equal(broker.calls.slice(0, 1), ['trust']);
      assert.ok(broker.calls.includes('reconcile'));
      assert.ok(broker.calls.includes(`notice ${box.id}`));
      assert.ok(broker.calls.includes(`removeBox ${stolen.id}`));
      const [list] = world.authority.lists.slice(-1);
      assert.ok(list?.revoked.some(({ serial }) => serial === stolen.certificate));

      assert.is((await box.send(world, kept)).problem?.code, 'countBehind', 'what was kept is worth nothing');
      const told = (await box.send(world, box.signed())).problem;
      const answer = await box.register(world, { count: (told?.count ?? 0) + 1 });
      assert.is(answer.state, 'active');
      assert.equal(
        answer.commandKeys.map(({ kid }) => kid),
        [system.kid],
        'the pairing that no backup knows is gone; the sale system pairs once more',
      );
      assert.is((await asked(world, system)).status, 200);
      assert.is((await asked(world, late)).problem?.code, 'signatureInvalid');
      const step = (await stolen.send(world, stolen.signed())).problem;
      assert.is(step?.code, 'countBehind');
      assert.is((await stolen.register(world, { count: (step?.count ?? 0) + 1 })).reason, 'retired');
      assert.is((await young.register(world, { claim })).reason, 'claimExpired', 'no code of before is good');
      assert.is((await young.register(world, { claim: await world.claim(customer) })).state, 'active');

      const open = await store.reader
        .selectFrom('alarms')
        .select(['kind', 'subject'])
        .where('acknowledged_at_ms', 'is', null)
        .orderBy('id')
        .execute();
      assert.equal(
        open.map(({ kind, subject }) => `${kind} ${subject}`),
        [`revisionAhead ${young.id}`, `retiredSeen ${stolen.id}`],
        'what is left is what a person must see to',
      );
      const tenures = await store.reader
        .selectFrom('tenures')
        .select(['billed_as', 'from_ms', 'until_ms'])
        .orderBy('id')
        .execute();
      assert.equal(
        tenures.map(({ billed_as, until_ms }) => [billed_as, until_ms]),
        [
          [box.id, null],
          [stolen.id, world.nowMs],
          [young.id, null],
        ],
      );
    } finally {
      await store.close();
    }
  },
);

both(
  'copied back by hand, without a word to the registry: each box that heard more raises an alarm',
  async (database) => {
    const before = new World(await database.open());
    const box = await before.claimedBox(await before.customer());
    const quiet = await before.claimedBox(await before.customer());
    const bringBack = await backUp(database);
    await box.register(before);
    await box.register(before);
    const store = await bringBack();
    try {
      const world = new World(store, { keys: before.keys });
      world.nowMs = before.nowMs + dayMs;
      assert.is((await quiet.register(world)).state, 'active');
      assert.equal(await world.alarms(), []);
      const heard = box.revision;
      const answer = await box.register(world);
      assert.is(answer.state, 'active');
      assert.ok(answer.revision > heard, 'it is believed');
      await box.register(world);
      const [alarm, ...others] = await store.reader.selectFrom('alarms').selectAll().execute();
      assert.equal([alarm?.kind, alarm?.subject, alarm?.times], ['revisionAhead', box.id, 1]);
      assert.match(alarm?.detail ?? '', new RegExp(`revision ${heard}`));
      assert.equal(others, []);
    } finally {
      await store.close();
    }
  },
);

test.run();
