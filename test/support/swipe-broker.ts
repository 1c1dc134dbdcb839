/** Mosquitto as an operator installs it: the files of provisioning/mosquitto as they stand, in other places. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import * as assert from 'uvu/assert';
import { isSwipeError } from '../../gateway/seams/error.ts';
import { silentLog } from '../../gateway/seams/log.ts';
import type { Cancel } from '../../gateway/seams/time.ts';
import { systemRandom } from '../../gateway/system/random.ts';
import { systemTime } from '../../gateway/system/time.ts';
import type { Authority } from '../../provisioning/registry/authority/authority.ts';
import { createBrokerAccess } from '../../provisioning/registry/broker/access.ts';
import { createControlChannel } from '../../provisioning/registry/broker/control.ts';
import { ownCredentials } from '../../provisioning/registry/broker/own-credentials.ts';
import { createTrustFiles, reloadByPidFile } from '../../provisioning/registry/broker/trust-files.ts';
import type { BrokerAccess, RevokedCertificate, WantedAccess } from '../../provisioning/registry/ports.ts';
import { newRequest, testAuthority } from './certificates.ts';
import { freePort } from './ports.ts';

const source = fileURLToPath(new URL('../../provisioning/mosquitto/', import.meta.url));

// Debian's /etc/mosquitto/mosquitto.conf, without the log file.
const debianConf = [
  'pid_file /run/mosquitto/mosquitto.pid',
  'persistence true',
  'persistence_location /var/lib/mosquitto/',
  'include_dir /etc/mosquitto/conf.d',
];

/** Who connects: a name, and what proves it. */
export interface Identity {
  cert: string;
  key: string;
  serial: string;
  ca: string;
}

/** The registry's side of one broker, and the broker. */
export interface SwipeBroker {
  readonly port: number;
  readonly url: string;
  /** Where `/var/lib/mosquitto/` is. */
  readonly stateDir: string;
  readonly pidFile: string;
  readonly crlFile: string;
  readonly caFile: string;
  /** The broker's own certificate and its key. */
  readonly certFile: string;
  readonly keyFile: string;
  readonly authority: Authority;
  readonly access: BrokerAccess;
  start(): Promise<void>;
  /** SIGTERM, as systemd does, or a harder one. */
  stop(signal?: NodeJS.Signals): Promise<void>;
  /** The CAs and a list of these certificates; `nowMs` as if it were another time. */
  trust(revoked: readonly RevokedCertificate[], nowMs?: number): Promise<void>;
  /** A certificate for a box or a sale system. */
  identity(name: string): Promise<Identity>;
  /** Another line of the registry's to the same broker. */
  newAccess(): BrokerAccess;
  /** A client of the broker; rejects when it is not let in. */
  enter(who: Partial<Identity>, options?: IClientOptions): Promise<MqttClient>;
}

/** Nobody but the registry. */
export const nobody: WantedAccess = {
  async *boxes() {},
  async *saleSystems() {},
};

/** All of these, with each sale system's boxes. */
export const wanting = (
  boxes: readonly string[],
  saleSystems: Readonly<Record<string, readonly string[]>> = {},
): WantedAccess => ({
  async *boxes() {
    for (const box of boxes) yield { box, saleSystems: [] };
  },
  async *saleSystems() {
    for (const [saleSystem, paired] of Object.entries(saleSystems)) yield { saleSystem, boxes: paired };
  },
});

/** Installs and starts a broker in an empty directory; `later` takes what has to be done in the end. */
export async function startSwipeBroker(
  directory: string,
  later: (end: () => unknown) => void,
): Promise<SwipeBroker> {
  const port = await freePort();
  const places = install(directory, port);
  const authority = await testAuthority(directory, Date.now());
  const serverKey = await newRequest();
  const server = await authority.issueBroker(['127.0.0.1'], serverKey.csr, Date.now());
  const [certFile, keyFile] = ['swipe.pem', 'swipe.key'].map((name) => join(places.etc, 'certs', name)) as [
    string,
    string,
  ];
  writeFileSync(certFile, server.chain);
  writeFileSync(keyFile, serverKey.key);

  const url = `mqtts://127.0.0.1:${port}`;
  const pidFile = join(places.run, 'mosquitto.pid');
  const crlFile = join(places.trust, 'crl.pem');
  const caFile = join(places.trust, 'ca.pem');
  let child: ChildProcess | null = null;
  const serverCa = async (): Promise<string> => (await authority.trustedCas()).join('');
  const own = ownCredentials(authority, { clock: systemTime, random: systemRandom });
  const credentials = async () => ({ ...(await own()), ca: await serverCa() });
  const reload = async (): Promise<void> => {
    if (child !== null) await reloadByPidFile(pidFile)();
  };
  const newAccess = (): BrokerAccess =>
    createBrokerAccess({
      control: createControlChannel({ url, credentials, time: systemTime, log: silentLog }),
      trust: createTrustFiles({ crlFile, caFile, reload, clock: systemTime }),
      log: silentLog,
    });
  const access = newAccess();

  const broker: SwipeBroker = {
    port,
    url,
    stateDir: places.lib,
    pidFile,
    crlFile,
    caFile,
    certFile,
    keyFile,
    authority,
    access,
    newAccess,
    async start() {
      for (const command of places.before) execFileSync('sh', ['-c', command]);
      child = await run(places.conf);
    },
    async stop(signal = 'SIGTERM') {
      const ending = child;
      child = null;
      if (ending === null) return;
      const exit = once(ending, 'exit');
      // Mosquitto forgets a SIGTERM that comes in its first moments, between its first words and its loop.
      let cancel: Cancel = () => {};
      const ask = (): void => {
        ending.kill(signal);
        cancel = systemTime.after(200, ask);
      };
      ask();
      await exit;
      cancel();
    },
    async trust(revoked, nowMs = Date.now()) {
      await access.trust({
        cas: await authority.trustedCas(),
        crl: await authority.crl(revoked, nowMs, nowMs),
      });
    },
    async identity(name) {
      const { csr, key } = await newRequest();
      const issued = name.startsWith('SW-')
        ? await authority.issueBox(name, csr, Date.now())
        : await authority.issueSaleSystem(name, csr, Date.now());
      return { cert: issued.chain, key, serial: issued.serial, ca: issued.ca };
    },
    async enter({ cert, key }, options = {}) {
      const client = await mqtt.connectAsync(
        url,
        {
          ca: await serverCa(),
          protocolVersion: 5,
          reconnectPeriod: 0,
          ...(cert === undefined ? {} : { cert }),
          ...(key === undefined ? {} : { key }),
          ...options,
        },
        false,
      );
      client.on('error', () => {});
      later(() => client.endAsync(true));
      return client;
    },
  };
  later(() => broker.stop('SIGKILL'));
  later(() => access.close());
  await broker.trust([]);
  await broker.start();
  return broker;
}

/** What the drop-in for systemd has done before each start, as shell commands. */
function commandsBefore(dropIn: string): string[] {
  return Array.from(dropIn.matchAll(/^ExecStartPre=\/bin\/sh -c '(.*)'$/gm), ([, command = '']) => command);
}

function install(directory: string, port: number) {
  const [lib, etc, run, trust] = ['lib', 'etc', 'run', 'trust'].map((name) => join(directory, name)) as [
    string,
    string,
    string,
    string,
  ];
  for (const folder of [lib, run, trust, join(etc, 'conf.d'), join(etc, 'certs')])
    mkdirSync(folder, { recursive: true });
  const placed = (text: string): string =>
    text
      .replaceAll('/var/lib/mosquitto/', `${lib}/`)
      .replaceAll('/var/lib/swipe-broker/', `${trust}/`)
      .replaceAll('/run/mosquitto/', `${run}/`)
      .replaceAll('/etc/mosquitto/', `${etc}/`)
      // Only root may give files away, and only root's Mosquitto becomes another user.
      .replaceAll('-o mosquitto -g mosquitto ', '');
  const text = (name: string): string => placed(readFileSync(join(source, name), 'utf8'));
  const conf = join(etc, 'mosquitto.conf');
  writeFileSync(conf, `${placed([...debianConf, 'user root'].join('\n'))}\n`);
  writeFileSync(
    join(etc, 'conf.d', 'swipe.conf'),
    text('swipe.conf').replace('listener 8883', `listener ${port} 127.0.0.1`),
  );
  cpSync(join(source, 'dynamic-security.json'), join(etc, 'swipe-dynamic-security.json'));
  return { lib, etc, run, trust, conf, before: commandsBefore(text('mosquitto.service.d/swipe.conf')) };
}

async function run(conf: string): Promise<ChildProcess> {
  const child = spawn('mosquitto', ['-c', conf, '-v'], { stdio: ['ignore', 'ignore', 'pipe'] });
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('exit', () => process.off('exit', kill));
  const last: string[] = [];
  await new Promise<void>((resolve, reject) => {
    createInterface({ input: child.stderr as NonNullable<typeof child.stderr> })
      .on('line', (line) => {
        last.push(line);
        if (process.env.SWIPE_TEST_LOG === '1') process.stderr.write(`${line}\n`);
        if (/mosquitto version .* running/.test(line)) resolve();
      })
      .once('close', () => reject(new Error(`mosquitto has ended: ${last.slice(-3).join(' | ')}`)));
  });
  return child;
}

/** Resolves when a client's connection has ended. */
export async function ended(client: MqttClient): Promise<void> {
  if (client.connected) await new Promise<void>((resolve) => void client.once('close', () => resolve()));
}

/** Why a client is not let in, in a word; `in` when it is. */
export const entrance = (entering: Promise<MqttClient>): Promise<string> =>
  entering.then(
    async (client) => {
      await client.endAsync(true);
      return 'in';
    },
    (error: Error & { code?: unknown }) => String(error.code ?? error.message),
  );

// mqtt.js keeps what is asked of it without a connection for ever.
const asked = async (client: MqttClient, question: () => Promise<unknown>): Promise<boolean> => {
  assert.ok(client.connected, 'the session has ended');
  return await question().then(
    () => true,
    () => false,
  );
};
/** Whether a client may write there: by a real, empty message. MQTT 5 only. */
export const writes = (client: MqttClient, topic: string): Promise<boolean> =>
  asked(client, () => client.publishAsync(topic, '{}', { qos: 1 }));
/** Whether a client may subscribe to it. */
export const reads = (client: MqttClient, topic: string): Promise<boolean> =>
  asked(client, () => client.subscribeAsync(topic, { qos: 1 }));

/** Again and again, as the registry does, while the broker cannot be used. */
export async function insist<Value>(work: () => Promise<Value>): Promise<Value> {
  for (let tries = 1; ; tries += 1)
    try {
      return await work();
    } catch (error) {
      assert.ok(isSwipeError(error, 'brokerUnreachable'), String(error));
      assert.ok(tries < 50);
    }
}
