import { Socket } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { layWire, startAedes, startMosquitto, type TestBroker } from './support/broker.ts';
import { connectorTo, recorder, senderOn, settled, text, topics, will, withCleanup } from './support/mqtt.ts';
import { needing } from './support/needs.ts';

const test = suite('mqtt sessions');

type Register = (name: string, run: () => Promise<void>) => void;
type Start = () => Promise<TestBroker>;

/** What must hold with any broker. */
function contract(kind: string, register: Register, start: Start): void {
  register(`${kind}: brings messages one at a time and holds each PUBACK until it is dealt with`, () =>
    withCleanup(async (later) => {
      const broker = await start();
      later(broker.stop);
      const wire = await layWire(broker.port);
      later(wire.stop);
      const sender = await senderOn(broker);
      later(() => sender.endAsync(true));
      const connector = connectorTo({ url: wire.url });

      const deaf = recorder(() => new Promise(() => {}));
      const first = await connector.connect(will, deaf.handlers);
      await first.subscribe([topics.commands]);
      for (const name of ['one', 'two']) await sender.publishAsync(topics.commands, name, { qos: 1 });
      await deaf.atLeast(1);
      wire.cut();
      await deaf.closed;
      assert.equal(
        deaf.messages.map(({ payload }) => text(payload)),
        ['one'],
      );

      const hearing = recorder();
      const second = await connector.connect(will, hearing.handlers);
      later(() => second.close());
      await hearing.atLeast(2);
      assert.equal(
        hearing.messages.map(({ payload }) => text(payload)),
        ['one', 'two'],
      );
      assert.is(hearing.messages[0]?.topic, topics.commands);
      assert.is(hearing.messages[0]?.retained, false);
    }),
  );

  register(`${kind}: drops the connection when a message is not taken in, and gets it again`, () =>
    withCleanup(async (later) => {
      const broker = await start();
      later(broker.stop);
      const sender = await senderOn(broker);
      later(() => sender.endAsync(true));
      const connector = connectorTo({ url: broker.url });

      const full = recorder(async () => {
        throw new Error('no room');
      });
      const first = await connector.connect(will, full.handlers);
      await first.subscribe([topics.commands]);
      await sender.publishAsync(topics.commands, 'kept', { qos: 1 });
      assert.match(await full.closed, /not taken in: no room/);

      const roomy = recorder();
      const second = await connector.connect(will, roomy.handlers);
      await roomy.atLeast(1);
      await second.close();

      // Taken in once, it does not come back.
      const later3 = recorder();
      const third = await connector.connect(will, later3.handlers);
      later(() => third.close());
      await sender.publishAsync(topics.commands, 'next', { qos: 1 });
      await later3.atLeast(1);
      assert.equal(
        later3.messages.map(({ payload }) => text(payload)),
        ['next'],
      );
    }),
  );

  register(`${kind}: gets what was sent while it was away`, () =>
    withCleanup(async (later) => {
      const broker = await start();
      later(broker.stop);
      const sender = await senderOn(broker);
      later(() => sender.endAsync(true));
      const connector = connectorTo({ url: broker.url });
      const before = await connector.connect(will, recorder().handlers);
      await before.subscribe([topics.commands]);
      await before.close();
      for (const name of ['a', 'b', 'c']) await sender.publishAsync(topics.commands, name, { qos: 1 });

      const back = recorder();
      const connection = await connector.connect(will, back.handlers);
      later(() => connection.close());
      await back.atLeast(3);
      assert.equal(
        back.messages.map(({ payload }) => text(payload)),
        ['a', 'b', 'c'],
      );
    }),
  );

  register(`${kind}: leaves its will after a death, and none after a goodbye`, () =>
    withCleanup(async (later) => {
      const broker = await start();
      later(broker.stop);
      const wire = await layWire(broker.port);
      later(wire.stop);
      const watcher = await senderOn(broker);
      later(() => watcher.endAsync(true));
      const seen: string[] = [];
      let said = (): void => {};
      watcher.on('message', (_topic, payload) => {
        seen.push(payload.toString());
        said();
      });
      const until = async (count: number): Promise<void> => {
        while (seen.length < count)
          await new Promise<void>((resolve) => {
            said = resolve;
          });
      };
      await watcher.subscribeAsync(topics.status, { qos: 1 });
      const connector = connectorTo({ url: wire.url });

      const polite = await connector.connect(will, recorder().handlers);
      await polite.publish(topics.status, 'hello', { retain: true });
      await polite.close();
      const abrupt = recorder();
      const dying = await connector.connect(will, abrupt.handlers);
      await dying.publish(topics.status, 'again', { retain: true });
      wire.cut();
      await abrupt.closed;
      await until(3);
      assert.equal(seen, ['hello', 'again', will.payload]);

      const stranger = await senderOn(broker);
      later(() => stranger.endAsync(true));
      const retained = new Promise((resolve) => {
        stranger.on('message', (_topic, payload, { retain }) => resolve([payload.toString(), retain]));
      });
      await stranger.subscribeAsync(topics.status, { qos: 1 });
      assert.equal(await retained, [will.payload, true]);
    }),
  );

  register(`${kind}: settles every publish, also those that the broker never acknowledges`, () =>
    withCleanup(async (later) => {
      const broker = await start();
      later(broker.stop);
      const wire = await layWire(broker.port);
      later(wire.stop);
      const end = recorder();
      const connection = await connectorTo({ url: wire.url }).connect(will, end.handlers);
      await connection.publish(topics.results, 'arrives', { retain: false });
      wire.mute();
      const lost = [1, 2, 3].map((each) =>
        settled(connection.publish(topics.results, `${each}`, { retain: false })),
      );
      wire.cut();
      for (const outcome of await Promise.all(lost)) assert.is(outcome, 'brokerUnreachable');
      await end.closed;
      assert.is(
        await settled(connection.publish(topics.results, 'late', { retain: false })),
        'brokerUnreachable',
      );
      assert.is(await settled(connection.subscribe([topics.commands])), 'brokerUnreachable');
      await connection.close();
    }),
  );

  register(`${kind}: marks what the broker had kept`, () =>
    withCleanup(async (later) => {
      const broker = await start();
      later(broker.stop);
      const sender = await senderOn(broker);
      later(() => sender.endAsync(true));
      await sender.publishAsync(topics.commands, 'old', { qos: 1, retain: true });
      const heard = recorder();
      const connection = await connectorTo({ url: broker.url }).connect(will, heard.handlers);
      later(() => connection.close());
      await connection.subscribe([topics.commands]);
      await heard.atLeast(1);
      assert.is(heard.messages[0]?.retained, true);
    }),
  );

  register(`${kind}: sends small packets at once`, () =>
    withCleanup(async (later) => {
      const broker = await start();
      later(broker.stop);
      const { setNoDelay } = Socket.prototype;
      const delays: unknown[] = [];
      Socket.prototype.setNoDelay = function (this: Socket, on?: boolean): Socket {
        delays.push(on);
        return setNoDelay.call(this, on);
      };
      later(() => {
        Socket.prototype.setNoDelay = setNoDelay;
      });
      const connecting = connectorTo({ url: broker.url }).connect(will, recorder().handlers);
      // Before anything that happens on the broker's side of this process.
      await Promise.resolve();
      await Promise.resolve();
      const atOnce = [...delays];
      await (await connecting).close();
      assert.equal(atOnce, [true]);
    }),
  );
}

contract('mosquitto', needing(test, 'mosquitto'), startMosquitto);
contract('aedes', test, startAedes);

test.run();
