import { createConnection } from 'node:net';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { askGateway } from '../gateway/control/client.ts';
import type { LogEntry, StatusAnswer } from '../gateway/control/protocol.ts';
import { serveControl } from '../gateway/control/server.ts';
import { isSwipeError } from '../gateway/seams/error.ts';
import { World } from './simulation/world.ts';
import { tempDirs } from './support/temp.ts';

const test = suite('control socket');
const tempDir = tempDirs(test);

/** What comes back for a request line as it stands. */
const raw = (path: string, line: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = createConnection(path);
    let text = '';
    socket.on('data', (bytes) => {
      text += bytes;
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(text));
    socket.end(`${line}\r\nhost: control\r\nconnection: close\r\n\r\n`);
  });

test('status and log are told, without card data; anything else is answered, not fatal', async () => {
  const world = new World();
  await world.start();
  const payment = world.payment();
  await world.ask(payment);
  const path = join(tempDir(), 'control.sock');
  const control = await serveControl(path, world.gateway);
  try {
    const { status, connected } = await askGateway<StatusAnswer>(path, '/status');
    assert.equal([status.box, status.terminal.state, connected], ['SW-7K3M9QXA2BCD', 'ready', true]);
    const [entry] = await askGateway<LogEntry[]>(path, '/log?limit=5');
    assert.equal([entry?.id, entry?.outcome, entry?.amount], [payment.id, 'approved', 10050]);
    assert.is('card' in (entry ?? {}), false);
    for (const line of [
      'GET // HTTP/1.1',
      'GET /nothing HTTP/1.1',
      'POST /status HTTP/1.1',
      'GET /log?limit=0 HTTP/1.1',
    ])
      assert.match(await raw(path, line), /^HTTP\/1\.1 4\d\d /);
    assert.match(await raw(path, 'nonsense'), /^HTTP\/1\.1 400 /);
    assert.is((await askGateway<StatusAnswer>(path, '/status')).connected, true);
  } finally {
    await control.close();
  }
  const refused = await askGateway(path, '/status').catch((error) => error);
  assert.ok(isSwipeError(refused, 'controlUnreachable'));
});

test.run();
