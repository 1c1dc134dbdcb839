import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isSwipeError } from '../gateway/seams/error.ts';
import type { Timers } from '../gateway/seams/time.ts';
import type { LinkHandlers } from '../gateway/terminal/links/link.ts';
import { linkOf } from '../gateway/terminal/links/open.ts';
import { needing } from './support/needs.ts';
import { tempDirs } from './support/temp.ts';
import { VirtualTime } from './support/virtual-time.ts';

const test = suite('links');
const tempDir = tempDirs(test);

const realTimers: Timers = {
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};
const options = { baudRate: 115200, timers: realTimers };

/** Handlers that keep what they hear, and can be waited for. */
function listening() {
  const closed: string[] = [];
  let text = '';
  let wake = (): void => {};
  const handlers: LinkHandlers = {
    data(bytes) {
      text += new TextDecoder().decode(bytes);
      wake();
    },
    closed(reason) {
      closed.push(reason);
      wake();
    },
  };
  const until = async (enough: () => boolean): Promise<void> => {
    while (!enough())
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
  };
  return { handlers, closed, text: () => text, until };
}

async function serving(): Promise<{ server: Server; port: number; client: Promise<Socket> }> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = once(server, 'connection').then(([socket]) => socket as Socket);
  return { server, port: (server.address() as AddressInfo).port, client };
}

const isLinkFailed = (error: unknown): boolean => isSwipeError(error, 'linkFailed');

test('a link is named as the config writes it, and a wrong one is refused', () => {
  for (const name of [
    'serial:/dev/ttyUSB0',
    'tcp:192.168.0.111:2000',
    'tcp:pos.local:2000',
    'tcp:[::1]:2000',
  ])
    assert.is(linkOf(name, options).name, name);
  for (const name of [
    '',
    'serial:',
    'serial:ttyUSB0',
    'tcp:host',
    'tcp:host:0',
    'tcp:host:65536',
    'tcp:::1:2000',
    'ws://x',
  ])
    assert.throws(
      () => linkOf(name, options),
      (error: unknown) => isSwipeError(error, 'configInvalid'),
      name,
    );
});

test('tcp: bytes both ways, closed once', async () => {
  const { server, port, client } = await serving();
  const ears = listening();
  const connection = await linkOf(`tcp:127.0.0.1:${port}`, options).open(ears.handlers);
  const socket = await client;
  connection.write(new TextEncoder().encode('ping\0'));
  const [received] = (await once(socket, 'data')) as [Buffer];
  assert.is(received.toString(), 'ping\0');
  socket.write('pong');
  await ears.until(() => ears.text() === 'pong');
  await connection.close();
  await connection.close();
  connection.write(new Uint8Array([1]));
  assert.equal(ears.closed, ['closed']);
  server.close();
});

test('tcp: the other side goes away, politely and not', async () => {
  for (const leave of ['end', 'resetAndDestroy'] as const) {
    const { server, port, client } = await serving();
    const ears = listening();
    const connection = await linkOf(`tcp:127.0.0.1:${port}`, options).open(ears.handlers);
    (await client)[leave]();
    await ears.until(() => ears.closed.length > 0);
    await connection.close();
    assert.is(ears.closed.length, 1);
    server.close();
  }
});

test('tcp: a device that stops reading is hung up on, with a bounded buffer', async () => {
  const { server, port, client } = await serving();
  const ears = listening();
  const connection = await linkOf(`tcp:127.0.0.1:${port}`, options).open(ears.handlers);
  (await client).pause();
  const piece = new Uint8Array(32 * 1024);
  for (let sent = 0; sent < 2_000 && ears.closed.length === 0; sent += 1) {
    connection.write(piece);
    if (sent % 50 === 0) await sleep(0);
  }
  await ears.until(() => ears.closed.length > 0);
  assert.equal(ears.closed, ['the device does not read']);
  (await client).destroy();
  server.close();
});

test('tcp: nobody there, and no answer in time', async () => {
  const { server, port } = await serving();
  server.close();
  await once(server, 'close');
  await linkOf(`tcp:127.0.0.1:${port}`, options)
    .open(listening().handlers)
    .then(
      () => assert.unreachable(),
      (error) => assert.ok(isLinkFailed(error)),
    );
  const time = new VirtualTime();
  // TEST-NET-1 (RFC 5737): nobody answers there; where there is no route at all it fails at once, as well.
  const opening = linkOf('tcp:192.0.2.1:2000', { baudRate: 9600, timers: time }).open(listening().handlers);
  const failed = opening.then(
    () => false,
    (error) => isLinkFailed(error),
  );
  await time.advance(5_000);
  assert.ok(await failed);
});

test('serial: no such port', async () => {
  await linkOf('serial:/dev/swipe-no-such-port', options)
    .open(listening().handlers)
    .then(
      () => assert.unreachable(),
      (error) => {
        assert.ok(isLinkFailed(error));
        assert.match(error.message, /swipe-no-such-port/);
      },
    );
});

/** A pseudo-terminal whose other end is a program's input and output. */
async function pty(path: string): Promise<ChildProcess> {
  const socat = spawn('socat', [`PTY,raw,echo=0,link=${path}`, 'STDIO'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  while (!existsSync(path)) await sleep(5);
  return socat;
}

const withSocat = needing(test, 'socat');

withSocat('serial: bytes both ways, closed and opened again, then unplugged', async () => {
  const path = join(tempDir(), 'terminal');
  const socat = await pty(path);
  try {
    const link = linkOf(`serial:${path}`, options);
    const first = listening();
    const one = await link.open(first.handlers);
    one.write(new TextEncoder().encode('ping\0'));
    const [received] = (await once(socat.stdout as NodeJS.ReadableStream, 'data')) as [Buffer];
    assert.is(received.toString(), 'ping\0');
    socat.stdin?.write('pong');
    await first.until(() => first.text() === 'pong');

    const rival = await link.open(listening().handlers).then(
      () => 'opened twice',
      (error) => (isLinkFailed(error) ? 'refused' : String(error)),
    );
    assert.is(rival, 'refused', 'the port is ours alone');
    await one.close();
    assert.equal(first.closed, ['closed']);

    const second = listening();
    const two = await link.open(second.handlers);
    socat.stdin?.write('again');
    await second.until(() => second.text() === 'again');
    assert.is(first.text(), 'pong', 'nothing after closed');

    socat.kill('SIGKILL');
    await second.until(() => second.closed.length > 0);
    two.write(new Uint8Array([1]));
    await two.close();
    assert.is(second.closed.length, 1);
  } finally {
    socat.kill('SIGKILL');
  }
});

withSocat('serial: unplugged in the middle of its talk, at any moment', async () => {
  for (let round = 0; round < 12; round += 1) {
    const path = join(tempDir(), `terminal-${round}`);
    const socat = await pty(path);
    try {
      const ears = listening();
      const connection = await linkOf(`serial:${path}`, options).open(ears.handlers);
      socat.stdin?.write('x'.repeat(1 + 300 * round));
      await ears.until(() => ears.text().length > 0);
      socat.kill('SIGKILL');
      await ears.until(() => ears.closed.length > 0);
      await connection.close();
      assert.is(ears.closed.length, 1);
    } finally {
      socat.kill('SIGKILL');
    }
  }
});

test.run();
