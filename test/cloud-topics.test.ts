import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { backoffMs, worthALine } from '../gateway/cloud/backoff.ts';
import { createEvents } from '../gateway/cloud/events.ts';
import { createStatusTopic, offlineStatus } from '../gateway/cloud/status.ts';
import type { BoxEvent, BoxStatus } from '../gateway/contract/event.ts';
import { recordingLog, ScriptedBroker, type ScriptedConnection } from './support/scripted-broker.ts';
import { VirtualTime } from './support/virtual-time.ts';

const test = suite('cloud topics');

const connectTo = (broker: ScriptedBroker): Promise<ScriptedConnection> =>
  broker.connect({ topic: '', payload: '' }, { message: async () => {}, closed() {} });
const press = (each: number): BoxEvent => ({ type: 'button', button: `${each}`, action: 'press' });

test('events go out in order as JSON, not retained', async () => {
  const broker = new ScriptedBroker();
  const time = new VirtualTime();
  const events = createEvents({ topic: 'events' });
  const connection = await connectTo(broker);
  events.connected(connection);
  for (const each of [1, 2, 3, 4]) events.emit(press(each));
  await time.settle();
  assert.equal(
    connection.payloads('events'),
    [1, 2, 3, 4].map((each) => JSON.stringify(press(each))),
  );
  assert.not(connection.published.some(({ retain }) => retain));
  assert.is(events.dropped(), 0);
});

test('events are dropped while offline, and what waited when the connection went away', async () => {
  const broker = new ScriptedBroker();
  broker.acknowledges = () => false;
  const time = new VirtualTime();
  const events = createEvents({ topic: 'events' });
  events.emit(press(1));
  assert.is(events.dropped(), 1);
  const first = await connectTo(broker);
  events.connected(first);
  for (const each of [2, 3, 4, 5]) events.emit(press(each));
  assert.is(first.published.length, 2);
  events.disconnected();
  first.lose('cut');
  await time.settle();
  assert.is(events.dropped(), 5);
  const second = await connectTo(broker);
  events.connected(second);
  events.emit(press(6));
  assert.equal(second.payloads('events'), [JSON.stringify(press(6))]);
});

test('of too many events the oldest are dropped', async () => {
  const broker = new ScriptedBroker();
  broker.acknowledges = () => false;
  const time = new VirtualTime();
  const events = createEvents({ topic: 'events' });
  const connection = await connectTo(broker);
  events.connected(connection);
  for (let each = 0; each < 300; each += 1) events.emit(press(each));
  assert.is(events.dropped(), 300 - 256 - 2);
  broker.acknowledges = () => true;
  for (const message of [...connection.published]) message.acknowledge();
  await time.settle();
  const buttons = connection.payloads('events').map((text) => Number(JSON.parse(text).button));
  assert.is(buttons.length, 258);
  assert.equal(buttons.slice(0, 3), [0, 1, 44]);
  assert.is(buttons.at(-1), 299);
});

async function statusSetUp() {
  const broker = new ScriptedBroker();
  const time = new VirtualTime();
  const { log, lines } = recordingLog();
  let unresolved = 0;
  const status = createStatusTopic({
    topic: 'status',
    status: () => ({ online: true, unresolved: [`${unresolved}`] }) as unknown as BoxStatus,
    timers: time,
    log,
  });
  const connection = await connectTo(broker);
  const seen = (): string[] =>
    connection.payloads('status').map((text) => JSON.parse(text).unresolved?.[0] ?? text);
  return {
    broker,
    time,
    status,
    connection,
    lines,
    seen,
    change() {
      unresolved += 1;
      status.changed();
    },
  };
}

test('the status is told retained on connect and every ten minutes', async () => {
  const { status, connection, time, seen } = await statusSetUp();
  status.connected(connection);
  assert.equal(seen(), ['0']);
  assert.ok(connection.published[0]?.retain);
  await time.advance(30 * 60_000);
  assert.equal(seen(), ['0', '0', '0', '0']);
  status.disconnected();
  assert.is(time.pending, 0);
});

test('changes of the status are told together, one telling at a time, and only the latest', async () => {
  const { status, connection, time, seen, broker, change } = await statusSetUp();
  broker.acknowledges = () => false;
  change();
  status.connected(connection);
  for (let each = 0; each < 5; each += 1) change();
  await time.advance(1_000);
  assert.equal(seen(), ['1']);
  connection.published[0]?.acknowledge();
  await time.advance(1_000);
  assert.equal(seen(), ['1', '6']);
  connection.published[1]?.acknowledge();
  await time.advance(1_000);
  assert.equal(seen(), ['1', '6']);
  change();
  assert.equal(seen(), ['1', '6']);
  change();
  await time.advance(25);
  assert.equal(seen(), ['1', '6', '8']);
});

test('a status that the broker refuses is told again after half a minute', async () => {
  const { status, connection, time, seen, broker, lines } = await statusSetUp();
  broker.acknowledges = () => false;
  status.connected(connection);
  connection.published[0]?.refuse();
  await time.advance(29_999);
  assert.is(seen().length, 1);
  await time.advance(1);
  assert.is(seen().length, 2);
  assert.is(lines.length, 1);
});

test('the farewell is the last word', async () => {
  const { status, connection, time, seen, change } = await statusSetUp();
  status.connected(connection);
  await status.farewell();
  change();
  await time.advance(3_600_000);
  assert.equal(seen(), ['0', offlineStatus]);
  assert.ok(connection.published.at(-1)?.retain);
});

test('pauses grow from 1 s to 60 s, half of them by chance', () => {
  assert.equal(
    [1, 2, 3, 6, 7, 1000].map((failures) => backoffMs(failures, 1)),
    [1000, 2000, 4000, 32_000, 60_000, 60_000],
  );
  assert.equal(
    [1, 2, 7].map((failures) => backoffMs(failures, 0)),
    [500, 1000, 30_000],
  );
});

test('the lines about failures get rarer', () => {
  const written = Array.from({ length: 200 }, (_, each) => each + 1).filter(worthALine);
  assert.equal(written, [1, 2, 4, 8, 16, 32, 64, 128, 192]);
});

test.run();
