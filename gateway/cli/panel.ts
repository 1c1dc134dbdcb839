import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { messageOf, SwipeError } from '../seams/error.ts';
import { describeLed } from '../simulators/panel/describe.ts';
import { readPanelFirmware } from '../simulators/panel/firmware.ts';
import { createEmulatedPanel, type EmulatedPanel, type PanelButton } from '../simulators/panel/panel.ts';
import {
  type ServedPanel,
  servePanelPty,
  servePanelSerial,
  servePanelStreams,
} from '../simulators/panel/serve.ts';
import { systemTime } from '../system/time.ts';
import type { CliCommand, CliIo } from './command.ts';

const help = `swipe panel --pty PATH | --serial PATH | --stdio [--hex FILE]

The emulated panel: the real firmware in an emulated ATmega328P, at the speed of the real one. Shows what the LED
shows. Keys of this window press the buttons, unless its input is the line:
  a abort, i info, b both; with shift: held for long

  --pty PATH     make a pseudo-terminal there (by socat); a gateway opens it like a panel's port
  --serial PATH  speak on this serial port, 57600 baud
  --stdio        standard input and output are the line; what the LED shows goes to standard error
  --hex FILE     another firmware than this version's own (Intel HEX)
  --help         this text

Example, for a gateway whose config says "panel": { "link": "serial:/tmp/panel" }:
  swipe panel --pty /tmp/panel`;

/** `swipe panel`: the emulated panel, for integrators. */
export const command: CliCommand = {
  name: 'panel',
  summary: 'the emulated panel: the real firmware, with LED and buttons in this window',
  help,
  run,
};

const lookEveryMs = 100;
const shortPressMs = 120;
// Longer than the gateway's longest press.
const longPressMs = 2_500;

async function run(argv: string[], io: CliIo): Promise<number> {
  const { pty, serial, stdio, hex } = optionsOf(argv);
  if ([pty, serial, stdio].filter((one) => one !== undefined).length !== 1)
    throw new SwipeError('usage', 'give one of --pty PATH, --serial PATH, --stdio (see swipe panel --help)');
  const panel = createEmulatedPanel({
    hex: hex === undefined ? readPanelFirmware() : await textIn(hex),
    time: systemTime,
  });
  panel.start();
  try {
    const served =
      pty !== undefined
        ? await servePanelPty(panel, pty)
        : serial !== undefined
          ? await servePanelSerial(panel, serial)
          : servePanelStreams(panel, process.stdin, process.stdout);
    await serve(panel, served, stdio === true ? { ...io, out: io.error } : io, stdio !== true);
    return 0;
  } finally {
    panel.stop();
  }
}

async function serve(panel: EmulatedPanel, served: ServedPanel, io: CliIo, hasKeys: boolean): Promise<void> {
  io.out(`the emulated panel is at ${served.link}`);
  const endKeys = hasKeys ? keysPress(panel, io) : () => {};
  const endShow = showLed(panel, io);
  try {
    await Promise.race([aborted(io.signal), served.ended]);
  } finally {
    endShow();
    endKeys();
    await served.close();
  }
}

/** Tells each time what the LED shows when that has become something else. Returns how to end it. */
export function showLed(panel: EmulatedPanel, io: Pick<CliIo, 'out'>): () => void {
  let told = '';
  let cancel = () => {};
  const look = (): void => {
    const { text } = describeLed(panel.ledHistory, panel.nowMs);
    // A rhythm shows itself only after a while.
    if (text !== told && !text.endsWith('changing')) {
      told = text;
      io.out(`LED       ${text}`);
    }
    cancel = systemTime.after(lookEveryMs, look);
  };
  look();
  return () => cancel();
}

/** Keys of standard input press the panel's buttons; Ctrl+C ends the process as ever. Returns how to end it. */
export function keysPress(panel: EmulatedPanel, io: Pick<CliIo, 'out'>): () => void {
  const { stdin } = process;
  const hear = (bytes: Buffer): void => {
    for (const key of bytes.toString()) {
      if (key === '\u0003') process.kill(process.pid, 'SIGINT');
      const buttons = Object.hasOwn(buttonsOf, key.toLowerCase()) ? buttonsOf[key.toLowerCase()] : undefined;
      if (buttons === undefined) continue;
      const isLong = key !== key.toLowerCase();
      for (const button of buttons) panel.press(button, isLong ? longPressMs : shortPressMs);
      io.out(`pressed   ${buttons.join(' and ')}${isLong ? ', long' : ''}`);
    }
  };
  if (stdin.isTTY) stdin.setRawMode(true);
  stdin.on('data', hear);
  return () => {
    stdin.off('data', hear);
    if (stdin.isTTY) stdin.setRawMode(false);
    stdin.pause();
  };
}

const buttonsOf: Readonly<Record<string, readonly PanelButton[]>> = {
  a: ['abort'],
  i: ['info'],
  b: ['abort', 'info'],
};

function optionsOf(argv: string[]) {
  try {
    return parseArgs({
      args: argv,
      options: {
        pty: { type: 'string' },
        serial: { type: 'string' },
        stdio: { type: 'boolean' },
        hex: { type: 'string' },
      },
    }).values;
  } catch (error) {
    throw new SwipeError('usage', `${messageOf(error)} (see swipe panel --help)`);
  }
}

async function textIn(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new SwipeError('scriptInvalid', `cannot read the firmware: ${messageOf(error)}`, { cause: error });
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
