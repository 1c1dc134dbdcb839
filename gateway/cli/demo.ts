import { once } from 'node:events';
import { createWriteStream, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { parseConfig } from '../contract/config.ts';
import { askGateway } from '../control/client.ts';
import { controlSocketOf } from '../control/protocol.ts';
import type { Gateway } from '../gateway.ts';
import { startGateway } from '../main.ts';
import { isSwipeError, SwipeError } from '../seams/error.ts';
import { pause } from '../seams/time.ts';
import { startEmbeddedBroker } from '../simulators/broker.ts';
import { readPanelFirmware } from '../simulators/panel/firmware.ts';
import { emulatedPanelLink } from '../simulators/panel/link.ts';
import { createEmulatedPanel, type EmulatedPanel } from '../simulators/panel/panel.ts';
import type { SeenOperation } from '../simulators/terminal/seen.ts';
import { serveTcp } from '../simulators/terminal/tcp.ts';
import { createSimulatedTerminal } from '../simulators/terminal/terminal.ts';
import { createLog } from '../system/log.ts';
import { systemRandom } from '../system/random.ts';
import { systemTime } from '../system/time.ts';
import type { CliCommand, CliIo } from './command.ts';
import { keysHelp, type LivePanel, openLivePanel } from './live-panel.ts';
import { demoPlaces } from './places.ts';

const host = '127.0.0.1';
/** The simulated terminal needs no rest between two connections. */
const sessionPauseMs = 20;
const readyWithinMs = 10_000;

/** `swipe demo`: the whole system with nothing attached. */
export const command: CliCommand = {
  name: 'demo',
  summary: 'runs the whole system with nothing attached: broker, box, simulated terminal and panel',
  help: `usage: swipe demo [--mqtt-port N] [--terminal-port N]

Listens on the loopback address only. Its secrets are made anew at every start; config, key and log are left in
\${XDG_STATE_HOME:-~/.local/state}/swipe/demo, where swipe pay, status and log find them. 0 takes any free port.
The panel is the real firmware in an emulated Arduino. In a terminal window the last line shows its LED, and keys
press its buttons: a abort, i copy of the last receipt, I totals, b both.

example: swipe demo`,
  async run(argv, io) {
    const { values } = parseArgs({
      args: argv,
      options: {
        'mqtt-port': { type: 'string', default: '21883' },
        'terminal-port': { type: 'string', default: '22000' },
      },
    });
    const places = demoPlaces();
    await demandAlone(controlSocketOf(places.state));
    const closers: (() => unknown)[] = [];
    try {
      const mqttPort = port('--mqtt-port', values['mqtt-port']);
      const terminalPort = port('--terminal-port', values['terminal-port']);
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
      const window = windowOn(panel, io);
      closers.push(() => window.close());
      const terminal = createSimulatedTerminal({
        time: systemTime,
        random: systemRandom,
        log,
        seen: (one) => showSeen(one, window),
      });
      closers.push(() => terminal.stop());
      const served = await serveTcp(terminal, { host, port: terminalPort });
      closers.push(() => served.close());
      const key = { kid: 'demo-shop', secret: secret() };
      const input = {
        stateDir: places.state,
        broker: { url: broker.url, ...account },
        terminal: {
          protocol: 'privat-json',
          link: served.link,
          merchants: { shop: '1' },
          defaultMerchant: 'shop',
        },
        commandKeys: [{ ...key, alg: 'HS256', allow: undefined }],
      };
      writeFileSync(places.config, `${JSON.stringify(input, null, 2)}\n`, { mode: 0o600 });
      writeFileSync(places.sender, `${JSON.stringify(key, null, 2)}\n`, { mode: 0o600 });
      const parsed = parseConfig(JSON.parse(JSON.stringify(input)));
      if ('faults' in parsed) throw new SwipeError('configInvalid', JSON.stringify(parsed.faults));
      const running = await startGateway(parsed.config, {
        log,
        sessionPauseMs,
        panelPort: emulatedPanelLink(panel, systemTime),
      });
      closers.push(() => running.stop());
      await ready(running.gateway);
      for (const line of [
        `broker     ${broker.url}`,
        `box        ${running.box}, log in ${places.log}`,
        `terminal   simulated, ${served.link}`,
        `panel      emulated, ${process.stdin.isTTY ? keysHelp : 'its keys need a terminal window'}`,
        '',
        'try in a second shell:  npx --no-install swipe pay 100.50',
        'Ctrl-C ends it.',
      ])
        window.out(line);
      await untilStopped(io, running.failed);
      window.out('stopping');
      return 0;
    } finally {
      for (const close of closers.reverse()) await close();
    }
  },
};

async function untilStopped({ signal }: CliIo, failed: Promise<never>): Promise<void> {
  if (!signal.aborted) await Promise.race([once(signal, 'abort'), failed]);
}

/** Where somebody sits at a keyboard, the panel is shown and can be pressed; in a pipe there are only lines. */
function windowOn(panel: EmulatedPanel, io: CliIo): LivePanel {
  if (!process.stdin.isTTY || !process.stdout.isTTY) return { out: io.out, close() {} };
  return openLivePanel(panel);
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

async function ready(gateway: Gateway): Promise<void> {
  for (const endMs = systemTime.monotonicMs() + readyWithinMs; systemTime.monotonicMs() < endMs; ) {
    if (gateway.isConnected() && gateway.status().terminal.state === 'ready') return;
    await pause(systemTime, 10);
  }
  throw new SwipeError(
    'linkFailed',
    `the demo did not come up within ${readyWithinMs / 1000} s: see its log`,
  );
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
