/** A box with a desk, on real time: the real gateway, a broker, a simulated terminal, HTTP on loopback. */
import { makeBoxKey } from '../../gateway/cloud/box-key.ts';
import { createSignatures } from '../../gateway/cloud/jws.ts';
import { createMqttConnector } from '../../gateway/cloud/mqtt-connector.ts';
import { parseConfig } from '../../gateway/contract/config.ts';
import type { Result } from '../../gateway/contract/result.ts';
import { isoTime } from '../../gateway/contract/time.ts';
import { createDesk, type DeskParts } from '../../gateway/desk/desk.ts';
import { createGateway, type Gateway } from '../../gateway/gateway.ts';
import { noPanel } from '../../gateway/panel/panel.ts';
import { type Registration, unbilled } from '../../gateway/payments/outside.ts';
import { type Log, silentLog } from '../../gateway/seams/log.ts';
import type { Cancel, Time } from '../../gateway/seams/time.ts';
import { startEmbeddedBroker } from '../../gateway/simulators/broker.ts';
import { MemoryJournal } from '../../gateway/simulators/journal.ts';
import { inProcessLink } from '../../gateway/simulators/links.ts';
import { newOperationId } from '../../gateway/simulators/operation-id.ts';
import {
  connectSaleSystem,
  type HmacKey,
  readResult,
  type SaleSystem,
  type SaleSystemListener,
  signCommand,
} from '../../gateway/simulators/sale-system.ts';
import type { ScriptInput } from '../../gateway/simulators/terminal/script.ts';
import {
  createSimulatedTerminal,
  type SimulatedTerminal,
} from '../../gateway/simulators/terminal/terminal.ts';
import { systemRandom } from '../../gateway/system/random.ts';
import { systemTime } from '../../gateway/system/time.ts';
import { createPrivatTerminal } from '../../gateway/terminal/privat-json/driver.ts';

const keyOf = (kid: string): HmacKey => ({
  kid,
  secret: Buffer.from(`the secret of ${kid}`.padEnd(40, '.')).toString('base64url'),
});

/** Those whom the box knows: the shop may do everything, the clerk only ask for the status; and one that it does not. */
export const deskKeys = {
  shop: keyOf('shop'),
  other: keyOf('other'),
  clerk: keyOf('clerk'),
  nobody: keyOf('nobody'),
};

/** What a box is like. */
export interface DeskBoxOptions extends Partial<Pick<DeskParts, 'limits' | 'times'>> {
  script?: ScriptInput;
  /** Of the config's `desk`. */
  desk?: { hosts?: string[]; callbacks?: string[]; origins?: string[] };
  registration?: Registration;
  log?: Log;
  journal?: MemoryJournal;
}

/** A box at work. */
export interface DeskBox {
  box: string;
  /** Of its desk. */
  url: string;
  port: number;
  gateway: Gateway;
  terminal: SimulatedTerminal;
  journal: MemoryJournal;
  /** What the bank has, in short: `sale 10050`. */
  ledger(): string[];
  command(type: string, members?: object): Record<string, unknown> & { id: string };
  payment(members?: object): Record<string, unknown> & { id: string };
  /** A read token. */
  token(key?: HmacKey, members?: object): string;
  /** Hands in over HTTP. */
  post(jws: string, query?: string, headers?: Record<string, string>): Promise<Response>;
  get(path: string, headers?: Record<string, string>): Promise<Response>;
  /** A sale system on the broker. */
  onBroker(key: HmacKey, listener: SaleSystemListener): Promise<SaleSystem>;
  /** What must not happen. */
  failures: unknown[];
  close(): Promise<void>;
}

/** Opens one, and waits until it can take payments. */
export async function openDeskBox(options: DeskBoxOptions = {}): Promise<DeskBox> {
  const boxKey = makeBoxKey(systemRandom.bytes(32));
  const { box } = boxKey;
  const broker = await startEmbeddedBroker(0);
  const commandKeys = [
    { ...deskKeys.shop, alg: 'HS256' },
    { ...deskKeys.other, alg: 'HS256' },
    { ...deskKeys.clerk, alg: 'HS256', allow: ['status'] },
  ];
  const parsed = parseConfig({
    broker: { url: broker.url },
    terminal: {
      protocol: 'privat-json',
      link: 'tcp:nowhere:2000',
      commandGapMs: 0,
      merchants: { shop: '1' },
      defaultMerchant: 'shop',
    },
    desk: { listen: '127.0.0.1:1', ...options.desk },
    commandKeys,
  });
  if ('faults' in parsed) throw new Error(JSON.stringify(parsed.faults));
  const { config } = parsed;
  const [time, random, log] = [systemTime, systemRandom, options.log ?? silentLog];
  const script = options.script ?? { options: { stepMs: 5, lookUpMs: 1 } };
  // A terminal goes on when nobody is connected: its timers end with the box.
  const pending = new Set<Cancel>();
  const terminalTime: Time = {
    ...time,
    after(delayMs, run) {
      const cancel = time.after(delayMs, () => {
        pending.delete(cancel);
        run();
      });
      pending.add(cancel);
      return cancel;
    },
  };
  const terminal = createSimulatedTerminal({ time: terminalTime, random, log: silentLog, script });
  const journal = options.journal ?? new MemoryJournal({ createdAtMs: time.nowMs() - 3_600_000 });
  const failures: unknown[] = [];
  if (config.desk === null) throw new Error('no desk');
  const { limits, times } = options;
  const desk = createDesk({
    config: config.desk,
    port: 0,
    time,
    random,
    log,
    ...(limits && { limits }),
    ...(times && { times }),
  });
  const gateway = createGateway({
    box,
    config,
    journal,
    terminal: createPrivatTerminal({
      ...config.terminal,
      link: inProcessLink(terminal, time),
      time,
      random,
      log: silentLog,
      sessionPauseMs: 1,
    }),
    connector: createMqttConnector({ broker: { url: broker.url }, box, timers: time, log: silentLog }),
    signatures: await createSignatures({ box, commandKeys: config.commandKeys, boxKey }),
    registration: options.registration ?? unbilled,
    panel: noPanel,
    desk,
    time,
    random,
    schedule: { daily: () => () => {} },
    verifyStep: null,
    synchronised: () => true,
    log,
    fatal: (error) => failures.push(error),
  });
  gateway.start();
  await until(() => {
    const { terminal: device } = gateway.status();
    return gateway.isConnected() && device.state === 'ready' && gateway.desk()?.listening === true;
  });
  const url = gateway.desk()?.url ?? '';

  const command = (type: string, members: object = {}) => {
    const nowMs = time.nowMs();
    const times = { issuedAt: isoTime(nowMs), expiresAt: isoTime(nowMs + 120_000) };
    return { id: newOperationId(nowMs, random), box, type, ...times, ...members };
  };
  return {
    box,
    url,
    port: Number(new URL(url).port),
    gateway,
    terminal,
    journal,
    failures,
    ledger: () => terminal.ledger().map(({ kind, amount }) => `${kind} ${amount}`),
    command,
    payment: (members = {}) => command('payment', { amount: 10050, currency: 'UAH', ...members }),
    token(key = deskKeys.shop, members = {}) {
      const nowMs = time.nowMs();
      const payload = {
        box,
        use: 'read',
        issuedAt: isoTime(nowMs),
        expiresAt: isoTime(nowMs + 600_000),
        ...members,
      };
      return signCommand(payload, key);
    },
    post: (jws, query = '', headers = {}) =>
      fetch(`${url}/v1/operations${query}`, {
        method: 'POST',
        body: jws,
        headers: { 'content-type': 'application/jose', ...headers },
      }),
    get: (path, headers = {}) => fetch(url + path, { headers, redirect: 'manual' }),
    onBroker: (key, listener) => connectSaleSystem({ url: broker.url, box, key }, listener),
    async close() {
      await gateway.stop();
      await broker.close();
      for (const cancel of pending) cancel();
    },
  };
}

/** Resolves when it is so. */
export async function until(isSo: () => boolean, limitMs = 20_000): Promise<void> {
  for (const endMs = systemTime.monotonicMs() + limitMs; !isSo(); ) {
    if (systemTime.monotonicMs() > endMs) throw new Error(`not so after ${limitMs} ms: ${isSo}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** The result in an answer of the desk, signature checked. */
export async function resultIn(response: Response, key: HmacKey = deskKeys.shop): Promise<Result> {
  const text = await response.text();
  const result = readResult(text, key);
  if (response.status !== 200 || result === null) throw new Error(`no result: ${response.status} ${text}`);
  return result;
}

/** Status and code of a refusal. */
export async function refusalIn(response: Response): Promise<string> {
  const { code } = (await response.json()) as { code?: string };
  return `${response.status} ${code}`;
}
