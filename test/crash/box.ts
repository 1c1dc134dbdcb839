/** A box of real processes that can be killed: gateway, Mosquitto, serial cable, terminal, and ears on both wires. */
import { execFileSync } from 'node:child_process';
import { type FSWatcher, mkdirSync, mkdtempSync, rmSync, symlinkSync, watch, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Card } from '../../gateway/simulators/terminal/cards.ts';
import type { Movement } from '../../gateway/simulators/terminal/ledger.ts';
import type { ScriptInput } from '../../gateway/simulators/terminal/script.ts';
import { startChild, type Child as Talking } from '../bench/children.ts';
import { keys } from '../simulation/world.ts';
import { Child, root } from '../support/child.ts';
import { type LastingBroker, startLastingBroker } from '../support/lasting-broker.ts';
import { laySerialCable, type SerialCable } from '../support/serial-cable.ts';
import { type MqttTap, type Packet, tapBroker } from './mqtt-tap.ts';
import type { TerminalDeed } from './processes/terminal.ts';

/** What the terminal's process tells of itself and of the bank. */
export interface TerminalView {
  ledger: readonly Movement[];
  cards: readonly Card[];
  isBusy: boolean;
}

/** What a box is made of, and who hears what. */
export interface BoxOptions {
  name: string;
  seed: number;
  script: ScriptInput;
  packet(packet: Packet): void;
  /** A file of the journal was written. */
  wrote(what: 'journal' | 'witness'): void;
  /** The gateway ended, and nobody had asked it to. */
  died(how: string): void;
}

/** See the module. */
export interface CrashBox {
  readonly stateDir: string;
  readonly broker: LastingBroker;
  readonly tap: MqttTap;
  readonly cable: SerialCable;
  /** Everything that the gateways have said. */
  log(): string;
  startGateway(): void;
  /** SIGKILL, in this very moment. */
  kill(): void;
  /** Sends SIGTERM; whether the gateway ended as it should. */
  stopGateway(): Promise<boolean>;
  /** Resolves when no gateway runs any more. */
  gone(): Promise<void>;
  terminal(deed: TerminalDeed): Promise<TerminalView>;
  close(): Promise<void>;
}

/** The gateway's limit, so that every operation can have an amount of its own. */
const maxAmount = 90_000_000;
const bundleScript = join(root, '.ci/build.mjs');

/** Bundles the gateway as `npm run build` does: it starts twice as fast as from its sources. */
function bundle(directory: string): string {
  const entry = join(root, 'test/crash/processes/gateway.ts');
  const out = join(directory, 'bundle');
  execFileSync(process.execPath, [bundleScript, '--entry', entry, '--out', out]);
  // Packages with native code stay outside the bundle, and are found here.
  symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'));
  return join(out, 'swipe.js');
}

/** Puts a box together; its gateway is not running yet. */
export async function layBox(options: BoxOptions): Promise<CrashBox> {
  const directory = mkdtempSync(join(tmpdir(), 'swipe-crash-'));
  const ends: (() => unknown)[] = [() => rmSync(directory, { recursive: true, force: true, maxRetries: 5 })];
  const close = async (): Promise<void> => {
    for (const end of ends.splice(0).reverse()) await end();
  };
  try {
    return await layIn(directory, options, ends, close);
  } catch (error) {
    await close();
    throw error;
  }
}

async function layIn(
  directory: string,
  options: BoxOptions,
  ends: (() => unknown)[],
  close: () => Promise<void>,
): Promise<CrashBox> {
  const stateDir = join(directory, 'state');
  const brokerDir = join(directory, 'broker');
  mkdirSync(stateDir, { mode: 0o700 });
  mkdirSync(brokerDir);
  const program = bundle(directory);
  const broker = await startLastingBroker(brokerDir);
  ends.push(() => broker.kill());
  const tap = await tapBroker(Number(new URL(broker.url).port), options.packet);
  ends.push(() => tap.close());
  const cable = await laySerialCable(directory);
  ends.push(() => cable.remove());
  const terminal = await startTerminal(cable.terminalEnd, directory, options);
  ends.push(() => terminal.stop());
  const configFile = join(directory, 'gateway.json');
  writeFileSync(configFile, JSON.stringify(configOf(options.name, stateDir, tap.url, cable.boxEnd)));
  const watcher: FSWatcher = watch(stateDir, (_, name) => {
    if (name === 'journal.db-wal') options.wrote('journal');
    if (name === 'journal.witness') options.wrote('witness');
  });
  ends.push(() => watcher.close());

  let gateway: Child | null = null;
  let isEndWanted = false;
  let said = '';
  // One question at a time: the channel carries no numbers.
  let answered: Promise<unknown> = Promise.resolve();
  ends.push(() => {
    isEndWanted = true;
    return gateway?.end('SIGKILL');
  });
  return {
    stateDir,
    broker,
    tap,
    cable,
    log: () => said,
    startGateway() {
      isEndWanted = false;
      const started = new Child(process.execPath, ['--enable-source-maps', program, configFile]);
      gateway = started;
      void started.exit.then(({ code, signal }) => {
        const text = started.said().toString();
        said += text;
        if (!isEndWanted) options.died(`${signal ?? code}: ${text.slice(-2000)}`);
      });
    },
    kill() {
      isEndWanted = true;
      if (gateway?.isRunning) gateway.signal('SIGKILL');
    },
    async stopGateway() {
      isEndWanted = true;
      const exit = await gateway?.end('SIGTERM');
      // One that is still loading its program has nothing to put in order.
      return exit?.code === 0 || gateway?.said().length === 0;
    },
    gone: async () => void (await gateway?.exit),
    terminal(deed) {
      const view = answered.then(() => terminal.ask(deed)) as Promise<TerminalView>;
      answered = view.catch(() => {});
      return view;
    },
    close,
  };
}

async function startTerminal(path: string, directory: string, { seed, script, died }: BoxOptions) {
  const child: Talking = startChild({
    command: process.execPath,
    args: [
      '--import',
      'tsx',
      join(root, 'test/crash/processes/terminal.ts'),
      path,
      String(seed),
      JSON.stringify(script),
    ],
    logFile: join(directory, 'terminal.log'),
    died: ({ message }) => died(`the terminal's process: ${message}`),
  });
  await child.next();
  return child;
}

const configOf = (box: string, stateDir: string, url: string, port: string): object => ({
  stateDir,
  box,
  broker: { url },
  terminal: {
    protocol: 'privat-json',
    link: `serial:${port}`,
    baudRate: 115200,
    commandGapMs: 5,
    merchants: { shop: '1' },
    defaultMerchant: 'shop',
  },
  commandKeys: [
    { ...keys.shop, alg: 'HS256' },
    { ...keys.till, alg: 'HS256' },
    { ...keys.owner, alg: 'HS256', allow: ['resolve', 'status'] },
  ],
  limits: { maxAmount },
});
