/** A whole box in one process under virtual time: the real gateway between a simulated broker and a simulated terminal. */
import type { BrokerConnector } from '../../gateway/cloud/ports.ts';
import type { Registrar } from '../../gateway/cloud/registration/registrar.ts';
import type { CommandKey, Config } from '../../gateway/contract/config.ts';
import type { BoxEvent } from '../../gateway/contract/event.ts';
import type { Result } from '../../gateway/contract/result.ts';
import { isoTime } from '../../gateway/contract/time.ts';
import { topicsOf } from '../../gateway/contract/topics.ts';
import { createGateway, type Gateway } from '../../gateway/gateway.ts';
import { noPanel, type Panel } from '../../gateway/panel/panel.ts';
import { type Registration, unbilled } from '../../gateway/payments/outside.ts';
import type { PrinterOfBox } from '../../gateway/printer/desk.ts';
import { type Log, silentLog } from '../../gateway/seams/log.ts';
import type { Time } from '../../gateway/seams/time.ts';
import { MemoryJournal } from '../../gateway/simulators/journal.ts';
import { type InProcessLink, inProcessLink } from '../../gateway/simulators/links.ts';
import { type HmacKey, signCommand } from '../../gateway/simulators/sale-system.ts';
import type { ScriptInput } from '../../gateway/simulators/terminal/script.ts';
import {
  createSimulatedTerminal,
  type SimulatedTerminal,
} from '../../gateway/simulators/terminal/terminal.ts';
import type { Link } from '../../gateway/terminal/links/link.ts';
import { createPrivatTerminal } from '../../gateway/terminal/privat-json/driver.ts';
import { createSyncSignatures } from '../support/sync-signatures.ts';
import { VirtualTime } from '../support/virtual-time.ts';
import { box, boxKey, keys } from './names.ts';
import { type ProcessParts, SimProcess } from './process.ts';
import { seededRandom } from './random.ts';
import { readSignedResult } from './signed-results.ts';
import { SimBroker, type Weather } from './sim-broker.ts';
import { tappedLine, type Watch } from './tapped-line.ts';
import { Trace } from './trace.ts';
import { configKeys, worldConfig } from './world-config.ts';

export { box, keys };

/** How a world is made. */
export interface WorldOptions {
  seed?: number;
  script?: ScriptInput;
  registration?: Registration;
  /** The box's side of a registry, made for each life; absent: there is no registry. */
  registered?: (life: SimProcess, time: Time, log: Log) => RegisteredLife;
  /** The config's command keys; absent: all of {@link keys}. */
  commandKeys?: readonly CommandKey[];
  /** All keys that anybody ever signs with. */
  senderKeys?: readonly HmacKey[];
  clock?: Config['clock'];
  synchronised?: () => boolean;
  log?: Log;
  panel?: Panel;
  /** The box's receipt printer, made for each life. */
  printer?: (time: Time, log: Log) => PrinterOfBox;
  /** False: no trace is kept. */
  trace?: boolean;
  weather?: Weather;
  /** What lies between the box and its terminal; absent: a clean line. */
  line?: (clean: InProcessLink) => Link;
  /** How far the box's wall clock is ahead of the true time. */
  boxAheadMs?: () => number;
  /** Watches the process, and may end it. */
  process?: ProcessParts;
  watch?: Watch;
}

/** A life's own part of the registry, and its way to the broker. */
export interface RegisteredLife {
  registrar: Registrar;
  connector: BrokerConnector;
}

const topics = topicsOf(box);

/** See the module. */
export class World {
  readonly time = new VirtualTime();
  readonly trace: Trace;
  readonly broker: SimBroker;
  readonly journal: MemoryJournal;
  readonly terminal: SimulatedTerminal;
  readonly link: InProcessLink;
  /** Verified results in the order in which they came. */
  readonly results: Result[] = [];
  readonly events: BoxEvent[] = [];
  /** What must not happen. */
  readonly failures: unknown[] = [];
  readonly steps = new Set<string>();
  readonly #options: WorldOptions;
  readonly #random: ReturnType<typeof seededRandom>;
  #process = new SimProcess();
  #gateway: Gateway | null = null;
  #made = 0;

  constructor(options: WorldOptions = {}) {
    this.#options = options;
    this.#random = seededRandom(options.seed ?? 1);
    this.trace = new Trace(() => this.time.monotonicMs(), options.trace);
    this.broker = new SimBroker(this.time, this.trace, options.weather);
    this.journal = new MemoryJournal({ createdAtMs: this.time.nowMs() - 3_600_000 });
    this.terminal = createSimulatedTerminal({
      time: this.time,
      random: this.#random,
      log: silentLog,
      ...(options.script === undefined ? {} : { script: options.script }),
    });
    this.link = inProcessLink(this.terminal, this.time);
    this.broker.onPublish = (topic, payload) => this.#hear(topic, payload);
  }

  get gateway(): Gateway {
    if (this.#gateway === null) throw new Error('the gateway does not run');
    return this.#gateway;
  }

  /** Starts the gateway and waits until it is online and its terminal ready. */
  async start(): Promise<void> {
    this.boot();
    await this.until(
      () => this.gateway.isConnected() && this.gateway.status().terminal.state === 'ready',
      60_000,
    );
  }

  /** Starts the gateway and waits for nothing. */
  boot(): void {
    const { reaper, crashed, wrote, died } = this.#options.process ?? {};
    const life = new SimProcess({
      ...(reaper && { reaper }),
      ...(crashed && { crashed }),
      ...(wrote && { wrote }),
      died: () => {
        this.kill();
        died?.();
      },
    });
    this.#process = life;
    life.enter(() => this.#boot(life));
  }

  #boot(life: SimProcess): void {
    const time = life.time(this.time, this.#options.boxAheadMs);
    const log = life.log(this.#options.log ?? silentLog);
    const { registered, commandKeys = configKeys } = this.#options;
    const config = worldConfig(this.#options.clock ?? 'system', commandKeys);
    const known = registered?.(life, time, log) ?? null;
    const line = this.#options.line?.(this.link) ?? this.link;
    const journal = life.journal(this.journal);
    const random = this.#random;
    this.#gateway = createGateway({
      box,
      config,
      journal,
      terminal: createPrivatTerminal({
        ...config.terminal,
        link: life.link(tappedLine(line, this.trace, this.#options.watch)),
        time,
        random,
        log,
      }),
      connector: life.connector(known?.connector ?? this.broker),
      signatures: createSyncSignatures({
        box,
        commandKeys: config.commandKeys,
        ...(known === null ? {} : { issued: known.registrar.keys }),
        boxKey,
      }),
      registration: life.registration(
        known?.registrar.registration ?? this.#options.registration ?? unbilled,
      ),
      registrar: known?.registrar ?? null,
      panel: life.panel(this.#options.panel ?? noPanel),
      printer: this.#options.printer?.(time, log) ?? null,
      time,
      random,
      schedule: { daily: () => () => {} },
      verifyStep: null,
      synchronised: this.#options.synchronised ?? (() => true),
      log,
      fatal: (error) => {
        if (life.isAlive) this.failures.push(error);
      },
      onStep: (id, from, by, to) => {
        this.steps.add(`${from} ${by} ${to}`);
        this.trace.add('step', `${id} ${from} ${by} ${to}`);
        this.#options.watch?.stepped?.(id, from, by, to);
      },
    });
    this.#gateway.start();
  }

  /** Pulls the plug: nothing is tidied up, what was not written is lost. */
  kill(): void {
    this.trace.add('box', 'killed');
    this.#process.kill();
    this.#gateway = null;
    this.journal.crash();
    this.broker.drop('the box is gone');
  }

  /** A command of this type, ready to be sent; members given replace the usual ones. */
  command(type: string, members: object = {}): { id: string; type: string } & Record<string, unknown> {
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

  payment(amount = 10050, members: object = {}) {
    return this.command('payment', { amount, currency: 'UAH', ...members });
  }

  send(command: object, key = keys.shop): void {
    this.broker.send(topics.commands, signCommand(command, key), false, key.kid);
  }

  /** Sends a command and waits for its result. */
  async ask(command: { id: string }, key = keys.shop, limitMs = 900_000): Promise<Result> {
    this.send(command, key);
    return this.resultOf(command.id, limitMs);
  }

  /** Waits for the (next) result of an operation. */
  async resultOf(id: string, limitMs = 900_000): Promise<Result> {
    const known = this.results.filter((result) => result.id === id).length;
    await this.until(() => this.results.filter((result) => result.id === id).length > known, limitMs);
    return this.results.findLast((result) => result.id === id) as Result;
  }

  until(predicate: () => boolean, limitMs = 900_000): Promise<void> {
    return this.time.runUntil(predicate, limitMs);
  }

  /** Waits until an operation has got this far. */
  async untilStep(from: string, by: string, to: string): Promise<void> {
    await this.until(() => this.steps.has(`${from} ${by} ${to}`));
  }

  /** What the bank has, in short: `sale 10050`. */
  ledger(): string[] {
    return this.terminal.ledger().map(({ kind, amount }) => `${kind} ${amount}`);
  }

  #hear(topic: string, payload: string): void {
    if (topic === topics.events) this.events.push(JSON.parse(payload) as BoxEvent);
    if (topic !== topics.results) return;
    const result = readSignedResult(payload, this.#options.senderKeys ?? Object.values(keys));
    if (result === null) throw new Error(`a result that nobody can verify: ${payload}`);
    this.results.push(result);
  }
}
