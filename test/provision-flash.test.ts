/** Flashing a panel: Debian's avrdude against a bootloader on a pseudo-terminal, and what is told when it does not work. */
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { avrdude } from '../gateway/cli/technician/avrdude.ts';
import { askWho } from '../gateway/cli/technician/who.ts';
import { readPanelFirmware } from '../gateway/simulators/panel/firmware.ts';
import { programIn } from '../gateway/simulators/panel/hex.ts';
import { systemTime } from '../gateway/system/time.ts';
import { linkOf } from '../gateway/terminal/links/open.ts';
import { serveBootloader } from './support/bootloader.ts';
import { needing } from './support/needs.ts';
import { laySerialCable } from './support/serial-cable.ts';
import { tempDirs } from './support/temp.ts';

const test = suite('provision: flashing');
const tempDir = tempDirs(test);

needing(
  test,
  'avrdude',
  'socat',
)('an empty board becomes a panel: every byte, by the real avrdude', async () => {
  const cable = await laySerialCable(tempDir());
  const board = await serveBootloader(cable);
  try {
    const link = `serial:${cable.boxEnd}`;
    const linkAt = (text: string, baudRate: number) => linkOf(text, { baudRate, timers: systemTime });
    const asked = () =>
      askWho({ linkAt, time: systemTime, pingsMs: [300] }, link, { mayBeBoard: true, baudRate: 115_200 });
    assert.not.equal((await asked()).kind, 'panel');
    const flashed = await avrdude().flash(cable.boxEnd);
    assert.equal(flashed, { done: true, baudRate: 115_200 });
    const program = programIn(readPanelFirmware());
    const size = program.findLastIndex((byte) => byte !== 0xff) + 1;
    assert.ok(board.written >= size);
    assert.equal(Buffer.compare(board.flash.subarray(0, size), program.subarray(0, size)), 0);
    assert.equal(await asked(), { kind: 'panel', version: '1.0.0', fits: true });
  } finally {
    await board.close();
    await cable.remove();
  }
});

/** A stand-in on PATH that notes how it was called. */
async function withAvrdude(script: string, use: (calls: () => string[]) => Promise<void>): Promise<void> {
  const folder = tempDir();
  mkdirSync(join(folder, 'bin'));
  const path = join(folder, 'bin/avrdude');
  writeFileSync(path, `#!/bin/sh\necho "$@" >> ${folder}/calls\n${script}\n`);
  chmodSync(path, 0o755);
  const before = process.env.PATH;
  process.env.PATH = [join(folder, 'bin'), before].join(delimiter);
  try {
    await use(() => readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n'));
  } finally {
    process.env.PATH = before;
  }
}

test('a bootloader that does not answer at the new speed is tried at the old one', () =>
  withAvrdude(
    'case "$*" in *115200*) echo "avrdude: stk500_getsync() attempt 10 of 10: not in sync: resp=0x00" >&2; exit 1;; esac',
    async (calls) => {
      assert.equal(await avrdude().flash('/dev/ttyUSB0'), { done: true, baudRate: 57_600 });
      assert.equal(
        calls().map((call) => /-b (\d+)/.exec(call)?.[1]),
        ['115200', '57600'],
      );
      assert.match(
        calls()[0] ?? '',
        /^-p atmega328p -c arduino -P \/dev\/ttyUSB0 .* -D -U flash:w:.*panel\.hex:i$/,
      );
    },
  ));

test('neither speed: said so', () =>
  withAvrdude('echo "avrdude: stk500_recv(): programmer is not responding" >&2; exit 1', async () => {
    assert.equal(await avrdude().flash('/dev/ttyUSB0'), { done: false, why: 'noSync', text: '' });
  }));

test('another fault is told in its own words, and not tried at another speed', () =>
  withAvrdude('echo "avrdude: verification error; content mismatch" >&2; exit 1', async (calls) => {
    const flashed = await avrdude().flash('/dev/ttyUSB0');
    assert.ok(!flashed.done && flashed.why === 'failed' && flashed.text.includes('mismatch'));
    assert.is(calls().length, 1);
  }));

test('without avrdude: said so', async () => {
  const before = process.env.PATH;
  process.env.PATH = tempDir();
  try {
    assert.equal(await avrdude().flash('/dev/ttyUSB0'), { done: false, why: 'noTool', text: '' });
  } finally {
    process.env.PATH = before;
  }
});

test.run();
