import { once } from 'node:events';
import { createWriteStream, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { parseConfig } from '../contract/config.ts';
import { askGateway } from '../control/client.ts';
import { controlSocketOf } from '../control/protocol.ts';
import { type RunningGateway, startGateway } from '../main.ts';
import { isSwipeError, messageOf, SwipeError } from '../seams/error.ts';
import { startEmbeddedBroker } from '../simulators/broker.ts';
import { readPanelFirmware } from '../simulators/panel/firmware.ts';
import { emulatedPanelLink } from '../simulators/panel/link.ts';
import { createEmulatedPanel, type EmulatedPanel } from '../simulators/panel/panel.ts';
import type { HmacKey } from '../simulators/sale-system.ts';
import type { SeenOperation } from '../simulators/terminal/seen.ts';
import { serveTcp } from '../simulators/terminal/tcp.ts';
import { createSimulatedTerminal } from '../simulators/terminal/terminal.ts';
import { createLog } from '../system/log.ts';
import { systemRandom } from '../system/random.ts';
import { systemTime } from '../system/time.ts';
import type { CliCommand, CliIo } from './command.ts';
import type { DemoDesk } from './demo/desk.ts';
import { boxReady, pairedWith } from './demo/ready.ts';
import type { DemoRegistry } from './demo/registry.ts';
import { keysHelp, type LivePanel, openLivePanel } from './live-panel.ts';
import { demoPlaces } from './places.ts';

const host = '127.0.0.1';
/** The simulated terminal needs no rest between two connections. */
const sessionPauseMs = 20;

/** `swipe demo`: the whole system with nothing attached. */
export const command: CliCommand = {
  name: 'demo',
  summary:
    'runs the whole system with nothing attached: registry, broker, shop, box, simulated terminal and panel',
  help: `usage: swipe demo [--mqtt-port N] [--terminal-port N] [--registry-port N | --no-registry]
                  [--desk-port N] [--shop-port N] [--no-desk]

Listens on the loopback address only. Its secrets are made anew at every start; configs, key and logs are left in
\${XDG_STATE_HOME:-~/.local/state}/swipe/demo, where swipe pay, status, log and the works of swipe registry find them.
0 takes any free port.

The box registers with a claim code, and a sale system is paired with it, as on a real system. Key r, or the signal
USR2, stops the registry and starts it again: payments go on. --no-registry is a box that nobody bills.
A sample shop has orders to be paid by the box's desk, in a browser, and shows the receipts, the LED and the terminal's
screen. --no-desk is a box without desk, shop and receipt printer.
The panel is the real firmware in an emulated Arduino. In a terminal window the last line shows its LED, and keys
press its buttons: a abort, i copy of the last receipt, I totals, b both.

example: swipe demo`,
  async run(argv, io) {
    const { values } = parseArgs({
      args: argv,
      options: {
        'mqtt-port': { type: 'string', default: '21883' },
        'terminal-port': { type: 'string', default: '22000' },
        'registry-port': { type: 'string', default: '28443' },
        'no-registry': { type: 'boolean', default: false },
        'desk-port': { type: 'string', default: '28480' },
        'shop-port': { type: 'string', default: '28481' },
        'no-desk': { type: 'boolean', default: false },
      },
    });
    const places = demoPlaces();
    await demandAlone(controlSocketOf(places.state));
    const closers: (() => unknown)[] = [];
    try {
      const mqttPort = port('--mqtt-port', values['mqtt-port']);
      const terminalPort = port('--terminal-port', values['terminal-port']);
      const registryPort = port('--registry-port', values['registry-port']);
      const deskPort = port('--desk-port', values['desk-port']);
      const shopPort = port('--shop-port', values['shop-port']);
      const account = { username: 'demo', password: secret() };
      const broker = await startEmbeddedBroker(mqttPort, [account]);
      closers.push(() => broker.close());
      rmSync(places.root, { recursive: true, force: true });
      mkdirSync(places.root, { recursive: true, mode: 0o700 });
      const logFile = createWriteStream(places.log, { mode: 0o600 });
      closers.push(() => new Promise((resolve) => logFile.end(resolve)));
      const log = createLog({ level: 'debug', destination: logFile });
      const panel = createEmulatedPanel({ hex: readPanelFirmware(), time: systemTime });
      panel.start();
      closers.push(() => panel.stop());
      // Nothing, until all is up.
      let toggle = (): void => {};
      const hear = (): void => toggle();
      process.on('SIGUSR2', hear);
      closers.push(() => process.off('SIGUSR2', hear));
      const window = windowOn(panel, io, hear);
      closers.push(() => window.close());
      let desk: DemoDesk | null = null;
      const terminal = createSimulatedTerminal({
        time: systemTime,
        random: systemRandom,
        log,
        seen(one) {
          showSeen(one, window);
          desk?.seen(one);
        },
      });
      closers.push(() => terminal.stop());
      const served = await serveTcp(terminal, { host, port: terminalPort });
      closers.push(() => served.close());
      let running: RunningGateway | null = null;
      let registry: DemoRegistry | null = null;
      if (!values['no-registry']) {
        // Not before it is wanted: it is the larger half of what there is to load.
        const [{ startDemoRegistry }, { embeddedAccess }] = await Promise.all([
          import('./demo/registry.ts'),
          import('./demo/broker-access.ts'),
        ]);
        const access = embeddedAccess(broker, (box) => (box === running?.box ? account.username : null));
        registry = await startDemoRegistry({ host, port: registryPort, places: places.registry, access });
        closers.push(registry.stop);
      }
      if (!values['no-desk']) {
        const { prepareDemoDesk } = await import('./demo/desk.ts');
        desk = await prepareDemoDesk({ host, deskPort, shopPort, panel, terminal, log });
        closers.push(desk.close);
      }
      const ownKey = { kid: 'demo-shop', secret: secret() };
      const input = {
        stateDir: places.state,
        broker: { url: broker.url, ...account },
        registry: registry?.forBox ?? null,
        desk: desk?.config ?? null,
        terminal: {
          protocol: 'privat-json',
          link: served.link,
          merchants: { shop: '1' },
          defaultMerchant: 'shop',
        },
        commandKeys: registry === null ? [{ ...ownKey, alg: 'HS256' }] : [],
      };
      const parsed = parseConfig(input);
      if ('faults' in parsed) throw new SwipeError('configInvalid', JSON.stringify(parsed.faults));
      leave(places.config, input);
      running = await startGateway(parsed.config, {
        log,
        sessionPauseMs,
        panelPort: emulatedPanelLink(panel, systemTime),
        ...desk?.options,
      });
      const { gateway, box, failed, stop } = running;
      closers.push(stop);
      // Before the box that it looks at.
      closers.push(() => desk?.close());
      await boxReady(gateway);
      const shop = registry && (await pairedWith(gateway, () => registry.pair(box)));
      const key: HmacKey = shop?.key ?? ownKey;
      leave(places.sender, key);
      const open = await desk?.open(running, key);
      for (const line of [
        `broker     ${broker.url}`,
        `registry   ${registry === null ? 'none' : `${registry.url}, ${howToToggle()}`}`,
        `box        ${box}, log in ${places.log}`,
        ...(registry === null
          ? []
          : [
              `           ${gateway.status().registration.state}, of customer ${registry.customer}`,
              `shop       ${shop?.saleSystem}, paired with the box by key ${key.kid}`,
            ]),
        `terminal   simulated, ${served.link}`,
        ...(open === undefined ? [] : [`desk       ${open.desk}, printer simulated`]),
        `panel      emulated, ${process.stdin.isTTY ? keysHelp : 'its keys need a terminal window'}`,
        '',
        ...(open === undefined ? [] : [`open in a browser:      ${open.shop}`]),
        `try in a second shell:  ${howStarted()} pay 100.50`,
        'Ctrl-C ends it.',
      ])
        window.out(line);
      toggle = () => {
        if (registry !== null) void toggled(registry).then((line) => window.out(`registry   ${line}`));
      };
      await untilStopped(io, failed);
      window.out('stopping');
      return 0;
    } finally {
      for (const close of closers.reverse()) await close();
    }
  },
};

/** Stops the registry or starts it again; what there is to say of it. */
async function toggled(registry: DemoRegistry): Promise<string> {
  try {
    return (await registry.toggle())
      ? `answers again at ${registry.url}`
      : 'stopped: the box goes on by its last answer';
  } catch (error) {
    return `not started: ${messageOf(error)}`;
  }
}

const howToToggle = (): string =>
  `${process.stdin.isTTY ? 'key r' : `kill -USR2 ${process.pid}`} stops it and starts it again`;

/** What is typed for `swipe` here: an installed package has it in PATH and its bundle as `swipe.js`, a clone has npx. */
const howStarted = (): string =>
  basename(process.argv[1] ?? '') === 'swipe.js' ? 'swipe' : 'npx --no-install swipe';

async function untilStopped({ signal }: CliIo, failed: Promise<never>): Promise<void> {
  if (!signal.aborted) await Promise.race([once(signal, 'abort'), failed]);
}

/** Where somebody sits at a keyboard, the panel is shown and can be pressed; in a pipe there are only lines. */
function windowOn(panel: EmulatedPanel, io: CliIo, toggle: () => void): LivePanel {
  if (!process.stdin.isTTY || !process.stdout.isTTY) return { out: io.out, close() {} };
  return openLivePanel(panel, { r: toggle });
}

/** A second demo would take the first one's files from under it. */
async function demandAlone(socketPath: string): Promise<void> {
  try {
    await askGateway(socketPath, '/status');
  } catch (error) {
    if (isSwipeError(error, 'controlUnreachable')) return;
    throw error;
  }
  throw new SwipeError('usage', 'a demo is running already: use it, or end it first');
}

/** Readable by the demo's user alone. */
function leave(path: string, value: unknown): void {
  writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
}

/** 32 random bytes that decode to printable ASCII, as 1C keeps secrets as text. */
function secret(): string {
  const text = Buffer.from(systemRandom.bytes(24)).toString('base64url');
  return Buffer.from(text).toString('base64url');
}

function port(name: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 0 && value <= 65535) return value;
  throw new SwipeError('usage', `${name}: found ${text}, allowed: 0 to 65535`);
}

/** What the cashier would see on the terminal; its look-ups would only be noise. */
function showSeen({ method, amount, outcome, code }: SeenOperation, { out }: Pick<CliIo, 'out'>): void {
  if (amount !== null)
    out(['terminal  ', method, amount, outcome, code].filter((part) => part !== null).join(' '));
}
