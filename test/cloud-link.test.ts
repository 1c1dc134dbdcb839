import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { makeBoxKey } from '../gateway/cloud/box-key.ts';
import { createCloudLink } from '../gateway/cloud/cloud-link.ts';
import type { BoxStatus } from '../gateway/contract/event.ts';
import { topicsOf } from '../gateway/contract/topics.ts';
import { SwipeError } from '../gateway/seams/error.ts';
import { signCommand } from '../gateway/simulators/sale-system.ts';
import { ResultShelf } from './support/result-shelf.ts';
import { recordingLog, ScriptedBroker } from './support/scripted-broker.ts';
import { createSyncSignatures } from './support/sync-signatures.ts';
import { VirtualTime } from './support/virtual-time.ts';

const test = suite('cloud link');

const boxKey = makeBoxKey(new Uint8Array(32).fill(6));
const { box } = boxKey;
const topics = topicsOf(box);
const key = { kid: 'k', secret: Buffer.from('y'.repeat(32)).toString('base64url') };
const command = Buffer.from(signCommand({ id: '01JDAX5N3T7Q4V8B2R6W9YKZHM', box, type: 'totals' }, key));

function setUp(receive: () => void = () => {}) {
  const time = new VirtualTime();
  const broker = new ScriptedBroker();
  const shelf = new ResultShelf();
  const { log, matching } = recordingLog();
  const registry: string[] = [];
  let received = 0;
  const link = createCloudLink({
    box,
    connector: broker,
    signatures: createSyncSignatures({ box, boxKey, commandKeys: [{ ...key, alg: 'HS256' }] }),
    journal: shelf,
    desk: {
      receive() {
        received += 1;
        receive();
      },
    },
    status: () => ({ online: true }) as BoxStatus,
    registry: (payload) => void registry.push(Buffer.from(payload).toString()),
    time,
    random: { fraction: () => 0.5 },
    log,
  });
  const start = async (): Promise<void> => {
    link.start();
    await time.settle();
  };
  return { time, broker, shelf, link, start, matching, registry, received: () => received };
}

test('on connect: subscribes, says that it is online, then sends what is waiting', async () => {
  const { broker, link, start, shelf, time } = setUp();
  shelf.tell('a');
  broker.acknowledges = () => false;
  assert.not(link.connected());
  await start();
  assert.ok(link.connected());
  assert.equal(broker.wills, [{ topic: topics.status, payload: '{"online":false}' }]);
  assert.equal(broker.now.subscribed, [[topics.commands, topics.registry]]);
  await time.settle();
  assert.equal(
    broker.now.published.map(({ topic, retain }) => [topic, retain]),
    [
      [topics.status, true],
      [topics.results, false],
    ],
  );
});

test('commands reach the desk, and results, events and status the broker', async () => {
  const { broker, link, start, shelf, time, registry, received } = setUp();
  await start();
  assert.is(await broker.now.deliver({ topic: topics.commands, payload: command }), 'acknowledged');
  assert.is(await broker.now.deliver({ topic: topics.registry, payload: Buffer.from('r') }), 'acknowledged');
  await broker.now.deliver({ topic: topics.commands, payload: Buffer.from('junk') });
  assert.equal([received(), registry], [1, ['r']]);
  shelf.tell('a');
  link.wake();
  link.emit({ type: 'terminal', state: 'ready' });
  link.statusChanged();
  await time.settle();
  link.resend('a');
  await time.advance(25);
  const [first = '', again = ''] = broker.now.payloads(topics.results);
  assert.is(first, again);
  assert.is(Buffer.from(first.split('.')[1] ?? '', 'base64url').toString(), '1:a');
  assert.equal(broker.now.payloads(topics.events), ['{"type":"terminal","state":"ready"}']);
  assert.is(broker.now.payloads(topics.status).length, 2);
  assert.equal(link.counters(), {
    connections: 1,
    dropped: { retained: 0, oversized: 0, unsigned: 1, otherBox: 0, malformed: 0 },
    eventsDropped: 0,
    resultsDelivered: 2,
  });
});

test('what is told of a command that waited at the broker is told when the connection is ready', async () => {
  const { broker, link, time } = setUp();
  let grant = (): void => {};
  broker.granting = new Promise((resolve) => {
    grant = resolve;
  });
  link.start();
  await time.settle();
  link.emit({ type: 'terminal', state: 'busy' });
  await broker.now.deliver({ topic: topics.commands, payload: command });
  link.emit({ type: 'terminal', state: 'ready' });
  grant();
  await time.advance(100);
  assert.equal(broker.now.payloads(topics.events), ['{"type":"terminal","state":"ready"}']);
});

test('a broker that is absent at boot is tried for ever, with growing pauses and rarer lines', async () => {
  const { broker, link, start, time, matching } = setUp();
  broker.refuses = 'connection refused';
  await start();
  const tries: number[] = [];
  for (let second = 0; second < 300; second += 1) {
    const before = broker.tries;
    await time.advance(1000);
    if (broker.tries > before) tries.push(second);
  }
  const gaps = tries.slice(1).map((at, each) => at - (tries[each] ?? 0));
  assert.equal(
    gaps,
    [...gaps].sort((one, other) => one - other),
  );
  assert.ok((gaps.at(-1) ?? 0) <= 60);
  await time.advance(24 * 3_600_000);
  assert.ok(broker.tries > 24 * 60);
  assert.ok(matching(/no connection/).length < 40, `${matching(/no connection/).length} lines`);
  broker.refuses = null;
  await time.advance(60_000);
  assert.ok(link.connected());
  assert.is(matching(/^connected to/).length, 1);
});

test('a lost connection is made again after a second, and everything is said again', async () => {
  const { broker, link, start, time, shelf, matching } = setUp();
  broker.acknowledges = ({ topic }) => topic === topics.status;
  await start();
  shelf.tell('a');
  link.wake();
  await time.advance(120_000);
  broker.now.lose('cut');
  assert.not(link.connected());
  await time.advance(1000);
  assert.ok(link.connected());
  assert.is(broker.connections.length, 2);
  assert.is(broker.now.payloads(topics.status).length, 1);
  assert.is(broker.now.payloads(topics.results).length, 1);
  assert.equal(
    matching(/no connection/).map(({ fields }) => fields),
    [{ state: 'lost', reason: 'cut', count: 1, delayMs: 750 }],
  );
});

test('a connection that breaks again and again is not hurried', async () => {
  const { broker, start, time } = setUp(() => {
    throw new SwipeError('storageFull', 'no room');
  });
  await start();
  for (let second = 0; second < 3600; second += 1) {
    if (broker.now.open) await broker.now.deliver({ topic: topics.commands, payload: command });
    await time.advance(1000);
  }
  assert.ok(broker.connections.length > 60);
  assert.ok(broker.connections.length < 100, `${broker.connections.length} connections`);
});

test('after a minute of peace the pauses start over', async () => {
  const { broker, link, start, time, matching } = setUp();
  broker.refuses = 'no';
  await start();
  await time.advance(600_000);
  broker.refuses = null;
  for (const aliveMs of [59_999, 60_000]) {
    await time.runUntil(link.connected, 60_000);
    await time.advance(aliveMs);
    broker.now.lose('cut');
  }
  const delays = matching(/no connection/)
    .slice(-2)
    .map(({ fields }) => (fields as { delayMs: number }).delayMs);
  assert.equal(delays, [45_000, 750]);
});

test('while there is no connection nothing is tried but the connection', async () => {
  const { broker, link, start, shelf, time } = setUp();
  broker.acknowledges = () => false;
  await start();
  shelf.tell('a');
  link.wake();
  await time.settle();
  broker.refuses = 'no';
  broker.now.lose('cut');
  const { reads } = shelf;
  link.emit({ type: 'terminal', state: 'absent' });
  link.statusChanged();
  link.wake();
  await time.settle();
  assert.is(shelf.reads, reads);
  assert.is(link.counters().eventsDropped, 1);
  assert.is(time.pending, 1);
});

test('a broker that does not grant the subscription is left and tried again', async () => {
  const { broker, link, start, time } = setUp();
  broker.grants = false;
  await start();
  assert.not(link.connected());
  assert.not(broker.now.open);
  assert.equal(broker.now.published, []);
  broker.grants = true;
  await time.advance(1000);
  assert.ok(link.connected());
});

test('stopping says goodbye in the right order and leaves nothing behind', async () => {
  const { broker, link, start, time } = setUp();
  await start();
  await link.stop();
  assert.equal(broker.now.payloads(topics.status), ['{"online":true}', '{"online":false}']);
  assert.not(broker.now.open);
  assert.not(link.connected());
  assert.is(time.pending, 0);
  await time.advance(3_600_000);
  assert.is(broker.tries, 1);
});

test('a command that comes during the goodbye stays with the broker', async () => {
  const { broker, link, start, received } = setUp();
  await start();
  const connection = broker.now;
  const stopped = link.stop();
  assert.is(await connection.deliver({ topic: topics.commands, payload: command }), 'dropped');
  await stopped;
  assert.is(received(), 0);
});

test('stopping does not wait long for a broker that does not answer', async () => {
  const { broker, link, start, time } = setUp();
  await start();
  broker.acknowledges = () => false;
  let stopped = false;
  void link.stop().then(() => {
    stopped = true;
  });
  await time.advance(1999);
  assert.not(stopped);
  await time.advance(1);
  assert.ok(stopped);
  assert.not(broker.now.open);
});

test('stopping in the middle of a try or of a pause', async () => {
  for (const trouble of ['silent', 'refusing']) {
    const { broker, link, start, time } = setUp();
    if (trouble === 'silent') broker.answers = false;
    else broker.refuses = 'no';
    await start();
    let stopped = false;
    void link.stop().then(() => {
      stopped = true;
    });
    await time.advance(4000);
    assert.ok(stopped, trouble);
    await time.advance(3_600_000);
    assert.is(broker.tries, 1, trouble);
  }
});

test('a connection that is ready only after the stop is closed at once', async () => {
  const { broker, link, time } = setUp();
  link.start();
  const stopped = link.stop();
  await time.settle();
  await stopped;
  assert.not(broker.now.open);
  assert.equal(broker.now.published, []);
});

test.run();
