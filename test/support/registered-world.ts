/** A whole box in one process under virtual time, that is known at a registry. */
import { createRegistrar, type Registrar } from '../../gateway/cloud/registration/registrar.ts';
import { type CommandKey, parseConfig } from '../../gateway/contract/config.ts';
import type { Result } from '../../gateway/contract/result.ts';
import { isoTime } from '../../gateway/contract/time.ts';
import { topicsOf } from '../../gateway/contract/topics.ts';
import { createGateway, type Gateway } from '../../gateway/gateway.ts';
import { noPanel } from '../../gateway/panel/panel.ts';
import { silentLog } from '../../gateway/seams/log.ts';
import { MemoryJournal } from '../../gateway/simulators/journal.ts';
import { inProcessLink } from '../../gateway/simulators/links.ts';
import { type HmacKey, readResult, signCommand } from '../../gateway/simulators/sale-system.ts';
import type { ScriptInput } from '../../gateway/simulators/terminal/script.ts';
import { createSimulatedTerminal } from '../../gateway/simulators/terminal/terminal.ts';
import { createPrivatTerminal } from '../../gateway/terminal/privat-json/driver.ts';
import { seededRandom } from '../simulation/random.ts';
import { SimBroker } from '../simulation/sim-broker.ts';
import { Trace } from '../simulation/trace.ts';
import { FakeRegistry } from './fake-registry.ts';
import { box, boxKey, FakeDisk } from './registrar-bench.ts';
import { createSyncSignatures } from './sync-signatures.ts';
import { VirtualTime } from './virtual-time.ts';

const secretOf = (text: string): string => Buffer.from(text.padEnd(32, '.')).toString('base64url');

/** Keys of sale systems: the config's, and two that the registry issues. */
export const saleKeys = {
  own: { kid: 'own', secret: secretOf('out of the config') },
  paired: { kid: 'paired', secret: secretOf('issued by the registry') },
  other: { kid: 'other', secret: secretOf('issued, too') },
} satisfies Record<string, HmacKey>;

/** A key as the registry tells it. */
export const issued = (
  key: HmacKey,
  allow: CommandKey['allow'] = ['payment', 'status', 'abort'],
): CommandKey => ({
  ...key,
  alg: 'HS256',
  allow,
});

const topics = topicsOf(box);

/** See the module. */
export class RegisteredWorld {
  readonly time = new VirtualTime();
  readonly registry = new FakeRegistry(this.time);
  readonly broker = new SimBroker(this.time, new Trace(() => this.time.monotonicMs(), false));
  readonly disk = new FakeDisk();
  readonly journal = new MemoryJournal({ createdAtMs: this.time.nowMs() - 3_600_000 });
  readonly terminal: ReturnType<typeof createSimulatedTerminal>;
  readonly results: { kid: string; result: Result }[] = [];
  readonly failures: unknown[] = [];
  readonly #random = seededRandom(1);
  gateway!: Gateway;
  registrar!: Registrar;
  #made = 0;

  constructor(script: ScriptInput = { options: { stepMs: 500 } }) {
    this.terminal = createSimulatedTerminal({
      time: this.time,
      random: this.#random,
      log: silentLog,
      script,
    });
    this.broker.onPublish = (topic, payload) => {
      if (topic !== topics.results) return;
      for (const key of Object.values(saleKeys)) {
        const result = readResult(payload, key);
        if (result !== null) this.results.push({ kid: key.kid, result });
      }
    };
  }

  /** Boots, and waits until all is well. */
  async start(): Promise<void> {
    const parsed = parseConfig({
      stateDir: '/nowhere',
      broker: { url: 'mqtt://nowhere' },
      terminal: {
        protocol: 'privat-json',
        link: 'tcp:nowhere:2000',
        merchants: { shop: '1' },
        defaultMerchant: 'shop',
      },
      commandKeys: [{ ...saleKeys.own, alg: 'HS256' }],
    });
    if ('faults' in parsed) throw new Error(JSON.stringify(parsed.faults));
    const { config } = parsed;
    const { time } = this;
    const random = this.#random;
    this.registrar = createRegistrar({
      box,
      boxKey,
      registry: { url: 'https://registry.example', key: this.registry.pairs[0]?.x as string },
      ownKids: [saleKeys.own.kid],
      file: this.disk,
      tlsKeys: null,
      exchange: this.registry.exchange,
      hardware: { model: null, serial: null, system: null },
      time,
      random,
      log: silentLog,
    });
    this.gateway = createGateway({
      box,
      config,
      journal: this.journal,
      terminal: createPrivatTerminal({
        ...config.terminal,
        link: inProcessLink(this.terminal, time),
        time,
        random,
        log: silentLog,
      }),
      connector: this.broker,
      signatures: createSyncSignatures({
        box,
        commandKeys: config.commandKeys,
        issued: this.registrar.keys,
        boxKey,
      }),
      registration: this.registrar.registration,
      registrar: this.registrar,
      panel: noPanel,
      time,
      random,
      schedule: { daily: () => () => {} },
      verifyStep: null,
      synchronised: () => true,
      log: silentLog,
      fatal: (error) => this.failures.push(error),
    });
    this.gateway.start();
    await time.runUntil(
      () => this.gateway.isConnected() && this.gateway.status().terminal.state === 'ready',
      60_000,
    );
    // Those that have all they need ask within half a minute.
    await time.advance(31_000);
  }

  /** Stops in good order; time has to pass for it. */
  async stop(): Promise<void> {
    const stopped = this.gateway.stop();
    let isOver = false;
    void stopped.then(() => {
      isOver = true;
    });
    await this.time.runUntil(() => isOver, 60_000);
  }

  /** The registry tells this from now on, and calls the box. */
  async tell(told: FakeRegistry['told']): Promise<void> {
    this.registry.told = { ...this.registry.told, ...told };
    this.registry.revision += 1;
    const notice = Buffer.from(this.registry.notice(box, this.registry.revision)).toString('latin1');
    this.broker.send(topics.registry, notice, true, 'registry');
    await this.time.advance(100);
  }

  command(type: string, members: object = {}): { id: string } & Record<string, unknown> {
    this.#made += 1;
    const nowMs = this.time.nowMs();
    return {
      id: `operation-${String(this.#made).padStart(4, '0')}`,
      box,
      type,
      issuedAt: isoTime(nowMs),
      expiresAt: isoTime(nowMs + 120_000),
      ...members,
    };
  }

  send(command: object, key: HmacKey): void {
    this.broker.send(topics.commands, signCommand(command, key), false, key.kid);
  }

  /** The next result of this operation: `kid outcome code`. */
  async outcomeOf({ id }: { id: string }, limitMs = 300_000): Promise<string> {
    const before = this.results.filter(({ result }) => result.id === id).length;
    const found = () => this.results.filter(({ result }) => result.id === id)[before];
    await this.time.runUntil(() => found() !== undefined, limitMs);
    const { kid, result } = found() as { kid: string; result: Result };
    return `${kid} ${result.outcome} ${result.reason.code}`;
  }

  /** What becomes of a payment with this key. */
  async pay(key: HmacKey, amount = 10050): Promise<string> {
    const payment = this.command('payment', { amount, currency: 'UAH' });
    this.send(payment, key);
    return this.outcomeOf(payment);
  }

  /** Whether a command with this key is dropped without a word. */
  async isDeafTo(key: HmacKey): Promise<boolean> {
    const before = this.gateway.counters().dropped.unsigned;
    this.send(this.command('status', { target: 'operation-0001' }), key);
    await this.time.advance(100);
    return this.gateway.counters().dropped.unsigned === before + 1;
  }
}
