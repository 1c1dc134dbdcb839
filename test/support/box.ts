/**
 * A whole box of real parts for the end-to-end tests: Mosquitto, a serial cable of two pseudo-terminals, the
 * simulated terminal on its one end and the gateway on the other, each a process of its own, and a sale system.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BoxStatus, TerminalState } from '../../gateway/contract/event.ts';
import { newOperationId } from '../../gateway/simulators/operation-id.ts';
import type { ScriptInput } from '../../gateway/simulators/terminal/script.ts';
import { systemRandom } from '../../gateway/system/random.ts';
import { type Child, type Exit, swipe } from './child.ts';
import { type LastingBroker, startLastingBroker } from './lasting-broker.ts';
import { connectSaleClient, edKey, hmacKey, type SaleClient, type SenderKey } from './sale-client.ts';
import { laySerialCable, type SerialCable, type WireMessage } from './serial-cable.ts';
import { Trail } from './trail.ts';

/** What a box is like. */
export interface BoxOptions {
  /** The simulated terminal's script. */
  script?: ScriptInput;
  /** Puts a terminal of the test's own on this serial port, instead of `swipe terminal`. */
  terminal?: (path: string) => Promise<{ close(): Promise<void> }>;
  /** Further arguments of `swipe gateway`. */
  gatewayArgs?: readonly string[];
}

/** One line of the gateway's log. */
export interface LogLine {
  level: string;
  msg: string;
  [field: string]: unknown;
}

/** A box at work. */
export interface TestBox {
  readonly name: string;
  readonly stateDir: string;
  readonly configFile: string;
  readonly broker: LastingBroker;
  readonly cable: SerialCable;
  readonly sale: SaleClient;
  /** Its keys: for everything but `resolve`, for `resolve` too, and one for EdDSA. */
  readonly keys: { shop: HmacSender; chief: HmacSender; web: SenderKey };
  /** What the terminal says of itself: a line per operation. Empty for a terminal of the test's own. */
  readonly seen: Trail<string>;
  /** Of every gateway process so far. */
  readonly log: Trail<LogLine>;
  /** Every byte that the gateway processes wrote so far. */
  said(): Buffer;
  /** Starts the gateway; resolves when its status says that the terminal is ready. */
  startGateway(): Promise<void>;
  /** Ends the gateway. */
  endGateway(signal: NodeJS.Signals): Promise<Exit>;
  /** Resolves with the first status from this place on that shows the terminal so. */
  terminalIs(state: TerminalState, from?: number): Promise<void>;
  /** What the box sent to the terminal from this place of the wire on, without what moves no money at all times. */
  asked(start?: number): WireMessage[];
  /** Ends everything and removes its files, whatever has happened before. */
  close(): Promise<void>;
}

type HmacSender = SenderKey & { alg: 'HS256' };

// What the driver may ask at any time: none of these can move money (ECR protocol JSON based v1.0.3.1 §5, §6).
const upkeep = ['PingDevice', 'identify', 'GetTerminalInfo', 'getMerchantList', 'getLastStatMsgCode'];

/**
 * One box for all tests of a suite, its gateway running: made when the first test asks for it, closed after the
 * last one. `before` is called before the gateway starts.
 */
export function sharedBox(
  test: { after(hook: () => Promise<void>): void },
  options: BoxOptions = {},
  before: (box: TestBox) => Promise<void> = async () => {},
): () => Promise<TestBox> {
  let box: Promise<TestBox> | null = null;
  test.after(async () => {
    await (await box?.catch(() => null))?.close();
  });
  const start = async (): Promise<TestBox> => {
    const laid = await layBox(options);
    try {
      await before(laid);
      await laid.startGateway();
      return laid;
    } catch (error) {
      await laid.close();
      throw error;
    }
  };
  return () => {
    box ??= start();
    return box;
  };
}

/** Puts a box together; its gateway is not running yet. */
export async function layBox(options: BoxOptions = {}): Promise<TestBox> {
  const directory = mkdtempSync(join(tmpdir(), 'swipe-box-'));
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
): Promise<TestBox> {
  const inside = (name: string): string => join(directory, name);
  const stateDir = inside('state');
  const configFile = inside('gateway.json');
  const name = `SW-${newOperationId(Date.now(), systemRandom).slice(-12)}`;
  const keys = {
    shop: hmacKey('shop'),
    chief: hmacKey('chief', ['payment', 'status', 'resolve']),
    web: edKey('web'),
  };
  const boxKeyFile = join(stateDir, 'box-key.json');

  mkdirSync(inside('broker'));
  const broker = await startLastingBroker(inside('broker'));
  ends.push(() => broker.kill());
  const sale = await connectSaleClient({
    url: broker.url,
    box: name,
    keys: [keys.shop, keys.chief, keys.web],
    boxKey: () => JSON.parse(readFileSync(boxKeyFile, 'utf8')),
  });
  ends.push(() => sale.close());
  const cable = await laySerialCable(directory);
  ends.push(() => cable.remove());
  const seen = await layTerminal(cable.terminalEnd, options, inside('script.json'), ends);
  writeFileSync(configFile, JSON.stringify(configOf({ name, stateDir, broker, cable, keys })));

  const gateways: Child[] = [];
  const log = new Trail<LogLine>("the gateway's log");
  ends.push(() => gateways.at(-1)?.end('SIGKILL'));

  const terminalIs = async (state: TerminalState, from = 0): Promise<void> => {
    await sale.statuses.find(
      (status) => status.online && (status as BoxStatus).terminal.state === state,
      `the terminal to be ${state}`,
      from,
    );
  };

  return {
    name,
    stateDir,
    configFile,
    broker,
    cable,
    sale,
    keys,
    seen,
    log,
    terminalIs,
    close,
    said: () => Buffer.concat(gateways.map((gateway) => gateway.said())),
    async startGateway() {
      const from = sale.statuses.items.length;
      const gateway = swipe(['gateway', '--config', configFile, ...(options.gatewayArgs ?? [])]);
      gateways.push(gateway);
      gateway.out.follow((line) => log.add(JSON.parse(line)));
      const died = gateway.exit.then(({ code, signal }) => {
        throw new Error(`the gateway ended (${code ?? signal}): ${gateway.said()}`);
      });
      const ready = terminalIs('ready', from);
      await Promise.race([ready, died]);
    },
    endGateway(signal) {
      const gateway = gateways.at(-1);
      if (gateway === undefined) throw new Error('no gateway was started');
      return gateway.end(signal);
    },
    asked: (start = 0) =>
      cable.messages.items
        .slice(start)
        .filter(({ from, method }) => from === 'box' && !upkeep.includes(method)),
  };
}

async function layTerminal(
  path: string,
  { script = {}, terminal }: BoxOptions,
  scriptFile: string,
  ends: (() => unknown)[],
): Promise<Trail<string>> {
  if (terminal !== undefined) {
    const served = await terminal(path);
    ends.push(() => served.close());
    return new Trail('no terminal of its own');
  }
  writeFileSync(scriptFile, JSON.stringify(script));
  const child = swipe(['terminal', '--serial', path, '--script', scriptFile]);
  ends.push(() => child.end('SIGKILL'));
  await child.out.find((line) => line.startsWith('the simulated terminal is at serial:'), 'its start');
  return child.out;
}

function configOf(box: {
  name: string;
  stateDir: string;
  broker: LastingBroker;
  cable: SerialCable;
  keys: TestBox['keys'];
}): object {
  const { shop, chief, web } = box.keys;
  return {
    stateDir: box.stateDir,
    box: box.name,
    broker: { url: box.broker.url },
    terminal: {
      protocol: 'privat-json',
      link: `serial:${box.cable.boxEnd}`,
      baudRate: 115200,
      commandGapMs: 20,
      merchants: { shop: '1' },
      defaultMerchant: 'shop',
    },
    commandKeys: [shop, chief, web].map(
      ({ privateKey: _kept, ...key }: SenderKey & { privateKey?: unknown }) => key,
    ),
    limits: { maxAmount: 500_000 },
  };
}
