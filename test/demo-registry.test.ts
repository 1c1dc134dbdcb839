/** The demo with its registry: the real processes, as somebody meets them who types `npm start`. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { pairedWith } from '../gateway/cli/demo/ready.ts';
import { isoTime, parseIsoTime } from '../gateway/contract/time.ts';
import { askGateway } from '../gateway/control/client.ts';
import type { StatusAnswer } from '../gateway/control/protocol.ts';
import { pause } from '../gateway/seams/time.ts';
import { systemTime } from '../gateway/system/time.ts';
import { type Child, root, swipe } from './support/child.ts';
import { needing } from './support/needs.ts';
import { tempDirs } from './support/temp.ts';
import { Trail, waitMaxMs } from './support/trail.ts';

const test = suite('demo with its registry');

// Before its directory is taken away.
const endings: (() => unknown)[] = [];
test.after.each(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});
const tempDir = tempDirs(test);

type Home = NodeJS.ProcessEnv;

/** A home of its own, so that neither a demo of the developer nor another test is met. */
function newHome(): Home {
  const directory = tempDir();
  return { XDG_STATE_HOME: directory, HOME: directory };
}

const freePorts = ['mqtt', 'terminal', 'registry', 'desk', 'shop'].flatMap((name) => [`--${name}-port`, '0']);

async function startDemo(home: Home, ...args: string[]): Promise<Child> {
  const demo = swipe(['demo', ...freePorts, ...args], home);
  endings.push(() => demo.end('SIGKILL'));
  await demo.out.find((line) => line === 'Ctrl-C ends it.', 'the demo to be up');
  return demo;
}

/** Runs a command to its end; what it said. */
async function run(home: Home, wantedCode: 0 | 1, ...words: string[]): Promise<string> {
  const child = swipe(words, home);
  const { code } = await child.exit;
  const said = child.said().toString().trim();
  assert.is(code, wantedCode, `${words.join(' ')}: ${said}`);
  return said;
}

/** What `swipe status --json` asks. */
const statusOf = (home: Home): Promise<StatusAnswer> =>
  askGateway(join(home.HOME ?? '', 'swipe/demo/state/control.sock'), '/status');

async function until(what: string, home: Home, isSo: (status: StatusAnswer) => boolean): Promise<void> {
  for (const endMs = systemTime.monotonicMs() + waitMaxMs; ; ) {
    const status = await statusOf(home);
    if (isSo(status)) return;
    assert.ok(systemTime.monotonicMs() < endMs, `${what}: ${JSON.stringify(status)}`);
    await pause(systemTime, 50);
  }
}

const wordIn = (text: string | undefined, pattern: RegExp): string => {
  const [, word] = pattern.exec(text ?? '') ?? [];
  if (word === undefined) throw new Error(`${pattern} is not in ${text}`);
  return word;
};

/** Whether a registry answers there. */
const answers = (url: string): Promise<boolean> =>
  fetch(`${url}/v1/health`).then(
    ({ ok }) => ok,
    () => false,
  );

test('from nothing to a registered box; the registry away, and back; the box retired', async () => {
  const home = newHome();
  const demo = await startDemo(home);
  const lines = demo.out.items.join('\n');
  const url = wordIn(lines, /^registry +(http:\/\/127\.0\.0\.1:\d+),/m);
  const box = wordIn(lines, /^box +(SW-\w+),/m);
  const customer = wordIn(lines, /^ +active, of customer (CU-\w+)$/m);

  const { status, registry } = await statusOf(home);
  assert.equal(status.registration, { state: 'active', until: null });
  assert.is(registry?.url, url);
  assert.is(registry?.failure, null);
  assert.match(await run(home, 0, 'registry', 'boxes'), new RegExp(`^${box} +${customer} +claimed`, 'm'));
  const kid = wordIn(lines, /^shop .* by key (\S+)$/m);
  const log = readFileSync(join(home.HOME ?? '', 'swipe/demo/gateway.log'), 'utf8');
  assert.match(log, new RegExp(`"kid":"${kid}","msg":"a command key was issued`), 'the box has it by now');
  const config = JSON.parse(readFileSync(join(home.HOME ?? '', 'swipe/demo/gateway.json'), 'utf8'));
  assert.equal(config.commandKeys, [], 'and no other');
  const { pairings } = JSON.parse(await run(home, 0, 'registry', 'box', box));
  assert.equal(
    pairings.map(({ name, keys }: { name: string; keys: { kid: string }[] }) => [name, keys[0]?.kid]),
    [['demo-shop', kid]],
  );
  assert.match(await run(home, 0, 'pay', '100.50'), /^approved 100\.50 UAH$/m, "with the registry's key");

  demo.signal('SIGUSR2');
  await demo.out.find((line) => line.startsWith('registry   stopped'), 'the registry to stop');
  assert.not.ok(await answers(url));
  assert.match(await run(home, 0, 'pay', '20'), /^approved 20\.00 UAH$/m, 'payments go on');
  const shown = await run(home, 0, 'status');
  assert.match(shown, /^registration +active$/m);
  const times = /^registry .*, answered (.*)\n +should it stay silent, .* until (.*)$/m.exec(shown) ?? [];
  const [heardMs = 0, untilMs = 0] = times.slice(1).map(parseIsoTime);
  assert.is(untilMs - heardMs, 35 * 86_400_000);

  const code = wordIn(await run(home, 0, 'registry', 'pair', box), /^(\S+)/);
  assert.is((await statusOf(home)).registry?.pairing, null, 'nobody is there to tell the box');
  demo.signal('SIGUSR2');
  await demo.out.find((line) => line === `registry   answers again at ${url}`, 'the registry to come back');
  await until('the box is called', home, ({ registry }) => registry?.pairing?.code === code);

  await run(home, 0, 'registry', 'retire', box);
  await until('its session ends', home, ({ connected }) => !connected);
  await until('it is told', home, ({ status: now }) => now.registration.state === 'unregistered');
  assert.match(await run(home, 0, 'status'), /^retired +the operator has taken this box out of use/m);
  assert.match(await run(home, 1, 'pay', '30'), /^swipe pay: the broker .* Not authorized$/);
  assert.not.match(await run(home, 0, 'log'), /30\.00/);

  assert.equal(await demo.end('SIGTERM'), { code: 0, signal: null });
  assert.not.ok(await answers(url));
  assert.equal(demo.err.items, []);
});

test('a sale system is paired once the box has heard of the key, not of the code alone', async () => {
  const heard = (at: number, code: string | null) => ({
    heardAt: isoTime(at),
    pairing: code === null ? null : { code, expiresAt: isoTime(9) },
  });
  const views = [heard(1, null), heard(1, null), heard(2, 'the code'), heard(3, null)];
  const gateway = { registry: () => (views.length > 1 ? views.shift() : views[0]) };
  const shop = { saleSystem: 'SS-1', key: { kid: 'K-1', secret: '' } };
  assert.is(await pairedWith(gateway as never, async () => shop), shop);
  assert.equal(views, [heard(3, null)]);
});

test('without a registry: a box that nobody bills', async () => {
  const home = newHome();
  const demo = await startDemo(home, '--no-registry');
  assert.ok(demo.out.items.includes('registry   none'));
  const { status, registry } = await statusOf(home);
  assert.is(registry, null);
  assert.is(status.registration.state, 'active');
  assert.match(await run(home, 0, 'pay', '100.50'), /^approved/m);
  assert.match(await run(home, 1, 'registry', 'boxes'), /the config \/etc\/\S+ cannot be read/);
});

// Colours, and "erase the line" (ECMA-48 §8.3.117, §8.3.41).
const paint = new RegExp(`${String.fromCharCode(27)}\\[[\\d;]*[mK]`, 'g');

/** The demo in a terminal window: all that is drawn, and a keyboard. */
function openWindow(home: Home): { drawn: Trail<string>; type(keys: string): void } {
  const demo = [process.execPath, join(root, 'gateway/cli/swipe.mjs'), 'demo', ...freePorts].join(' ');
  const child = spawn('socat', ['STDIO', `EXEC:"${demo}",pty,setsid,ctty,stderr`], {
    cwd: root,
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...home },
  });
  const drawn = new Trail<string>('the window');
  let part = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const pieces = (part + text).split(/[\r\n]+/);
    part = pieces.pop() ?? '';
    // The LED's line ends when the next thing is drawn.
    const led = part.includes('●') ? [part] : [];
    for (const piece of [...pieces, ...led]) drawn.add(piece.replaceAll(paint, ''));
  });
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  void closed.then(() => drawn.end('it was closed'));
  endings.push(async () => {
    // Ctrl-C, as a person ends it; socat ends with it. Or the other way round: the terminal is gone.
    if (child.exitCode === null) child.stdin.write('\u0003');
    const cancel = systemTime.after(waitMaxMs, () => child.kill('SIGKILL'));
    await closed;
    cancel();
  });
  return { drawn, type: (keys) => void child.stdin.write(keys) };
}

needing(test, 'socat')(
  'in a window: key r stops the registry, and the LED says when the box is out',
  async () => {
    const home = newHome();
    const { drawn, type } = openWindow(home);
    const see = (pattern: RegExp): Promise<string> =>
      drawn.find((text) => pattern.test(text), String(pattern));
    await see(/^Ctrl-C ends it\./);
    const box = wordIn(await see(/^box /), /(SW-\w+)/);
    await see(/● green, steady/);
    // As somebody types who does not wait for what comes of it.
    type('rrrr');
    const said: string[] = [];
    await drawn.find((text) => {
      if (/^registry +(stopped|answers)/.test(text)) said.push(text.split(/[ :]+/)[1] ?? '');
      return said.length === 4;
    }, 'the registry to stop and to come back, twice');
    assert.equal(said, ['stopped', 'answers', 'stopped', 'answers']);
    await run(home, 0, 'registry', 'retire', box);
    await see(/● amber, 4 flashes/);
  },
);

test.run();
