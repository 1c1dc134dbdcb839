import { once } from 'node:events';
import { join } from 'node:path';
import type { MqttClient } from 'mqtt';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createMqttConnector } from '../gateway/cloud/mqtt-connector.ts';
import { createPublisher } from '../gateway/cloud/mqtt-publisher.ts';
import { isSwipeError } from '../gateway/seams/error.ts';
import { silentLog } from '../gateway/seams/log.ts';
import { startAedes, startMosquitto } from './support/broker.ts';
import { box, connectorTo, recorder, senderOn, settled, topics, will, withCleanup } from './support/mqtt.ts';
import { needing } from './support/needs.ts';
import { tempDirs } from './support/temp.ts';

const test = suite('mqtt connector');
const tempDir = tempDirs(test);
const withMosquitto = needing(test, 'mosquitto');

withMosquitto('speaks MQTT 5 with a persistent session', () =>
  withCleanup(async (later) => {
    const broker = await startMosquitto();
    later(broker.stop);
    const connection = await connectorTo({ url: broker.url }).connect(will, recorder().handlers);
    later(() => connection.close());
    // p5: MQTT 5; c0: clean start not asked for.
    assert.match(await broker.line(/New client connected/), new RegExp(`as ${box} \\(p5, c0, k30\\)`));
  }),
);

test('falls back to MQTT 3.1.1 and remembers it', () =>
  withCleanup(async (later) => {
    const broker = await startAedes();
    later(broker.stop);
    let refusals = 0;
    let taken = 0;
    broker.aedes.on('connectionError', () => {
      refusals += 1;
    });
    broker.aedes.on('clientReady', ({ id, clean }) => {
      taken += 1;
      assert.equal([id, clean], [box, false]);
    });
    const connector = connectorTo({ url: broker.url });
    await (await connector.connect(will, recorder().handlers)).close();
    assert.equal([refusals, taken], [1, 1]);
    await (await connector.connect(will, recorder().handlers)).close();
    assert.equal([refusals, taken], [1, 2]);
  }));

test('sends its name and password, and says so when they are refused', () =>
  withCleanup(async (later) => {
    const broker = await startAedes();
    later(broker.stop);
    broker.aedes.authenticate = (_client, username, password, done) => {
      done(null, username === 'box' && password?.toString() === 'right');
    };
    const good = connectorTo({ url: broker.url, username: 'box', password: 'right' });
    await (await good.connect(will, recorder().handlers)).close();
    const bad = connectorTo({ url: broker.url, username: 'box', password: 'wrong' });
    try {
      await bad.connect(will, recorder().handlers);
      assert.unreachable();
    } catch (error) {
      assert.ok(isSwipeError(error, 'brokerUnreachable'));
      assert.match((error as Error).message, /refused/);
      assert.not.match((error as Error).message, /wrong/);
    }
  }));

test('a broker that is not there is unreachable', async () => {
  const broker = await startAedes();
  await broker.stop();
  assert.is(
    await settled(connectorTo({ url: broker.url }).connect(will, recorder().handlers)),
    'brokerUnreachable',
  );
});

test('a file that cannot be read makes the broker unreachable, and certificates need TLS', async () => {
  const missing = connectorTo({ url: 'mqtts://127.0.0.1:1', ca: join(tempDir(), 'nowhere.pem') });
  assert.is(await settled(missing.connect(will, recorder().handlers)), 'brokerUnreachable');
  assert.throws(
    () => connectorTo({ url: 'mqtt://127.0.0.1:1', ca: 'ca.pem' }),
    (error: unknown) => isSwipeError(error, 'configInvalid'),
  );
});

test('3.1.1: a command that is too large still comes in to be counted; a monstrous packet ends the connection', () =>
  withCleanup(async (later) => {
    const broker = await startAedes();
    later(broker.stop);
    const sender = await senderOn(broker);
    later(() => sender.endAsync(true));
    const heard = recorder();
    const connection = await connectorTo({ url: broker.url }).connect(will, heard.handlers);
    await connection.subscribe([topics.commands]);
    await sender.publishAsync(topics.commands, 'x'.repeat(100_000), { qos: 1 });
    await heard.atLeast(1);
    assert.is(heard.messages[0]?.payload.length, 100_000);
    sender.publish(topics.commands, 'x'.repeat(1_000_000), { qos: 1 });
    assert.match(await heard.closed, /a packet of more than 524288 bytes/);
  }));

withMosquitto('MQTT 5: the broker keeps monstrous packets to itself', () =>
  withCleanup(async (later) => {
    const broker = await startMosquitto();
    later(broker.stop);
    const sender = await senderOn(broker);
    later(() => sender.endAsync(true));
    const heard = recorder();
    const connection = await connectorTo({ url: broker.url }).connect(will, heard.handlers);
    later(() => connection.close());
    await connection.subscribe([topics.commands]);
    for (const bytes of [100_000, 1_000_000, 10])
      await sender.publishAsync(topics.commands, 'x'.repeat(bytes), { qos: 1 });
    await heard.atLeast(2);
    assert.equal(
      heard.messages.map(({ payload }) => payload.length),
      [100_000, 10],
    );
  }),
);

test('never sends more at a time than the broker takes', async () => {
  const acknowledgements: (() => void)[] = [];
  const client = {
    publish: (_topic: string, _payload: string, _options: unknown, done: () => void) => {
      acknowledgements.push(done);
    },
  } as unknown as MqttClient;
  const publisher = createPublisher(client);
  publisher.open(2);
  const published = ['a', 'b', 'c', 'd'].map((each) => publisher.publish('t', each, { retain: false }));
  assert.is(acknowledgements.length, 2);
  acknowledgements[0]?.();
  assert.is(acknowledgements.length, 3);
  await published[0];
  publisher.close('gone');
  for (const outcome of await Promise.all(published.slice(1).map(settled)))
    assert.is(outcome, 'brokerUnreachable');
  // What still waited is never sent.
  acknowledgements[1]?.();
  assert.is(acknowledgements.length, 3);
});

test('says goodbye without waiting for what is not acknowledged', () =>
  withCleanup(async (later) => {
    const broker = await startAedes();
    later(broker.stop);
    broker.aedes.authorizePublish = () => {};
    let willSeen = false;
    broker.aedes.on('publish', ({ topic }) => {
      willSeen ||= topic === will.topic;
    });
    const left = once(broker.aedes, 'clientDisconnect');
    // No timer ever fires: closing must not need one.
    const timers = { after: () => () => {} };
    const connector = createMqttConnector({ broker: { url: broker.url }, box, timers, log: silentLog });
    const end = recorder();
    const connection = await connector.connect(will, end.handlers);
    const lost = settled(connection.publish(topics.results, 'lost', { retain: false }));
    await connection.close();
    await left;
    assert.is(await lost, 'brokerUnreachable');
    assert.is(await end.closed, 'closed by the box');
    assert.not(willSeen);
  }));

test.run();
