/** The committed firmware is what the sources give, within its limits; its logic passes its own tests on this machine. */
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { root } from './support/child.ts';
import { needing } from './support/needs.ts';
import { tempDirs } from './support/temp.ts';

const test = suite('firmware-build');
const tempDir = tempDirs(test);
const run = promisify(execFile);
const whatIsBuilt = needing(test, 'make', 'avr-gcc');
const whatRunsHere = needing(test, 'make', 'g++');

/** Runs make for the firmware; objects go to a directory of the test's own. Resolves with what it said. */
async function make(build: string, ...args: string[]): Promise<string> {
  const words = ['-j2', '-C', join(root, 'firmware'), `BUILD=${build}`, ...args];
  const { stdout, stderr } = await run('make', words);
  return stdout + stderr;
}

whatIsBuilt('the sources give the committed bytes, within the limits', async () => {
  const build = tempDir();
  const said = await make(build, 'check');
  const [, flash, ram] = /flash (\d+) of 8192 bytes, RAM (\d+) of 600 bytes/.exec(said) ?? [];
  assert.ok(Number(flash) > 2000 && Number(flash) <= 8192, said);
  assert.ok(Number(ram) > 100 && Number(ram) <= 600, said);
  const committed = readFileSync(join(root, 'firmware/panel.hex'), 'utf8');
  assert.is(readFileSync(join(build, 'panel.hex'), 'utf8'), committed);

  const other = join(build, 'other.hex');
  writeFileSync(other, committed.replace('0', '1'));
  for (const [changed, says] of [
    [`FLASH_MAX=${Number(flash) - 1}`, `flash ${flash} of`],
    [`RAM_MAX=${Number(ram) - 1}`, `RAM ${ram} of`],
    [`COMMITTED=${other}`, 'is not what the sources give'],
  ] as const) {
    const failed = await make(build, 'check', changed).then(
      () => null,
      (error: { stdout: string; stderr: string }) => error.stdout + error.stderr,
    );
    assert.ok(failed?.includes(says), `${changed}: ${failed}`);
  }
  await make(build, 'check', `FLASH_MAX=${flash}`, `RAM_MAX=${ram}`);
});

whatRunsHere('parser, debounce, heartbeat and the rest pass with the sanitizers on', async () => {
  const said = await make(tempDir(), 'host-test');
  assert.match(said, /\n[3-9]\d tests, 0 failures\n/);
  assert.match(said, /ok {3}aMillionRandomBytesDoNoHarm/);
});

test.run();
