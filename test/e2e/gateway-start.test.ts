/** What stops `swipe gateway` from starting, and how it says so. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { swipe } from '../support/child.ts';
import { freePort } from '../support/ports.ts';
import { tempDirs } from '../support/temp.ts';

const test = suite('e2e gateway start');
const tempDir = tempDirs(test);

const secret = Buffer.from('thirty-two printable characters!').toString('base64url');

/** A good config; nobody listens on its broker's and its terminal's ports. */
async function goodConfig(directory: string) {
  return {
    stateDir: join(directory, 'state'),
    box: 'SW-7K3M9QXA2BCD',
    broker: { url: `mqtt://127.0.0.1:${await freePort()}` },
    terminal: {
      protocol: 'privat-json',
      link: `tcp:127.0.0.1:${await freePort()}`,
      merchants: { shop: '1' },
    },
    commandKeys: [{ kid: 'shop', alg: 'HS256', secret }],
  };
}

test('a config with five faults: all five at once, no secret among them, and nothing is made', async () => {
  const directory = tempDir();
  const file = join(directory, 'gateway.json');
  const good = await goodConfig(directory);
  const short = secret.slice(0, 20);
  const bad = {
    ...good,
    broker: { url: 'http://broker' },
    terminal: { ...good.terminal, baudRate: 115201, defaultMerchant: 'nobody' },
    commandKeys: [{ kid: 'shop', alg: 'HS256', secret: short }],
    colour: 'red',
  };
  writeFileSync(file, JSON.stringify(bad));
  const gateway = swipe(['gateway', '--config', file]);
  assert.equal(await gateway.exit, { code: 1, signal: null });
  const [first, ...faults] = gateway.err.items;
  assert.is(first, `swipe gateway: the config ${file} has 5 faults:`);
  for (const [path, found] of [
    ['broker.url', '"http://broker"'],
    ['terminal.baudRate', '115201'],
    ['terminal.defaultMerchant', '"nobody"'],
    ['commandKeys.0.secret', 'a value that is not shown'],
    ['colour', 'an unknown member'],
  ])
    assert.ok(
      faults.some((line) => line.startsWith(`  ${path}: found ${found}, allowed: `)),
      `${path} in ${faults.join('\n')}`,
    );
  assert.is(faults.length, 5);
  assert.not.ok(gateway.said().includes(short));
  assert.is(gateway.out.items.length, 0);
  assert.not.ok(existsSync(good.stateDir));
});

test('no config, no file, no JSON: one line each', async () => {
  const file = join(tempDir(), 'gateway.json');
  writeFileSync(file, `{ "commandKeys": [ { "secret": "${secret}" `);
  for (const [args, said] of [
    [[], /^swipe gateway: --config FILE is needed/],
    [['--config', `${file}.missing`], /cannot be read: .*ENOENT/],
    [['--config', file], /is not JSON: fault at /],
    [['--config', file, '--log-level', 'loud'], /--log-level: allowed: debug, info, warn, error/],
    [['--confg', file], /--confg/],
  ] as const) {
    const gateway = swipe(['gateway', ...args]);
    assert.is((await gateway.exit).code, 1);
    assert.is(gateway.err.items.length, 1, gateway.err.items.join('\n'));
    assert.match(gateway.err.items[0] ?? '', said);
    assert.not.ok(gateway.said().includes(secret));
  }
});

test('a second gateway on the same state: it says so and leaves the first one in peace', async () => {
  const directory = tempDir();
  const file = join(directory, 'gateway.json');
  writeFileSync(file, JSON.stringify(await goodConfig(directory)));
  const first = swipe(['gateway', '--config', file]);
  try {
    await first.out.find((line) => line.includes('"gateway started"'), 'the first one to run');
    const second = swipe(['gateway', '--config', file]);
    assert.equal(await second.exit, { code: 1, signal: null });
    assert.is(second.err.items.length, 1, second.err.items.join('\n'));
    assert.match(second.err.items[0] ?? '', /^swipe gateway: Another process has the journal open/);

    const status = swipe(['status', '--config', file, '--json']);
    assert.is((await status.exit).code, 0);
    const { status: told, connected } = JSON.parse(status.out.items.join('\n'));
    assert.is(told.box, 'SW-7K3M9QXA2BCD');
    assert.is(told.terminal.state, 'absent');
    assert.is(connected, false);
    assert.equal(await first.end('SIGTERM'), { code: 0, signal: null });
  } finally {
    await first.end('SIGKILL');
  }
  assert.not.ok(existsSync(join(directory, 'state', 'control.sock')));
});

test.run();
