import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createOutbox } from '../gateway/cloud/outbox.ts';
import type { Signatures } from '../gateway/cloud/ports.ts';
import { ResultShelf } from './support/result-shelf.ts';
import { recordingLog, ScriptedBroker, type ScriptedConnection } from './support/scripted-broker.ts';
import { VirtualTime } from './support/virtual-time.ts';

const test = suite('outbox');
const topic = 'results';

const signed: Pick<Signatures, 'sign'> = { sign: async (payload, kid) => `${payload}@${kid}` };

async function setUp(signatures = signed) {
  const time = new VirtualTime();
  const shelf = new ResultShelf();
  const broker = new ScriptedBroker();
  const { log, lines } = recordingLog();
  const outbox = createOutbox({ topic, journal: shelf, signatures, timers: time, log });
  /** A new connection, as the cloud link hands it over. */
  const connect = async (): Promise<ScriptedConnection> => {
    const connection = await broker.connect(
      { topic: '', payload: '' },
      { message: async () => {}, closed() {} },
    );
    outbox.connected(connection);
    await time.settle();
    return connection;
  };
  const tell = async (...ids: string[]): Promise<void> => {
    for (const id of ids) shelf.tell(id);
    outbox.wake();
    await time.settle();
  };
  const lose = async (connection: ScriptedConnection): Promise<void> => {
    outbox.disconnected();
    connection.lose('cut');
    await time.settle();
  };
  return { time, shelf, broker, outbox, lines, connect, tell, lose };
}

const names = (count: number): string[] => Array.from({ length: count }, (_, each) => `id-${each + 1}`);

test('sends what was told before and after the connection, signed for the asker, in order', async () => {
  const { connect, tell, shelf, outbox } = await setUp();
  await tell('a', 'b');
  const connection = await connect();
  assert.equal(connection.payloads(topic), ['1:a@k', '2:b@k']);
  await tell('c');
  assert.equal(connection.payloads(topic), ['1:a@k', '2:b@k', '3:c@k']);
  assert.equal([...shelf.done], [1, 2, 3]);
  assert.is(outbox.delivered(), 3);
  assert.not(connection.published.some(({ retain }) => retain));
});

test('starts in order although signatures come in any order', async () => {
  const waiting: (() => void)[] = [];
  const { connect, tell, time } = await setUp({
    sign: (payload) => new Promise((resolve) => waiting.push(() => resolve(payload))),
  });
  const connection = await connect();
  await tell('a', 'b', 'c');
  while (waiting.length > 0) {
    waiting.pop()?.();
    await time.settle();
  }
  assert.equal(connection.payloads(topic), ['1:a', '2:b', '3:c']);
});

test('keeps at most 16 without an acknowledgement, and goes on with each', async () => {
  const { connect, tell, broker, time, shelf } = await setUp();
  broker.acknowledges = () => false;
  const connection = await connect();
  await tell(...names(40));
  assert.is(connection.published.length, 16);
  for (const at of [5, 3, 0]) connection.published[at]?.acknowledge();
  await time.settle();
  assert.is(connection.published.length, 19);
  assert.equal([...shelf.done], [6, 4, 1]);
  broker.acknowledges = () => true;
  for (const message of [...connection.published]) message.acknowledge();
  await time.settle();
  assert.equal(
    connection.payloads(topic),
    names(40).map((id, each) => `${each + 1}:${id}@k`),
  );
  assert.is(shelf.done.size, 40);
});

test('sends again on the next connection what was not acknowledged, and only that', async () => {
  const { connect, tell, lose, broker, shelf } = await setUp();
  broker.acknowledges = () => false;
  const first = await connect();
  await tell('a', 'b', 'c');
  first.published[1]?.acknowledge();
  await lose(first);
  await tell('d');
  assert.is(first.published.length, 3);
  broker.acknowledges = () => true;
  const second = await connect();
  assert.equal(second.payloads(topic), ['1:a@k', '3:c@k', '4:d@k']);
  assert.is(shelf.done.size, 4);
});

test('a connection that goes away during a signature gets nothing more', async () => {
  const waiting: (() => void)[] = [];
  const { connect, tell, lose, time } = await setUp({
    sign: (payload) => new Promise((resolve) => waiting.push(() => resolve(payload))),
  });
  const first = await connect();
  await tell('a');
  await lose(first);
  const second = await connect();
  for (const release of waiting) release();
  await time.settle();
  assert.equal(first.published, []);
  assert.equal(second.payloads(topic), ['1:a']);
});

test('a refused result is sent again after growing pauses, and the others go on', async () => {
  const { connect, tell, broker, time, lines, shelf } = await setUp();
  const connection = await connect();
  broker.acknowledges = () => false;
  await tell('a', 'b');
  connection.published[0]?.refuse();
  connection.published[1]?.acknowledge();
  await time.settle();
  broker.acknowledges = ({ payload }) => !payload.startsWith('1:');
  await tell('c');
  assert.equal([...shelf.done], [2, 3]);
  assert.is(connection.published.length, 3);
  // For an hour the broker says no.
  for (let each = 0; each < 60; each += 1) {
    await time.advance(60_000);
    connection.published.at(-1)?.refuse();
  }
  assert.ok(connection.published.length < 80, `${connection.published.length} tries`);
  assert.ok(lines.length < 10, `${lines.length} lines`);
  broker.acknowledges = () => true;
  await time.advance(60_000);
  assert.ok(shelf.done.has(1));
  assert.is(connection.payloads(topic).at(-1), '1:a@k');
  const before = connection.published.length;
  await time.advance(3_600_000);
  assert.is(connection.published.length, before);
});

test('a retry leaves alone what is on its way, and pauses start over after a success', async () => {
  const { connect, tell, broker, time } = await setUp();
  broker.acknowledges = () => false;
  const connection = await connect();
  await tell('a', 'b');
  connection.published[0]?.refuse();
  await time.advance(1000);
  assert.equal(connection.payloads(topic), ['1:a@k', '2:b@k', '1:a@k']);
  connection.published[1]?.acknowledge();
  connection.published[2]?.refuse();
  await time.advance(1000);
  assert.is(connection.payloads(topic).length, 4);
});

test('a broker that refuses everything is asked no more than a window at a time', async () => {
  const { connect, tell, broker, time } = await setUp();
  broker.acknowledges = (message) => {
    queueMicrotask(() =>
      connection.published.findLast(({ payload }) => payload === message.payload)?.refuse(),
    );
    return false;
  };
  const connection = await connect();
  await tell(...names(16));
  await time.advance(600_000);
  assert.ok(connection.published.length >= 16 * 8);
  assert.ok(connection.published.length <= 16 * 20, `${connection.published.length} tries`);
});

test('a full disk after the acknowledgement changes nothing; the next connection sends it again', async () => {
  const { connect, tell, lose, shelf } = await setUp();
  const first = await connect();
  shelf.full = true;
  await tell('a', 'b');
  assert.equal(first.payloads(topic), ['1:a@k', '2:b@k']);
  await lose(first);
  shelf.full = false;
  assert.equal((await connect()).payloads(topic), ['1:a@k', '2:b@k']);
  assert.is(shelf.done.size, 2);
});

test('a journal that cannot be read, or a key that cannot sign, is tried again', async () => {
  let broken = true;
  const { connect, tell, time, shelf } = await setUp({
    sign: async (payload) => {
      if (broken) throw new Error('no key');
      return payload;
    },
  });
  shelf.unreadable = true;
  const connection = await connect();
  await tell('a');
  shelf.unreadable = false;
  await time.advance(60_000);
  assert.equal(connection.published, []);
  broken = false;
  await time.advance(60_000);
  assert.equal(connection.payloads(topic), ['1:a']);
});

test('sends a stored result again when asked, once, the latest of its operation', async () => {
  const { connect, tell, outbox, time } = await setUp();
  const connection = await connect();
  await tell('a', 'b', 'a');
  connection.published.length = 0;
  outbox.resend('a');
  outbox.resend('never heard of');
  await time.settle();
  await time.advance(600_000);
  assert.equal(connection.payloads(topic), ['3:a@k']);
});

test('what is asked for while offline waits for the connection, after what was never sent', async () => {
  const { connect, tell, lose, outbox } = await setUp();
  const first = await connect();
  await tell('a');
  await lose(first);
  outbox.resend('a');
  outbox.resend('a');
  await tell('b');
  assert.equal((await connect()).payloads(topic), ['2:b@k', '1:a@k']);
});

test('a result that was asked for and not acknowledged is sent again on the next connection', async () => {
  const { connect, tell, lose, outbox, broker, time } = await setUp();
  const first = await connect();
  await tell('a');
  broker.acknowledges = () => false;
  outbox.resend('a');
  await time.settle();
  assert.equal(first.payloads(topic), ['1:a@k', '1:a@k']);
  await lose(first);
  assert.equal((await connect()).payloads(topic), ['1:a@k']);
});

test('what is on its way already is not sent twice', async () => {
  const { connect, tell, outbox, broker, time } = await setUp();
  broker.acknowledges = () => false;
  const connection = await connect();
  await tell('a');
  outbox.resend('a');
  await time.settle();
  assert.is(connection.published.length, 1);
});

test('remembers at most a thousand requests, the oldest make room', async () => {
  const { connect, tell, lose, outbox } = await setUp();
  const first = await connect();
  await tell(...names(1100));
  await lose(first);
  for (const id of names(1100)) outbox.resend(id);
  const sent = (await connect()).payloads(topic);
  assert.is(sent.length, 1000);
  assert.is(sent[0], '101:id-101@k');
});

test('costs nothing while there is nothing to do', async () => {
  const { connect, time, shelf } = await setUp();
  await connect();
  await time.advance(86_400_000);
  assert.is(shelf.reads, 1);
  assert.is(time.pending, 0);
});

test.run();
