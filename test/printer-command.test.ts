/** `swipe printer`: the simulated receipt printer as a process of its own. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Child, swipe } from './support/child.ts';
import { documentOf, piecesOf } from './support/printer-bench.ts';
import { tempDirs } from './support/temp.ts';

const test = suite('printer command');
const tempDir = tempDirs(test);
const started: Child[] = [];
test.after.each(async () => {
  for (const child of started.splice(0)) await child.end('SIGKILL');
});

const printer = (...args: string[]): Child => {
  const child = swipe(['printer', ...args]);
  started.push(child);
  return child;
};

test('prints what it is sent, as text and as a picture, and what was not cut when it ends', async () => {
  const out = join(tempDir(), 'receipts');
  const child = printer('--tcp', '0', '--out', out);
  const line = await child.out.find((said) => said.startsWith('the simulated printer is at'), 'where it is');
  const port = Number(/:(\d+)$/.exec(line)?.[1]);
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.write(Buffer.concat(piecesOf(documentOf({ kind: 'text', text: 'Ґанок' }))));
  const file = join(out, 'receipt-0001.png');
  await child.out.find((said) => said === `--- ${file} ---`, 'the picture');
  assert.is(readFileSync(file).subarray(1, 4).toString('latin1'), 'PNG');
  socket.write(Buffer.from('not cut\n'));
  socket.write(Uint8Array.of(0x10, 0x04, 0x01));
  const [answer] = (await once(socket, 'data')) as [Buffer];
  assert.is(answer.toString('hex'), '12');
  assert.equal(await child.end('SIGTERM'), { code: 0, signal: null });
  const said = child.said().toString();
  assert.match(said, /--- receipt 1 ---\nҐанок\n/);
  assert.match(said, /--- receipt 2 ---\nnot cut\n/);
  socket.destroy();
});

test('what it cannot mean is said in one line', async () => {
  const wrong = [
    [],
    ['--tcp', '1', '--serial', '/dev/null'],
    ['--tcp', '70000'],
    ['--tcp', '0', '--columns', '40'],
    ['--tcp', '0', '--paper', 'much'],
    ['--serial', '/dev/null', '--host', '::1'],
    ['--colour'],
  ];
  for (const args of wrong) {
    const child = printer(...args);
    assert.is((await child.exit).code, 1, args.join(' '));
    assert.match(child.said().toString(), /^swipe printer: .+ \(see swipe printer --help\)\n$/);
  }
});

test.run();
