import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { messageOf, SwipeError } from '../seams/error.ts';
import { silentLog } from '../seams/log.ts';
import { parseScriptText, type ScriptInput } from '../simulators/terminal/script.ts';
import type { SeenOperation } from '../simulators/terminal/seen.ts';
import { type Served, serveTcp } from '../simulators/terminal/tcp.ts';
import { createSimulatedTerminal, type SimulatedTerminal } from '../simulators/terminal/terminal.ts';
import { systemRandom } from '../system/random.ts';
import { systemTime } from '../system/time.ts';
import type { CliCommand, CliIo } from './command.ts';

const help = `swipe terminal --tcp PORT | --serial PATH [--script FILE] [--host ADDRESS]

A simulated card terminal that speaks PrivatBank's JSON protocol. Prints one line per operation.
Its receipts say SIMULATED; no money moves anywhere.

  --tcp PORT      listen on this TCP port; a real terminal has 2000
  --host ADDRESS  with --tcp: the address to listen on, 127.0.0.1 if not given
  --serial PATH   speak on this serial port, 115200 baud
  --script FILE   what it is like and what it will do (docs/simulated-terminal.md)
  --help          this text

Example, for a gateway whose config says "link": "tcp:127.0.0.1:2000":
  swipe terminal --tcp 2000`;

/** `swipe terminal`: the simulated card terminal, for integrators. */
export const command: CliCommand = {
  name: 'terminal',
  summary: 'the simulated card terminal, on a TCP or a serial port',
  help,
  run,
};

interface Wanted {
  where: { serial: string } | { host: string; port: number };
  scriptFile: string | undefined;
}

async function run(argv: string[], io: CliIo): Promise<number> {
  try {
    const wanted = wantedBy(argv);
    if (wanted === 'help') io.out(help);
    else await serve(wanted, io);
    return 0;
  } catch (error) {
    const hint = error instanceof SwipeError && error.code === 'usage' ? ' (see swipe terminal --help)' : '';
    io.error(`swipe terminal: ${messageOf(error)}${hint}`);
    return 1;
  }
}

function wantedBy(argv: string[]): Wanted | 'help' {
  const { tcp, serial, host, script: scriptFile, help } = optionsOf(argv);
  if (help === true) return 'help';
  if ((tcp === undefined) === (serial === undefined)) throw usage('give --tcp PORT or --serial PATH');
  if (serial !== undefined) {
    if (host !== undefined) throw usage('--host goes with --tcp only');
    return { where: { serial }, scriptFile };
  }
  const port = Number(tcp);
  if (!/^\d{1,5}$/.test(tcp ?? '') || port > 65_535)
    throw usage(`--tcp takes a port from 0 to 65535 (0: any free one), not "${tcp}"`);
  return { where: { host: host ?? '127.0.0.1', port }, scriptFile };
}

function optionsOf(argv: string[]) {
  try {
    return parseArgs({
      args: argv,
      options: {
        tcp: { type: 'string' },
        serial: { type: 'string' },
        host: { type: 'string' },
        script: { type: 'string' },
        help: { type: 'boolean' },
      },
    }).values;
  } catch (error) {
    throw usage(messageOf(error));
  }
}

const usage = (what: string): SwipeError => new SwipeError('usage', what);

async function serve({ where, scriptFile }: Wanted, io: CliIo): Promise<void> {
  const script = scriptFile === undefined ? {} : await scriptIn(scriptFile);
  const terminal = createSimulatedTerminal({
    time: systemTime,
    random: systemRandom,
    script,
    log: silentLog,
    seen: (operation) => {
      if (operation.method !== 'PingDevice') io.out(lineOf(operation));
    },
  });
  try {
    const served = await serveAt(where, terminal);
    io.out(`the simulated terminal is at ${served.link}`);
    try {
      await Promise.race([aborted(io.signal), served.ended]);
    } finally {
      await served.close();
    }
  } finally {
    terminal.stop();
  }
}

async function serveAt(where: Wanted['where'], terminal: SimulatedTerminal): Promise<Served> {
  if ('port' in where) return serveTcp(terminal, where);
  // Loads the native binding, which --tcp does not need.
  const { serveSerial } = await import('../simulators/terminal/serial.ts');
  return serveSerial(terminal, { path: where.serial });
}

async function scriptIn(path: string): Promise<ScriptInput> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new SwipeError('scriptInvalid', `cannot read the script: ${messageOf(error)}`, { cause: error });
  }
  try {
    return parseScriptText(text);
  } catch (error) {
    throw new SwipeError('scriptInvalid', `${path}: ${messageOf(error)}`, { cause: error });
  }
}

/** `Purchase 100.50: approved 0000, receipt 131220`. */
function lineOf({ method, amount, outcome, code, invoice, answered }: SeenOperation): string {
  const what = amount === null ? method : `${method} ${amount}`;
  const receipt = invoice === null || invoice === '' ? '' : `, receipt ${invoice}`;
  const silence = answered || method === 'keypad' ? '' : ', no answer sent';
  return `${what}: ${outcome}${code === null ? '' : ` ${code}`}${receipt}${silence}`;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
