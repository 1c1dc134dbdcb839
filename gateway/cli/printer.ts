import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { messageOf, SwipeError } from '../seams/error.ts';
import type { Receipt } from '../simulators/printer/paper.ts';
import { SimulatedPrinter, type SimulatedPrinterOptions } from '../simulators/printer/printer.ts';
import { type ServedPrinter, servePrinterTcp } from '../simulators/printer/tcp.ts';
import { systemTime } from '../system/time.ts';
import type { CliCommand, CliIo } from './command.ts';

const help = `swipe printer --tcp PORT | --serial PATH [--out DIR] [--columns 48|42|32] [--host ADDRESS]

A simulated receipt printer that speaks ESC/POS. Prints what comes out of it as text; with --out
each receipt also becomes a picture, receipt-0001.png and so on. Code pages by Epson's numbers:
44 cp1125, 46 cp1251, 17 cp866.

  --tcp PORT       listen on this TCP port; a real printer has 9100
  --host ADDRESS   with --tcp: the address to listen on, 127.0.0.1 if not given
  --serial PATH    speak on this serial port
  --out DIR        where the pictures go; made if it is not there
  --columns N      width of the paper: 48 if not given
  --line-ms MS     how long a line takes, 0 if not given
  --paper LINES    lines on the roll; at its end the printer says so
  --deaf           a one-way printer: it answers nothing
  --help           this text

Example, for a gateway whose config says "printer": { "link": "tcp:127.0.0.1:9100" }:
  swipe printer --tcp 9100 --out receipts`;

/** `swipe printer`: the simulated receipt printer, for integrators. */
export const command: CliCommand = {
  name: 'printer',
  summary: 'the simulated receipt printer, on a TCP or a serial port',
  help,
  run,
};

interface Wanted {
  where: { serial: string } | { host: string; port: number };
  out: string | undefined;
  options: SimulatedPrinterOptions;
}

async function run(argv: string[], io: CliIo): Promise<number> {
  try {
    const wanted = wantedBy(argv);
    if (wanted === 'help') io.out(help);
    else await serve(wanted, io);
    return 0;
  } catch (error) {
    const hint = error instanceof SwipeError && error.code === 'usage' ? ' (see swipe printer --help)' : '';
    io.error(`swipe printer: ${messageOf(error)}${hint}`);
    return 1;
  }
}

function wantedBy(argv: string[]): Wanted | 'help' {
  const given = optionsOf(argv);
  if (given.help === true) return 'help';
  const { tcp, serial, host, out, columns = '48', deaf = false } = given;
  if ((tcp === undefined) === (serial === undefined)) throw usage('give --tcp PORT or --serial PATH');
  if (serial !== undefined && host !== undefined) throw usage('--host goes with --tcp only');
  if (!['32', '42', '48'].includes(columns)) throw usage(`--columns takes 32, 42 or 48, not "${columns}"`);
  const options: SimulatedPrinterOptions = {
    widthDots: Math.ceil((Number(columns) * 12) / 8) * 8,
    lineMs: wholeNumber('--line-ms', given['line-ms'] ?? '0', 60_000),
    ...(given.paper === undefined ? {} : { paperLines: wholeNumber('--paper', given.paper, 1_000_000) }),
    // A serial line cannot be held up here.
    ...(serial === undefined ? {} : { bufferBytes: 1_000_000 }),
    deaf,
  };
  if (serial !== undefined) return { where: { serial }, out, options };
  const port = wholeNumber('--tcp', tcp ?? '', 65_535);
  return { where: { host: host ?? '127.0.0.1', port }, out, options };
}

function optionsOf(argv: string[]) {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  try {
    return parseArgs({
      args: argv,
      options: {
        ...{ tcp: text, serial: text, host: text, out: text, columns: text, 'line-ms': text, paper: text },
        ...{ deaf: flag, help: flag },
      },
    }).values;
  } catch (error) {
    throw usage(messageOf(error));
  }
}

function wholeNumber(option: string, text: string, most: number): number {
  const number = Number(text);
  if (!/^\d{1,7}$/.test(text) || number > most)
    throw usage(`${option} takes a whole number from 0 to ${most}, not "${text}"`);
  return number;
}

const usage = (what: string): SwipeError => new SwipeError('usage', what);

async function serve({ where, out, options }: Wanted, io: CliIo): Promise<void> {
  if (out !== undefined) mkdirSync(out, { recursive: true });
  let number = 0;
  const finished = (receipt: Receipt): void => {
    number += 1;
    io.out(`--- receipt ${number} ---`);
    io.out(receipt.toText().trimEnd());
    if (out === undefined) return;
    const file = join(out, `receipt-${String(number).padStart(4, '0')}.png`);
    writeFileSync(file, receipt.toPng());
    io.out(`--- ${file} ---`);
  };
  const printer = new SimulatedPrinter(systemTime, options, finished);
  const served = await serveAt(where, printer);
  io.out(`the simulated printer is at ${served.link}`);
  try {
    await Promise.race([aborted(io.signal), served.ended]);
  } finally {
    await served.close();
    // What was not cut hangs out of it.
    printer.tearOff();
    printer.powerCycle();
  }
}

async function serveAt(where: Wanted['where'], printer: SimulatedPrinter): Promise<ServedPrinter> {
  if ('port' in where) return servePrinterTcp(printer, where);
  // Loads the native binding, which --tcp does not need.
  const { servePrinterSerial } = await import('../simulators/printer/serial.ts');
  return servePrinterSerial(printer, { path: where.serial });
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
