/** Flashes a panel by Debian's avrdude, as `make -C firmware flash` does. Not verified on hardware. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Flasher } from '../../../provisioning/technician/world.ts';
import { readPanelFirmware } from '../../simulators/panel/firmware.ts';
import { lastLine, runProgram } from './programs.ts';

/** An Uno, or a Nano with the new bootloader; then a Nano with the old one. */
const baudRates = [115_200, 57_600];
const patienceMs = 90_000;
/** What avrdude says of a bootloader that does not answer at this speed. */
const noSync = /not in sync|not responding|programmer is not responding|unable to open programmer|timeout/i;

/** Makes it. */
export const avrdude = (): Flasher => ({
  async flash(path) {
    const folder = mkdtempSync(join(tmpdir(), 'swipe-flash-'));
    try {
      const hex = join(folder, 'panel.hex');
      writeFileSync(hex, readPanelFirmware());
      for (const baudRate of baudRates) {
        const ran = await runProgram('avrdude', argumentsFor(path, baudRate, hex), patienceMs);
        if (ran.code === 0) return { done: true, baudRate };
        if (ran.isMissing) return { done: false, why: 'noTool', text: '' };
        const isMute = ran.code === null || noSync.test(ran.error);
        if (!isMute) return { done: false, why: 'failed', text: lastLine(ran.error) };
      }
      return { done: false, why: 'noSync', text: '' };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
});

const argumentsFor = (path: string, baudRate: number, hex: string): string[] => [
  '-p',
  'atmega328p',
  '-c',
  'arduino',
  '-P',
  path,
  '-b',
  String(baudRate),
  '-D',
  '-U',
  `flash:w:${hex}:i`,
];
