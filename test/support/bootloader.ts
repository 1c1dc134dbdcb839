/**
 * An Arduino on a pseudo-terminal that holds a bootloader first and, once a firmware was written and the programmer has
 * gone, that firmware in the emulated chip. As much of STK500v1 (AVR061) as avrdude's `arduino` programmer speaks.
 */
import { readPanelFirmware } from '../../gateway/simulators/panel/firmware.ts';
import { programIn } from '../../gateway/simulators/panel/hex.ts';
import { createEmulatedPanel, type EmulatedPanel } from '../../gateway/simulators/panel/panel.ts';
import { systemTime } from '../../gateway/system/time.ts';
import { linkOf } from '../../gateway/terminal/links/open.ts';
import type { SerialCable } from './serial-cable.ts';

const inSync = 0x14;
const ok = 0x10;
const endOfCommand = 0x20;
const signature = [0x1e, 0x95, 0x0f];

/** An ATmega328P's flash under a bootloader. */
export interface Bootloader {
  /** What was written, and how much of it. */
  readonly flash: Uint8Array;
  readonly written: number;
  close(): Promise<void>;
}

/** How many bytes a command has, its end included; the programming of a page by its own length. */
function lengthOf(bytes: readonly number[]): number {
  switch (bytes[0]) {
    case 0x41: // get parameter
      return 3;
    case 0x42: // set device
      return 22;
    case 0x45: // set extended device
      return 7;
    case 0x55: // load address
      return 4;
    case 0x56: // universal
      return 6;
    case 0x64: // program page
      return bytes.length < 4 ? 4 : 5 + ((bytes[1] ?? 0) << 8) + (bytes[2] ?? 0);
    case 0x74: // read page
      return 5;
    default:
      return 2;
  }
}

/** Puts the board at a cable's far end. */
export async function serveBootloader(cable: SerialCable): Promise<Bootloader> {
  const flash = new Uint8Array(32 * 1024).fill(0xff);
  let command: number[] = [];
  let address = 0;
  let written = 0;
  let heardMs = 0;
  let panel: EmulatedPanel | null = null;
  const link = linkOf(`serial:${cable.terminalEnd}`, { baudRate: 115_200, timers: systemTime });

  const answer = (...bytes: number[]): void => connection.write(Uint8Array.of(inSync, ...bytes, ok));
  function obey(bytes: readonly number[]): void {
    const [what] = bytes;
    if (what === 0x41) return answer(bytes[1] === 0x82 ? 1 : bytes[1] === 0x81 ? 4 : 3);
    if (what === 0x55) address = ((bytes[1] ?? 0) | ((bytes[2] ?? 0) << 8)) * 2;
    if (what === 0x56) return answer(0);
    if (what === 0x75) return answer(...signature);
    if (what === 0x64) {
      flash.set(bytes.slice(4, -1), address);
      written += bytes.length - 5;
    }
    if (what === 0x74) {
      const size = ((bytes[1] ?? 0) << 8) + (bytes[2] ?? 0);
      return answer(...flash.subarray(address, address + size));
    }
    answer();
    // Leaving programming mode starts what is there.
    if (what === 0x51 && isWhole()) run();
  }
  const isWhole = (): boolean => {
    const program = programIn(readPanelFirmware());
    return program.every((byte, place) => byte === 0xff || flash[place] === byte);
  };
  function run(): void {
    panel = createEmulatedPanel({ hex: readPanelFirmware(), time: systemTime });
    panel.start();
    panel.listen((bytes) => connection.write(bytes));
  }
  const connection = await link.open({
    data(bytes) {
      if (panel !== null) return panel.write(bytes);
      // A bootloader that is not understood resets itself; a pseudo-terminal cannot tell of a reset.
      if (performance.now() - heardMs > 100) command = [];
      heardMs = performance.now();
      for (const byte of bytes) {
        command.push(byte);
        if (command.length < lengthOf(command)) continue;
        const whole = command;
        command = [];
        if (whole.at(-1) === endOfCommand) obey(whole);
      }
    },
    closed() {},
  });
  return {
    flash,
    get written() {
      return written;
    },
    async close() {
      panel?.stop();
      await connection.close();
    },
  };
}
