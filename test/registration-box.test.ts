/** A box, the registry, a Mosquitto that lets nobody in without a certificate: all of it real, in this process or beside it. */
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MqttClient } from 'mqtt';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { command as statusCommand } from '../gateway/cli/status.ts';
import type { RegistryView } from '../gateway/cloud/registration/report.ts';
import { parseConfig } from '../gateway/contract/config.ts';
import type { PairingAnswer } from '../gateway/contract/registration.ts';
import type { Result } from '../gateway/contract/result.ts';
import { isoTime } from '../gateway/contract/time.ts';
import { topicsOf } from '../gateway/contract/topics.ts';
import { serveControl } from '../gateway/control/server.ts';
import { type RunningGateway, startGateway } from '../gateway/main.ts';
import { silentLog } from '../gateway/seams/log.ts';
import { type HmacKey, readResult, signCommand } from '../gateway/simulators/sale-system.ts';
import { serveTcp } from '../gateway/simulators/terminal/tcp.ts';
import { createSimulatedTerminal } from '../gateway/simulators/terminal/terminal.ts';
import { systemRandom } from '../gateway/system/random.ts';
import { systemTime } from '../gateway/system/time.ts';
import { registryConfigOf } from '../provisioning/registry/config.ts';
import { startRegistry } from '../provisioning/registry/main.ts';
import { retireBox } from '../provisioning/registry/services/boxes.ts';
import { addCustomer, newClaim } from '../provisioning/registry/services/customers.ts';
import { newPairingCode } from '../provisioning/registry/services/pairing.ts';
import { root } from './registry/world.ts';
import { World } from './simulation/world.ts';
import { newRequest } from './support/certificates.ts';
import { withCleanup } from './support/mqtt.ts';
import { needing } from './support/needs.ts';
import { type SwipeBroker, startSwipeBroker } from './support/swipe-broker.ts';
import { tempDirs } from './support/temp.ts';

const test = suite('registration: a whole box');
const tempDir = tempDirs(test);

/** Waits for something that announces itself to nobody here. */
async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await holds()); tries += 1) {
    if (tries === 1500) throw new Error(`still not so: ${what}`);
    await new Promise<void>((resolve) => void systemTime.after(20, resolve));
  }
}

type Later = (end: () => unknown) => void;

/** The registry with its broker. */
async function startCloud(directory: string, broker: SwipeBroker, later: Later, port = 0) {
  const masterKeyFile = join(directory, 'master.key');
  // That of the authority which has signed the broker's certificate.
  writeFileSync(masterKeyFile, '07'.repeat(32), { mode: 0o600 });
  const config = registryConfigOf(
    {
      listen: { port },
      database: { kind: 'sqlite', path: join(directory, 'data', 'registry.db') },
      masterKeyFile,
      authorityDir: join(directory, 'authority'),
      broker: {
        url: broker.url,
        control: { url: broker.url },
        crlFile: broker.crlFile,
        caFile: broker.caFile,
        pidFile: broker.pidFile,
      },
    },
    'test',
  );
  const registry = await startRegistry(config, { log: silentLog });
  let stopped: Promise<void> | null = null;
  const stop = (): Promise<void> => {
    stopped ??= registry.stop();
    return stopped;
  };
  later(stop);
  return { ...registry, stop };
}

/** A simulated terminal, and a config for a box that has it and knows nothing but its registry. */
async function layBox(
  directory: string,
  registry: { url: string; key: string },
  claim: string,
  later: Later,
) {
  const terminal = createSimulatedTerminal({
    time: systemTime,
    random: systemRandom,
    log: silentLog,
    script: { options: { stepMs: 20 } },
  });
  later(() => terminal.stop());
  const served = await serveTcp(terminal, { host: '127.0.0.1', port: 0 });
  later(() => served.close());
  const input = {
    stateDir: join(directory, 'state'),
    registry: { url: registry.url, key: registry.key, claim },
    terminal: {
      protocol: 'privat-json',
      link: served.link,
      merchants: { shop: '1' },
      defaultMerchant: 'shop',
    },
    commandKeys: [],
  };
  const configFile = join(directory, 'gateway.json');
  writeFileSync(configFile, JSON.stringify(input));
  const parsed = parseConfig(input);
  if ('faults' in parsed) throw new Error(JSON.stringify(parsed.faults));
  const { config } = parsed;
  return {
    stateDir: config.stateDir,
    async start(): Promise<RunningGateway> {
      const running = await startGateway(config, { log: silentLog, sessionPauseMs: 20 });
      later(() => running.stop());
      await until('connected and ready', () => {
        const { terminal: seen } = running.gateway.status();
        return running.gateway.isConnected() && seen.state === 'ready';
      });
      return running;
    },
    status: () => printed(configFile),
  };
}

/** What `swipe status` prints. */
async function printed(configFile: string): Promise<string> {
  const lines: string[] = [];
  await statusCommand.run(['--config', configFile], {
    out: (line) => void lines.push(line),
    error() {},
    signal: new AbortController().signal,
  });
  return lines.join('\n');
}

/** What a sale system does with a code that somebody read out to it. */
async function pair(url: string, code: string, broker: SwipeBroker) {
  const { csr, key } = await newRequest();
  const response = await fetch(`${url}/v1/pairings`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ code, name: '1C', csr }),
  });
  const answer = (await response.json()) as PairingAnswer;
  const client = await broker.enter({ cert: answer.certificate ?? '', key });
  return { client, key: { kid: answer.kid, secret: answer.secret ?? '' } };
}

/** The outcome of a payment; sent anew with a new id when the key has not reached the box yet. */
async function pay(client: MqttClient, box: string, key: HmacKey): Promise<string> {
  const topics = topicsOf(box);
  const results: Result[] = [];
  client.removeAllListeners('message');
  client.on('message', (_topic, payload) => {
    const result = readResult(payload.toString(), key);
    if (result !== null) results.push(result);
  });
  const granted = async (): Promise<boolean> => {
    const [answer] = await client.subscribeAsync(topics.results, { qos: 1 }).catch(() => []);
    return answer?.qos === 1;
  };
  await until('the sale system may read results', granted);
  const nowMs = systemTime.nowMs();
  const payment = {
    id: `operation-${nowMs}`,
    box,
    type: 'payment',
    amount: 10050,
    currency: 'UAH',
    issuedAt: isoTime(nowMs),
    expiresAt: isoTime(nowMs + 60_000),
  };
  await client.publishAsync(topics.commands, signCommand(payment, key), { qos: 1 });
  await until('a result', () => results.some(({ id }) => id === payment.id));
  return results.find(({ id }) => id === payment.id)?.outcome ?? '';
}

needing(test, 'mosquitto')(
  'from a claim code to a payment; the registry away; the box out of use, and back',
  () =>
    withCleanup(async (later) => {
      const directory = tempDir();
      const broker = await startSwipeBroker(directory, later);
      const registry = await startCloud(directory, broker, later);
      const { core } = registry;
      const { customer } = await addCustomer(core, root, 'Shop');
      const { code: claim } = await newClaim(core, root, { customer });
      const laid = await layBox(directory, registry, claim, later);
      const { box, gateway, stop } = await laid.start();
      assert.is(gateway.status().registration.state, 'active');
      const { code } = await newPairingCode(core, root, box);
      await until('the code is shown', async () => (await laid.status()).includes(code));
      const shown = await laid.status();
      assert.match(shown, /registration\s+active/);
      assert.match(shown, /registry\s+http:\/\/127\.0\.0\.1:\d+, answered 20/);
      assert.match(shown, /pairing\s+\S+, to be typed at a sale system until 20/);
      assert.not.match(shown, /in vain|claim|warning/);

      const { client, key } = await pair(registry.url, code, broker);
      await until('the key is there', async () => !(await laid.status()).includes(code));
      assert.is(await pay(client, box, key), 'approved');

      await stop();
      await registry.stop();
      const again = await laid.start();
      assert.is(again.gateway.status().registration.state, 'active');
      assert.is(await pay(client, box, key), 'approved', 'payments go on without the registry');
      for (const name of readdirSync(laid.stateDir)) {
        if (!statSync(join(laid.stateDir, name)).isFile()) continue;
        const text = readFileSync(join(laid.stateDir, name));
        assert.is(text.includes(key.secret), name === 'registration.json', name);
      }
      for (const name of ['registration.json', 'tls-key.pem'])
        assert.is(statSync(join(laid.stateDir, name)).mode & 0o777, 0o600);

      const back = await startCloud(directory, broker, later, Number(new URL(registry.url).port));
      const asked = again.gateway.registry()?.heardAt;
      await retireBox(back.core, root, box, 'retired');
      await until('thrown out', () => !again.gateway.isConnected());
      await until('told so', () => again.gateway.registry()?.heardAt !== asked);
      const out = await laid.status();
      assert.match(out, /broker\s+not connected/);
      assert.match(out, /registration\s+unregistered/);
      assert.match(out, /retired\s+the operator has taken this box out of use; to use it again: /);
      assert.not.match(out, /in vain/);
      await again.stop();

      const { code: newCode } = await newClaim(back.core, root, { customer });
      const shelf = await layBox(directory, back, newCode, later);
      const third = await shelf.start();
      assert.equal([third.box, third.gateway.status().registration.state], [box, 'active']);
    }),
);

test('swipe status says why a box is unregistered, what was in vain, and when payments end', async () => {
  const directory = tempDir();
  const configFile = join(directory, 'gateway.json');
  const config = {
    stateDir: directory,
    broker: { url: 'mqtt://127.0.0.1:1' },
    terminal: { protocol: 'privat-json', link: 'tcp:127.0.0.1:1' },
    commandKeys: [],
  };
  writeFileSync(configFile, JSON.stringify(config));
  const world = new World();
  await world.start();
  let registry: RegistryView | null = null;
  const gateway = { ...world.gateway, registry: () => registry };
  const control = await serveControl(join(directory, 'control.sock'), gateway);
  try {
    assert.not.match(await printed(configFile), /^registry/m);
    registry = {
      url: 'https://registry.example',
      state: 'unregistered',
      reason: 'claimExpired',
      pairing: null,
      heardAt: null,
      endsAt: null,
      failure: 'HTTP 502',
    };
    const never = await printed(configFile);
    assert.match(
      never,
      /^registry +https:\/\/registry\.example, has not answered yet\n +the last try was in vain: HTTP 502$/m,
    );
    assert.match(never, /^claim +the claim code has expired/m);
    registry = {
      ...registry,
      reason: null,
      heardAt: '2026-11-21T08:00:00.000Z',
      endsAt: '2026-12-26T08:00:00.000Z',
    };
    assert.match(await printed(configFile), /^warning +no new payments from 2026-12-26T08:00:00\.000Z on/m);
  } finally {
    await control.close();
  }
});

test.run();
