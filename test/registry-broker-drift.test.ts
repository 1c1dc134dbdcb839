import { createWriteStream, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { topicsOf } from '../gateway/contract/topics.ts';
import { dynamicSecurityFile } from '../provisioning/registry/broker/whole-file.ts';
import { withCleanup } from './support/mqtt.ts';
import { needing } from './support/needs.ts';
import {
  ended,
  insist,
  nobody,
  reads,
  type SwipeBroker,
  startSwipeBroker,
  wanting,
  writes,
} from './support/swipe-broker.ts';
import { tempDirs } from './support/temp.ts';

const test = suite('registry broker: drift');
const tempDir = tempDirs(test);

const box = 'SW-7K3M9QXA2BCD';
const otherBox = 'SW-111111111111';
const shop = 'SS-7K3M9QXA2BCD';
const otherShop = 'SS-111111111111';
const nothing = { added: 0, removed: 0, changed: 0 };

const boxNumber = (number: number): string => `SW-${String(number).padStart(12, '0')}`;

/** What the plugin has on disk. */
const stateOf = (broker: SwipeBroker) =>
  JSON.parse(readFileSync(join(broker.stateDir, 'dynamic-security.json'), 'utf8')) as {
    defaultACLAccess: Record<string, boolean>;
    clients: { username: string; roles: { rolename: string }[]; disabled?: boolean }[];
    roles: { rolename: string; acls: { acltype: string; topic: string; allow: boolean }[] }[];
    groups: object[];
  };

needing(test, 'mosquitto')(
  'the broker has lost its file: nobody may anything, until the registry repairs it',
  () =>
    withCleanup(async (later) => {
      const broker = await startSwipeBroker(tempDir(), later);
      const wanted = wanting([box, otherBox], { [shop]: [box], [otherShop]: [otherBox] });
      assert.equal(await broker.access.reconcile(wanted), { added: 4, removed: 0, changed: 0 });
      const file = join(broker.stateDir, 'dynamic-security.json');
      const identity = await broker.identity(box);
      for (const lose of [() => rmSync(file), () => writeFileSync(file, '')]) {
        await broker.stop();
        lose();
        await broker.start();
        const till = await broker.enter(identity);
        assert.not.ok(await writes(till, topicsOf(box).results));
        assert.equal(await broker.access.reconcile(wanted), { added: 4, removed: 0, changed: 0 });
        assert.ok(await writes(till, topicsOf(box).results));
        assert.equal(await broker.access.reconcile(wanted), nothing);
        await till.endAsync(true);
      }
    }),
);

needing(test, 'mosquitto')('whatever somebody has changed by hand is put right', () =>
  withCleanup(async (later) => {
    const broker = await startSwipeBroker(tempDir(), later);
    const wanted = wanting([box, otherBox], { [shop]: [box] });
    await broker.access.reconcile(wanted);
    await broker.stop();
    const state = stateOf(broker);
    const roleOf = (name: string) => state.roles.find(({ rolename }) => rolename.endsWith(name));
    const clientOf = (name: string) => state.clients.find(({ username }) => username === name);
    const everything = [{ acltype: 'publishClientSend', topic: '#', allow: true }];
    // Too little, too much, a denial, somebody else's role, a group, a lock, strangers, other defaults.
    roleOf(box)?.acls.splice(0, 2);
    roleOf(shop)?.acls.push(...everything);
    const firstAcl = roleOf(otherBox)?.acls[0];
    if (firstAcl !== undefined) firstAcl.allow = false;
    clientOf(otherBox)?.roles.push({ rolename: `box:${box}` });
    const locked = clientOf(box);
    if (locked !== undefined) locked.disabled = true;
    state.groups.push({ groupname: 'friends', roles: [{ rolename: 'all' }], clients: [{ username: shop }] });
    state.roles.push({ rolename: 'all', acls: everything });
    state.clients.push({ username: 'admin', roles: [{ rolename: 'all' }] });
    state.clients = state.clients.filter(({ username }) => username !== 'registry-3');
    state.defaultACLAccess.publishClientSend = true;
    writeFileSync(join(broker.stateDir, 'dynamic-security.json'), JSON.stringify(state));
    await broker.start();

    // The name that it takes for its first try may be the one without access.
    const repairs = await insist(() => broker.access.reconcile(wanted));
    assert.equal(repairs, { added: 1, removed: 2, changed: 5 });
    assert.equal(await broker.access.reconcile(wanted), nothing);
    const after = stateOf(broker);
    assert.equal(after.groups, []);
    assert.is(after.defaultACLAccess.publishClientSend, false);
    assert.equal(
      after.clients
        .map(({ username }) => username)
        .filter((name) => !name.startsWith('registry'))
        .sort(),
      [shop, otherBox, box],
    );
    const till = await broker.enter(await broker.identity(box));
    assert.ok(await reads(till, topicsOf(box).commands));
  }),
);

needing(test, 'mosquitto')('a fleet larger than one page and one message: all there, and found again', () =>
  withCleanup(async (later) => {
    const broker = await startSwipeBroker(tempDir(), later);
    const boxes = Array.from({ length: 600 }, (_, number) => boxNumber(number));
    // So many do not fit into one command.
    const wanted = wanting(boxes, { [shop]: boxes.slice(0, 250) });
    // Told at once, as to a broker that starts with a fleet.
    await broker.stop();
    await pipeline(
      Readable.from(dynamicSecurityFile(wanted)),
      createWriteStream(join(broker.stateDir, 'dynamic-security.json')),
    );
    await broker.start();
    assert.equal(await broker.access.reconcile(wanted), nothing);

    const identity = await broker.identity(shop);
    const sender = await broker.enter(identity);
    await broker.access.syncSaleSystem({ saleSystem: shop, boxes: boxes.slice(0, 251) });
    // Line by line, each change ends the session; it may come back.
    await ended(sender);
    await broker.access.syncSaleSystem({ saleSystem: shop, boxes: boxes.slice(1, 251) });
    const again = await broker.enter(identity);
    assert.ok(await writes(again, topicsOf(boxNumber(250)).commands));
    assert.not.ok(await writes(again, topicsOf(boxNumber(0)).commands));
    assert.ok(await writes(again, topicsOf(boxNumber(1)).commands));
    const moved = wanting(boxes.slice(0, 590), {
      [shop]: boxes.slice(1, 251),
      [otherShop]: boxes.slice(0, 60),
    });
    assert.equal(await broker.access.reconcile(moved), { added: 1, removed: 10, changed: 0 });
    assert.equal(await broker.access.reconcile(moved), nothing);
  }),
);

test('a new broker starts with the file in the repository: the registry alone', async () => {
  let text = '';
  for await (const piece of dynamicSecurityFile(nobody)) text += piece;
  const shipped = readFileSync(
    new URL('../provisioning/mosquitto/dynamic-security.json', import.meta.url),
    'utf8',
  );
  assert.equal(JSON.parse(shipped), JSON.parse(text));
});

test.run();
