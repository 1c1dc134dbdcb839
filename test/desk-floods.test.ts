/** Too many, too slow, too fast: what a flood on the shop's network does to the desk, and to those who want to pay. */
import { createConnection, type Socket } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { signCommand } from '../gateway/simulators/sale-system.ts';
import { type DeskBox, deskKeys, openDeskBox, resultIn, until } from './support/desk-box.ts';
import { wire as connect, request, statusOf } from './support/raw-http.ts';

const test = suite('desk: floods');
const opened: DeskBox[] = [];
const sockets: Socket[] = [];
test.after.each(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const box of opened.splice(0)) await box.close();
});
async function open(...args: Parameters<typeof openDeskBox>): Promise<DeskBox> {
  const box = await openDeskBox(...args);
  opened.push(box);
  return box;
}
function wire(box: DeskBox): ReturnType<typeof connect> {
  const connection = connect(box);
  sockets.push(connection.socket);
  return connection;
}
const { shop } = deskKeys;
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

test('slow senders are ended, and keep nobody from paying', async () => {
  const times = { headersTimeout: 300, requestTimeout: 600, connectionsCheckingInterval: 100 };
  const box = await open({ times });
  const host = `127.0.0.1:${box.port}`;
  const silent = Array.from({ length: 50 }, () => wire(box));
  const headers = Array.from({ length: 50 }, () => wire(box));
  const bodies = Array.from({ length: 50 }, () => wire(box));
  for (const { socket } of headers) socket.write(`POST /v1/operations HTTP/1.1\r\nHost: ${host}\r\nX-`);
  for (const { socket } of bodies)
    socket.write(
      `POST /v1/operations?wait=60 HTTP/1.1\r\nHost: ${host}\r\nContent-Type: text/plain\r\nContent-Length: 1000\r\n\r\na`,
    );
  const drip = setInterval(() => {
    for (const { socket } of [...headers, ...bodies]) if (!socket.destroyed) socket.write('a');
  }, 50);
  try {
    assert.is(
      (await resultIn(await box.post(signCommand(box.payment(), shop), '?wait=30'))).outcome,
      'approved',
    );
    await Promise.all([...silent, ...headers, ...bodies].map(({ closed }) => closed));
  } finally {
    clearInterval(drip);
  }
  assert.equal(new Set([...headers, ...bodies].map(({ heard }) => statusOf(heard()))), new Set(['408']));
});

test('1,000 connections from one address: a part of them is taken, another address still pays', async () => {
  const box = await open({ limits: { connectionsPerAddress: 200 } });
  const many = Array.from({ length: 1000 }, () => wire(box));
  let ended = 0;
  for (const { closed } of many) void closed.then(() => (ended += 1));
  await until(() => ended >= 800);
  assert.is(box.gateway.desk()?.clients, 200);
  const from = createConnection({ host: '127.0.0.1', port: box.port, localAddress: '127.0.0.2' });
  sockets.push(from);
  let text = '';
  from.on('data', (bytes) => {
    text += bytes;
  });
  from.write(`GET /health HTTP/1.1\r\nHost: 127.0.0.1:${box.port}\r\n\r\n`);
  await until(() => text.includes('"ok":true'));
  for (const { socket } of many) socket.destroy();
  await until(() => (box.gateway.desk()?.clients ?? 0) <= 1);
  assert.is(
    (await resultIn(await box.post(signCommand(box.payment(), shop), '?wait=30'))).outcome,
    'approved',
  );
});

test('who asks too fast, or waits too often, is told when to come again; others are not held up', async () => {
  const box = await open({
    script: { options: { stepMs: 300, lookUpMs: 1 } },
    limits: { perAddressPerMinute: 60, atOncePerAddress: 10, listenersPerAddress: 2 },
  });
  const jws = signCommand(box.payment(), shop);
  const waiting = Array.from({ length: 10 }, () => box.post(jws, '?wait=60'));
  await until(() => box.gateway.desk()?.waiting === 10);
  const over = await box.post(jws, '?wait=60');
  assert.is(over.status, 429);
  assert.match(over.headers.get('retry-after') ?? '', /^[1-9]/);
  assert.equal(new Set((await Promise.all(waiting)).map(({ status }) => status)), new Set([200]));
  const streams = [
    await box.get('/v1/events', bearer(box.token())),
    await box.get('/v1/events', bearer(box.token())),
  ];
  assert.is((await box.get('/v1/events', bearer(box.token()))).status, 429);
  for (const stream of streams) await stream.body?.cancel();
  const answers = await Promise.all(Array.from({ length: 80 }, () => box.get('/health')));
  const refused = answers.filter(({ status }) => status === 429);
  assert.ok(refused.length >= 30, `${refused.length}`);
  assert.is(Number(refused[0]?.headers.get('retry-after')) >= 1, true);
});

test('a listener that does not read is ended, not kept in memory', async () => {
  const box = await open();
  const { socket } = wire(box);
  socket.pause();
  socket.write(request('GET /v1/events', `127.0.0.1:${box.port}`, `Authorization: Bearer ${box.token()}`));
  await until(() => box.gateway.desk()?.clients === 1);
  const text = 'x'.repeat(10_000);
  for (let each = 0; each < 200; each += 1)
    await box
      .post(signCommand({ ...box.payment(), id: undefined, x: text }, shop))
      .then((answer) => answer.text());
  assert.is((await box.get('/v1/status', bearer(box.token()))).status, 200);
  assert.equal(box.failures, []);
});

test.run();
