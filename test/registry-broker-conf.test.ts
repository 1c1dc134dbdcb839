import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createMqttConnector } from '../gateway/cloud/mqtt-connector.ts';
import { topicsOf } from '../gateway/contract/topics.ts';
import { silentLog } from '../gateway/seams/log.ts';
import { systemTime } from '../gateway/system/time.ts';
import { recorder, text, withCleanup } from './support/mqtt.ts';
import { needing } from './support/needs.ts';
import { ended, type SwipeBroker, startSwipeBroker, wanting } from './support/swipe-broker.ts';
import { tempDirs } from './support/temp.ts';

const test = suite("registry broker: Mosquitto's config");
const tempDir = tempDirs(test);

const box = 'SW-7K3M9QXA2BCD';
const otherBox = 'SW-111111111111';
const shop = 'SS-7K3M9QXA2BCD';
const { commands, results, registry, status } = topicsOf(box);
const will = { topic: status, payload: '{"online":false}' };

/** The box's own connection, as the gateway makes it. */
async function gatewayOf(broker: SwipeBroker, name = box) {
  const { cert, key } = await broker.identity(name);
  const ca = (await broker.authority.trustedCas()).join('');
  return createMqttConnector({
    broker: { url: broker.url, ca, cert, key },
    box: name,
    timers: systemTime,
    log: silentLog,
  });
}

needing(test, 'mosquitto')(
  'what is sent to a box that is away outlives a restart of the broker, and so do notices',
  () =>
    withCleanup(async (later) => {
      const broker = await startSwipeBroker(tempDir(), later);
      await broker.access.reconcile(wanting([box], { [shop]: [box] }));
      const gateway = await gatewayOf(broker);
      const first = await gateway.connect(will, recorder().handlers);
      await first.subscribe([commands, registry]);
      await first.close();
      const sender = await broker.enter(await broker.identity(shop));
      await sender.publishAsync(commands, 'one', { qos: 1 });
      await sender.publishAsync(commands, 'two', { qos: 1 });
      await broker.access.notice(box, 'older');
      await broker.access.notice(box, 'newer');
      await broker.stop();
      await broker.start();

      const heard = recorder();
      const again = await gateway.connect(will, heard.handlers);
      later(() => again.close());
      await heard.atLeast(4);
      assert.equal(
        heard.messages.map(({ payload }) => text(payload)),
        ['one', 'two', 'older', 'newer'],
      );
      // One that subscribes anew gets the last notice alone; the next restart has not lost it either.
      await again.subscribe([registry]);
      await heard.atLeast(5);
      assert.equal(
        heard.messages.slice(4).map(({ payload, retained }) => [text(payload), retained]),
        [['newer', true]],
      );
      await broker.access.removeBox(box);
      assert.match(await heard.closed, /reason code 152|closed/);
    }),
);

needing(test, 'mosquitto')('too large a message never reaches a box, by either version of MQTT', () =>
  withCleanup(async (later) => {
    const broker = await startSwipeBroker(tempDir(), later);
    await broker.access.reconcile(wanting([box], { [shop]: [box] }));
    const heard = recorder();
    const session = await (await gatewayOf(broker)).connect(will, heard.handlers);
    later(() => session.close());
    await session.subscribe([commands]);
    const identity = await broker.identity(shop);
    const old = await broker.enter(identity, { protocolVersion: 4 });
    // MQTT 3.1.1 is told nothing of it.
    await old.publishAsync(commands, 'x'.repeat(196_609), { qos: 1 });
    await old.publishAsync(commands, 'small', { qos: 1 });
    await heard.atLeast(1);
    const over = ended(old);
    old.publish(commands, 'x'.repeat(262_144), { qos: 1 });
    await over;
    const recent = await broker.enter(identity, { protocolVersion: 5 });
    // mqtt.js does not know the reason code that Mosquitto gives here, and settles nothing: the error is all there is.
    const refusal = new Promise<Error>((resolve) => void recent.once('error', resolve));
    recent.publish(commands, 'x'.repeat(196_609), { qos: 1 });
    assert.match((await refusal).message, /reason code/);
    // The longest that may pass does.
    const last = await broker.enter(identity);
    await last.publishAsync(commands, 'y'.repeat(196_608), { qos: 1 });
    await heard.atLeast(2);
    assert.equal(
      heard.messages.map(({ payload }) => payload.length),
      [5, 196_608],
    );
  }),
);

needing(test, 'mosquitto')("nobody takes over another's session by its client id", () =>
  withCleanup(async (later) => {
    const broker = await startSwipeBroker(tempDir(), later);
    await broker.access.reconcile(wanting([box, otherBox], { [shop]: [box] }));
    const heard = recorder();
    const session = await (await gatewayOf(broker)).connect(will, heard.handlers);
    later(() => session.close());
    await session.subscribe([commands]);
    const thief = await broker.enter(await broker.identity(otherBox), { clientId: box, clean: true });
    const impostor = await broker.enter(await broker.identity(shop), {
      clientId: box,
      clean: true,
      username: box,
      password: 'x',
    });
    await impostor.publishAsync(commands, 'still here', { qos: 1 });
    await heard.atLeast(1);
    await session.publish(results, 'yes', { retain: false });
    assert.ok(thief.connected);
    // Its own is another matter: the later one has it.
    const own = await broker.enter(await broker.identity(box));
    assert.match(await heard.closed, /reason code 142|closed/);
    assert.ok(own.connected);
  }),
);

needing(test, 'mosquitto')('reading the files again disturbs nobody', () =>
  withCleanup(async (later) => {
    const broker = await startSwipeBroker(tempDir(), later);
    await broker.access.reconcile(wanting([box], { [shop]: [box] }));
    const heard = recorder();
    const session = await (await gatewayOf(broker)).connect(will, heard.handlers);
    later(() => session.close());
    await session.subscribe([commands]);
    const sender = await broker.enter(await broker.identity(shop));
    for (let round = 0; round < 5; round += 1) {
      await broker.trust([]);
      await sender.publishAsync(commands, String(round), { qos: 1 });
    }
    await heard.atLeast(5);
    assert.equal(
      heard.messages.map(({ payload }) => text(payload)),
      ['0', '1', '2', '3', '4'],
    );
    await session.publish(results, 'done', { retain: false });
  }),
);

test.run();
