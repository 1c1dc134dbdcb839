import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { problemSchema } from '../gateway/contract/registration.ts';
import { placeIn, start } from './registry/command.ts';
import { type Child, swipe } from './support/child.ts';
import { tempDirs } from './support/temp.ts';

const test = suite('registry command: faults');
const tempDir = tempDirs(test);

const running: Child[] = [];
test.after.each(async () => {
  for (const child of running.splice(0)) await child.end('SIGKILL');
});

test('what a client sends by hand: a huge body, a header that never ends, half a request', async () => {
  const { url, child } = await start(placeIn(tempDir()), running);
  const large = await fetch(`${url}/v1/registrations`, {
    method: 'POST',
    body: 'x'.repeat(10_000_000),
  }).catch(() => null);
  if (large !== null) assert.is(large.status, 413);
  const port = Number(new URL(url).port);
  const raw = (text: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => socket.write(text));
      let said = '';
      socket.on('data', (bytes) => {
        said += bytes.toString();
      });
      socket.on('close', () => resolve(said));
      socket.on('error', reject);
    });
  assert.match(
    await raw(`GET /v1/health HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(20_000)}\r\n\r\n`),
    /^HTTP\/1\.1 431/,
  );
  const chunked = `POST /v1/registrations HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n`;
  const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`;
  assert.match(
    await raw(`${chunked}${chunk}${chunk}0\r\n\r\n`),
    /^HTTP\/1\.1 413/,
    'counted, whatever it says',
  );
  const split =
    'GET /v1/health HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-A: a\r\n b\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n';
  assert.match(await raw(split), /^HTTP\/1\.1 400/);
  const health = await fetch(`${url}/v1/health`);
  assert.is(health.status, 200);
  const problem = await fetch(`${url}/nowhere`);
  assert.ok(problemSchema.entries.code && (await problem.json()));
  assert.is((await child.end('SIGTERM')).code, 0, 'it stops at once, whoever is connected');
});

test('what is wrong is said in one line', async () => {
  const here = placeIn(tempDir());
  const { url } = await start(here, running);
  const taken = `${here.directory}/taken.json`;
  const parts = JSON.parse(readFileSync(here.config, 'utf8')) as { listen: object };
  writeFileSync(taken, JSON.stringify({ ...parts, listen: { port: Number(new URL(url).port) } }));
  const wrong = async (...args: string[]): Promise<string> => {
    const child = swipe(['registry', ...args]);
    assert.is((await child.exit).code, 1);
    const said = child.said().toString();
    assert.not.match(said, /\n\s+at /, 'no stack');
    return said;
  };
  assert.match(await wrong('--config', taken), /port \d+ of 127\.0\.0\.1 is in use/);
  assert.match(await wrong('--config', '/nonexistent'), /cannot be read/);
  writeFileSync(taken, JSON.stringify({ ...parts, listen: { port: -1 }, database: {} }));
  assert.match(await wrong('--config', taken), /has 2 faults:\n.*listen\.port.*\n.*database/);
  assert.match(await wrong('claim', 'new', '--config', here.config), /--customer is needed/);
  assert.match(
    await wrong('claim', 'new', '--customer', 'CU-1', '--config', here.config),
    /no such customer/,
  );
  assert.match(await wrong('dance', '--config', here.config), /there is no work "dance"/);
});

test.run();
