import mqtt from 'mqtt';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { topicsOf } from '../gateway/contract/topics.ts';
import { isSwipeError } from '../gateway/seams/error.ts';
import { withCleanup } from './support/mqtt.ts';
import { needing } from './support/needs.ts';
import { ended, insist, reads, startSwipeBroker, wanting, writes } from './support/swipe-broker.ts';
import { tempDirs } from './support/temp.ts';

const test = suite('registry broker: as it should be');
const tempDir = tempDirs(test);

const box = 'SW-7K3M9QXA2BCD';
const otherBox = 'SW-111111111111';
const shop = 'SS-7K3M9QXA2BCD';
const nothing = { added: 0, removed: 0, changed: 0 };

const boxNumber = (number: number): string => `SW-${String(number).padStart(12, '0')}`;

needing(test, 'mosquitto')('calls may be repeated, and each says how it should be', () =>
  withCleanup(async (later) => {
    const broker = await startSwipeBroker(tempDir(), later);
    const { access } = broker;
    for (let round = 0; round < 2; round += 1) {
      await access.syncBox({ box, saleSystems: [shop] });
      await access.syncBox({ box: otherBox, saleSystems: [] });
    }
    assert.equal(await access.reconcile(wanting([box, otherBox], { [shop]: [box] })), nothing);
    // Who has another box already keeps it.
    await access.syncBox({ box: otherBox, saleSystems: [shop] });
    assert.equal(await access.reconcile(wanting([box, otherBox], { [shop]: [box, otherBox] })), nothing);
    for (let round = 0; round < 2; round += 1)
      await access.syncSaleSystem({ saleSystem: shop, boxes: [otherBox] });
    assert.equal(await access.reconcile(wanting([box, otherBox], { [shop]: [otherBox] })), nothing);
    for (let round = 0; round < 2; round += 1) {
      await access.removeBox(box);
      await access.removeSaleSystem(shop);
    }
    assert.equal(await access.reconcile(wanting([otherBox])), nothing);
  }),
);

needing(test, 'mosquitto')("a pairing more or less ends nobody's session, and counts at once", () =>
  withCleanup(async (later) => {
    const broker = await startSwipeBroker(tempDir(), later);
    await broker.access.reconcile(wanting([box, otherBox], { [shop]: [box] }));
    // Mosquitto knows whose a role is only once it has read it from its file.
    await broker.stop();
    await broker.start();
    const sender = await broker.enter(await broker.identity(shop));
    const till = await broker.enter(await broker.identity(box));
    const heard: string[] = [];
    sender.on('message', (topic) => heard.push(topic));
    assert.ok(await reads(sender, topicsOf(box).results));
    assert.not.ok(await writes(sender, topicsOf(otherBox).commands));

    await broker.access.syncSaleSystem({ saleSystem: shop, boxes: [box, otherBox] });
    assert.ok(await writes(sender, topicsOf(otherBox).commands));
    assert.ok(await reads(sender, topicsOf(otherBox).results));
    await broker.access.syncSaleSystem({ saleSystem: shop, boxes: [otherBox] });
    assert.not.ok(await writes(sender, topicsOf(box).commands));
    // What it has subscribed to before brings it nothing any more.
    assert.ok(await writes(till, topicsOf(box).results));
    assert.ok(await writes(sender, topicsOf(otherBox).commands));
    assert.equal(heard, []);
    assert.ok(sender.connected && till.connected);
    await broker.access.removeSaleSystem(shop);
    await ended(sender);
    assert.ok(till.connected);
  }),
);

needing(test, 'mosquitto')('a session can be ended without taking anything away', () =>
  withCleanup(async (later) => {
    const broker = await startSwipeBroker(tempDir(), later);
    await broker.access.reconcile(wanting([box]));
    const identity = await broker.identity(box);
    const till = await broker.enter(identity);
    await broker.access.disconnect(box);
    await ended(till);
    const again = await broker.enter(identity);
    assert.ok(await writes(again, topicsOf(box).results));
    // Nobody of that name: as wished.
    await broker.access.disconnect(otherBox);
    assert.equal(await broker.access.reconcile(wanting([box])), nothing);
  }),
);

needing(test, 'mosquitto')('several instances of the registry at once', () =>
  withCleanup(async (later) => {
    const broker = await startSwipeBroker(tempDir(), later);
    const instances = Array.from({ length: 6 }, () => broker.newAccess());
    for (const instance of instances) later(() => instance.close());
    // Two that take the same name end each other's connection: who was ended tries again, as for any lost one.
    const boxes = Array.from({ length: 30 }, (_, number) => boxNumber(number));
    await Promise.all(
      instances.flatMap((instance, at) =>
        boxes
          .filter((_, number) => number % 3 === at % 3)
          .map((each) => insist(() => instance.syncBox({ box: each, saleSystems: [] }))),
      ),
    );
    assert.equal(await broker.access.reconcile(wanting(boxes)), nothing);
  }),
);

needing(test, 'mosquitto')('a broker that is away: told as such, and used again when it is back', () =>
  withCleanup(async (later) => {
    const broker = await startSwipeBroker(tempDir(), later);
    await broker.access.syncBox({ box, saleSystems: [] });
    await broker.stop('SIGKILL');
    const failed = await broker.access.notice(box, 'x').then(
      () => null,
      (error) => error,
    );
    assert.ok(isSwipeError(failed, 'brokerUnreachable'));
    await broker.start();
    await broker.access.syncBox({ box, saleSystems: [] });
    await broker.access.close();
    await broker.access.close();
    assert.ok(
      isSwipeError(await broker.access.notice(box, 'x').catch((error) => error), 'brokerUnreachable'),
    );
  }),
);

needing(test, 'mosquitto')('a certificate without the right to rule rules nothing', () =>
  withCleanup(async (later) => {
    const broker = await startSwipeBroker(tempDir(), later);
    await broker.access.syncBox({ box, saleSystems: [] });
    const { cert, key } = await broker.identity(box);
    const ca = (await broker.authority.trustedCas()).join('');
    const till = await mqtt.connectAsync(broker.url, {
      ca,
      cert,
      key,
      protocolVersion: 4,
      reconnectPeriod: 0,
    });
    later(() => till.endAsync(true));
    const commands = [
      {
        command: 'addRoleACL',
        rolename: `box:${box}`,
        acltype: 'publishClientSend',
        topic: '#',
        allow: true,
      },
    ];
    // MQTT 3.1.1 has no word for "denied": the broker acknowledges, and drops it.
    await till.publishAsync('$CONTROL/dynamic-security/v1', JSON.stringify({ commands }), { qos: 1 });
    assert.equal(await broker.access.reconcile(wanting([box])), nothing);
  }),
);

test.run();
