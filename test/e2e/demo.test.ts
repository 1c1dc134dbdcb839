/** `npm start` and the commands that people type in a second shell. */
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Child, swipe } from '../support/child.ts';
import { freePort } from '../support/ports.ts';
import { tempDirs } from '../support/temp.ts';

const test = suite('e2e demo');
const tempDir = tempDirs(test);

/** A home of its own, so that neither a demo of the developer nor another test is met. */
const homeIn = (directory: string): NodeJS.ProcessEnv => ({ XDG_STATE_HOME: directory, HOME: directory });

const steps = ['  present the card', '  card read', '  enter the PIN', '  asking the bank', '  in progress'];

test('the whole story: start, pay, look, Ctrl-C', async () => {
  const home = tempDir();
  const env = homeIn(home);
  const names = ['mqtt', 'terminal', 'registry', 'desk', 'shop'] as const;
  const ports = Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await freePort()] as const)),
  );
  const args = Object.entries(ports).flatMap(([name, port]) => [`--${name}-port`, String(port)]);
  const demo = swipe(['demo', ...args], env);
  try {
    await demo.out.find((line) => /swipe pay 100\.50/.test(line), 'the command to try');

    // As the demo says it is to be typed.
    const pay = new Child('npx', ['--no-install', 'swipe', 'pay', '100.50', '--order', 'Z-1'], env);
    assert.is((await pay.exit).code, 0, pay.said().toString());
    const said = pay.out.items;
    assert.match(said[0] ?? '', /^payment \S+: 100\.50 UAH at box SW-/);
    const approved = said.indexOf('approved 100.50 UAH');
    const shown = said.slice(1, approved);
    assert.is(shown[0], '  present the card');
    // On a slow machine a step may be over before it is asked for; the order stays.
    assert.equal(
      shown,
      steps.filter((step) => shown.includes(step)),
    );
    assert.match(said[approved + 1] ?? '', /^card \d{6}\*{6}\d{4} /);
    assert.match(said[approved + 2] ?? '', /^rrn \d{12}, authorisation \d{6}, receipt \d+$/);
    assert.ok(said.some((line) => line.includes('SIMULATED')));

    const aborted = swipe(['pay', '20'], env);
    await aborted.out.find((line) => line.includes('present the card'), 'the terminal to ask for the card');
    assert.is((await aborted.end('SIGINT')).code, 1);
    assert.ok(aborted.out.items.includes('  asking the box to abort'));
    assert.ok(aborted.out.items.includes('cancelled'));

    const status = swipe(['status', '--json'], env);
    assert.is((await status.exit).code, 0);
    const told = JSON.parse(status.out.items.join('\n'));
    assert.is(told.connected, true);
    assert.is(told.status.terminal.state, 'ready');
    assert.equal(told.status.unresolved, []);

    const log = swipe(['log', '--json'], env);
    assert.is((await log.exit).code, 0);
    const entries = JSON.parse(log.out.items.join('\n')) as Record<string, unknown>[];
    const rows = entries.map(({ type, outcome, amount, order }) => [type, outcome, amount, order]);
    assert.equal(rows, [
      ['abort', 'done', null, null],
      ['payment', 'cancelled', 2000, null],
      ['payment', 'approved', 10050, 'Z-1'],
    ]);

    const second = swipe(['demo', ...args], env);
    assert.is((await second.exit).code, 1);
    assert.match(second.err.items.join('\n'), /^swipe demo: a demo is running already/);

    assert.equal(await demo.end('SIGINT'), { code: 0, signal: null });
    assert.is(demo.out.items.at(-1), 'stopping');
    assert.equal(demo.err.items, []);
  } finally {
    await demo.end('SIGKILL');
  }
  for (const port of Object.values(ports)) assert.ok(await isFree(port), `${port} is free again`);
  assert.not.ok(existsSync(join(home, 'swipe', 'demo', 'state', 'control.sock')));
  const logged = readFileSync(join(home, 'swipe', 'demo', 'gateway.log'), 'utf8')
    .trim()
    .split('\n');
  assert.is(JSON.parse(logged.at(-1) ?? '').msg, 'gateway stopped');

  for (const command of ['status', 'log']) {
    const late = swipe([command], env);
    assert.is((await late.exit).code, 1);
    assert.is(late.err.items.length, 1);
    assert.match(late.err.items[0] ?? '', /no gateway answers at .*: start one with/);
  }
});

test('a port that is taken is named, and nothing is left', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const address = other.address();
  const taken = typeof address === 'object' ? String(address?.port) : '';
  try {
    for (const name of ['mqtt', 'terminal', 'registry', 'desk', 'shop']) {
      const ports = { mqtt: '0', terminal: '0', registry: '0', desk: '0', shop: '0', [name]: taken };
      const args = Object.entries(ports).flatMap(([one, port]) => [`--${one}-port`, port]);
      const demo = swipe(['demo', ...args], homeIn(tempDir()));
      assert.equal(await demo.exit, { code: 1, signal: null });
      assert.is(demo.err.items.length, 1, demo.err.items.join('\n'));
      assert.match(demo.err.items[0] ?? '', new RegExp(`port ${taken}\\b.* in use`));
    }
  } finally {
    other.close();
  }
});

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(false);
    });
    socket.once('error', () => resolve(true));
  });

test.run();
