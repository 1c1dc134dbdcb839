/** The real process under a service manager of the test's own, which ends what gives no sign of life in time. */
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { pause } from '../gateway/seams/time.ts';
import { startEmbeddedBroker } from '../gateway/simulators/broker.ts';
import { systemTime } from '../gateway/system/time.ts';
import { type Child, root, swipe } from './support/child.ts';
import { freePort } from './support/ports.ts';
import { tempDirs } from './support/temp.ts';

const test = suite('watchdog: process');
const tempDir = tempDirs(test);

const watchdogMs = 4_000;
const account = { username: 'box', password: 'thirty-two printable characters!' };
const secret = Buffer.from(account.password).toString('base64url');
const ends: (() => unknown)[] = [];

test.after.each(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** A gateway with a systemd-notify that writes down what it is told. */
async function notifying(brokerUrl: string) {
  const directory = tempDir();
  const inside = (name: string): string => join(directory, name);
  const said = inside('said');
  writeFileSync(inside('systemd-notify'), `#!/bin/sh\nprintf '%s\\n' "$*" >>'${said}'\n`);
  chmodSync(inside('systemd-notify'), 0o755);
  const port = await freePort();
  const config = inside('gateway.json');
  writeFileSync(
    config,
    JSON.stringify({
      stateDir: inside('state'),
      broker: { url: brokerUrl, ...account },
      terminal: {
        protocol: 'privat-json',
        link: `tcp:127.0.0.1:${port}`,
        merchants: { shop: '1' },
        defaultMerchant: 'shop',
      },
      commandKeys: [{ kid: 'shop', alg: 'HS256', secret }],
    }),
  );
  const terminal = (): Child => {
    const child = swipe(['terminal', '--tcp', String(port)]);
    ends.push(() => child.end('SIGKILL'));
    return child;
  };
  const gateway = swipe(['gateway', '--config', config], {
    PATH: `${directory}:${process.env.PATH}`,
    NOTIFY_SOCKET: inside('nobody-listens'),
    WATCHDOG_USEC: String(watchdogMs * 1000),
    NODE_OPTIONS: `--import=${join(root, '.ci/package-check.d/fault.mjs')}`,
    SWIPE_FAULT: inside('fault'),
    SWIPE_FAULT_PORT: String(port),
  });
  ends.push(() => gateway.end('SIGKILL'));
  const lines = (): string[] => (existsSync(said) ? readFileSync(said, 'utf8').trim().split('\n') : []);
  const until = async (what: string, fits: () => boolean): Promise<void> => {
    for (const endMs = systemTime.monotonicMs() + 20_000; !fits(); await pause(systemTime, 20))
      assert.ok(systemTime.monotonicMs() < endMs, `${what}: ${lines().join(' | ')} ${gateway.said()}`);
  };
  return {
    gateway,
    config,
    terminal,
    lines,
    until,
    /** Waits until the gateway has told systemd this once more. */
    async hears(what: string): Promise<void> {
      const before = lines().filter((line) => line.includes(what)).length;
      await until(what, () => lines().filter((line) => line.includes(what)).length > before);
    },
    hang(part: string): void {
      writeFileSync(inside('fault'), part);
      gateway.signal('SIGUSR2');
    },
    /** Watches as systemd does, from now on: 'killed' when a sign of life is late or the manager was asked to. */
    async watch(forMs: number): Promise<'killed' | 'alive'> {
      let heard = lines().length;
      const beganMs = systemTime.monotonicMs();
      for (let lastMs = beganMs; ; await pause(systemTime, 20)) {
        const nowMs = systemTime.monotonicMs();
        const all = lines();
        if (all.slice(heard).some((line) => line.includes('WATCHDOG=trigger'))) return 'killed';
        if (all.length > heard) lastMs = nowMs;
        heard = all.length;
        if (nowMs - lastMs > watchdogMs) return 'killed';
        if (nowMs - beganMs > forMs) return 'alive';
      }
    },
  };
}

const withBroker = async () => {
  const broker = await startEmbeddedBroker(0, [account]);
  ends.push(() => broker.close());
  return notifying(broker.url);
};

const readyTerminal = 'STATUS=terminal ready';

test('ready, signs of life, and at the end that it stops', async () => {
  const { gateway, lines, hears, terminal } = await withBroker();
  await hears('READY=1');
  assert.is(lines()[0], 'READY=1 STATUS=terminal absent, broker not connected');
  terminal();
  await hears(`WATCHDOG=1 ${readyTerminal}, broker connected`);
  assert.equal(await gateway.end('SIGTERM'), { code: 0, signal: null });
  assert.is(lines().at(-1), 'STOPPING=1');
});

test('a broker that takes the connection and says nothing: alive', async () => {
  const mute = createServer((socket) => void ends.push(() => socket.destroy()));
  await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
  ends.push(() => mute.close());
  const { port } = mute.address() as { port: number };
  const box = await notifying(`mqtt://127.0.0.1:${port}`);
  await box.hears('READY=1');
  assert.is(await box.watch(2 * watchdogMs), 'alive');
});

test('the event loop is blocked: ended by the watchdog', async () => {
  const box = await withBroker();
  await box.hears('WATCHDOG=1');
  box.hang('loop');
  assert.is(await box.watch(3 * watchdogMs), 'killed');
});

test('the journal hangs in a sync: ended by the watchdog', async () => {
  const box = await withBroker();
  box.terminal();
  await box.hears(readyTerminal);
  box.hang('journal');
  const pay = swipe(['pay', '1.00', '--config', box.config]);
  ends.push(() => pay.end('SIGKILL'));
  // Until the command has come as far as the journal there are signs of life.
  assert.is(await box.watch(6 * watchdogMs), 'killed');
});

test("the terminal's owner waits for ever: ended by the watchdog, and the log says why", async () => {
  const box = await withBroker();
  await box.hears('WATCHDOG=1');
  // Its first visit to the terminal does not end.
  box.hang('terminal');
  box.terminal();
  assert.is(await box.watch(6 * watchdogMs), 'killed');
  const told = box.gateway.out.items
    .map((line) => JSON.parse(line))
    .find(({ msg }) => msg.includes('has hung'));
  assert.match(told?.reason ?? '', /^the terminal's owner has had no turn for \d+ s$/);
});

test.run();
