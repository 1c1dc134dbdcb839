import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { systemTime } from '../gateway/system/time.ts';
import { listen } from '../provisioning/registry/api/server.ts';
import type { TlsNews } from '../provisioning/registry/api/tls-pair.ts';
import { onBoth } from './registry/stores.ts';
import { TestBox, World } from './registry/world.ts';

const test = suite('registry and slow clients');
const both = onBoth(test);
const closing: (() => unknown)[] = [];
test.after.each(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const news: TlsNews = { taken() {}, fault() {} };

/** The server of this world, on a port; `ms`: what a request may take, where that is to be waited for. */
async function serve(world: World, ms?: number): Promise<string> {
  const limits =
    ms === undefined
      ? {}
      : { limits: { headersTimeout: ms, requestTimeout: ms, connectionsCheckingInterval: ms / 5 } };
  const config = { host: '127.0.0.1', port: 0, tls: null };
  const server = await listen(world.api, config, { time: systemTime, news, ...limits });
  closing.push(() => server.close());
  return server.url;
}

/** A connection that sends this and then nothing more; all that comes back. */
async function stall(url: string, text: string): Promise<{ socket: Socket; said: Promise<string> }> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  closing.push(() => socket.destroy());
  await once(socket, 'connect');
  let heard = '';
  const said = new Promise<string>((resolve) => {
    socket.on('data', (bytes) => {
      heard += bytes.toString();
    });
    socket.on('error', () => resolve(heard));
    socket.on('close', () => resolve(heard));
  });
  socket.write(text);
  return { socket, said };
}

const head = 'POST /v1/registrations HTTP/1.1\r\nHost: x\r\nContent-Type: application/jose\r\n';

both(
  'a head or a body that does not end is cut off; whoever is quick is answered meanwhile',
  async (database) => {
    const world = new World(await database.open());
    const url = await serve(world, 200);
    const slow = await Promise.all([
      stall(url, `${head}X-Slow: 1`),
      stall(url, `${head}Content-Length: 60000\r\n\r\nabc`),
      stall(url, `${head}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n`),
    ]);
    const box = new TestBox();
    const response = await fetch(`${url}/v1/registrations`, { method: 'POST', body: box.signed() });
    assert.is(response.status, 200);
    for (const { said } of slow) assert.match(await said, /^(HTTP\/1\.1 408|$)/);
  },
);

both('a body of no length told beforehand is read, up to its limit', async (database) => {
  const world = new World(await database.open());
  const url = await serve(world);
  async function* inPieces(text: string) {
    for (let at = 0; at < text.length; at += 1000) yield Buffer.from(text.slice(at, at + 1000));
  }
  const post = async (text: string): Promise<number> => {
    const body = ReadableStream.from(inPieces(text)) as unknown as NonNullable<RequestInit['body']>;
    const { status } = await fetch(`${url}/v1/registrations`, { method: 'POST', body, duplex: 'half' });
    return status;
  };
  assert.is(await post(new TestBox().signed()), 200);
  assert.is(await post('x'.repeat(70_000)), 413);
  assert.is((await fetch(`${url}/v1/registrations`, { method: 'POST' })).status, 400);
});

both(
  'bodies that trickle in take no place from others: more of them than there are places',
  async (database) => {
    const limits = { perAddressPerMinute: 1000, atOnce: 8 };
    const world = new World(await database.open(), { limits });
    const url = await serve(world);
    const slow = await Promise.all(
      Array.from({ length: 50 }, () => stall(url, `${head}Content-Length: 60000\r\n\r\nabc`)),
    );
    // They are all there, and have been read as far as they go.
    for (const { socket } of slow) assert.ok(!socket.destroyed);
    for (let at = 0; at < 5; at += 1) {
      const box = new TestBox();
      const response = await fetch(`${url}/v1/registrations`, { method: 'POST', body: box.signed() });
      assert.is(response.status, 200);
    }
  },
);

test.run();
