import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { filesAt, placesIn, writeWhole } from '../gateway/cli/technician/files.ts';
import { provisionLog } from '../gateway/cli/technician/log-file.ts';
import { fault, ok } from '../provisioning/technician/finding.ts';
import { tempDirs } from './support/temp.ts';

const test = suite('provision: files and log');
const tempDir = tempDirs(test);
const clock = { nowMs: () => Date.UTC(2026, 10, 21, 10) };

test('each file has its mode from its first moment under its name, and nothing else is left', () => {
  const root = tempDir();
  mkdirSync(join(root, 'var/lib/swipe'), { recursive: true });
  const files = filesAt(placesIn(root));
  const modes = { config: 0o640, pin: 0o640, progress: 0o644, sheet: 0o644 } as const;
  for (const [name, mode] of Object.entries(modes) as [keyof typeof modes, number][]) {
    assert.is(files.read(name), null);
    files.write(name, `${name} 1`);
    files.write(name, `${name} 2`);
    assert.is(files.read(name), `${name} 2`);
    assert.is(statSync(files.paths[name]).mode & 0o777, mode, name);
  }
  assert.equal(readdirSync(join(root, 'etc/swipe')).sort(), ['gateway.json', 'terminal.json']);
});

test('a remnant of a write that was cut off is no obstacle, and is not followed where it leads', () => {
  const folder = tempDir();
  const other = join(folder, 'other');
  writeFileSync(other, 'untouched');
  symlinkSync(other, join(folder, 'file.new'));
  writeWhole(join(folder, 'file'), 'whole', 0o600, null);
  assert.equal(
    [readFileSync(join(folder, 'file'), 'utf8'), readFileSync(other, 'utf8')],
    ['whole', 'untouched'],
  );
});

test('a log holds what was found and no secret, however it is spelled', () => {
  const path = join(tempDir(), 'own', 'provision.log');
  const typed: string[] = [];
  const log = provisionLog(path, clock, () => ['pass"word 1', ...typed]);
  log.finding(ok('machineIs', { model: 'Pi', serial: '1', system: 'Debian' }));
  log.open();
  typed.push('typed later');
  log.event('odd', { text: 'pass"word 1 and typed later' });
  log.finding(fault('wifiFailed', { ssid: 'shop', error: 'psk pass"word 1 refused' }));
  log.log.warn('no answer of the registry', { reason: 'for y7q3-4sn-aty0, Y7Q34SNATY0 and pass"word 1' });
  const text = readFileSync(path, 'utf8');
  assert.match(text, /"machineIs"[\s\S]*"wifiFailed"[\s\S]*no answer of the registry/);
  assert.not.match(text, /word 1|typed later|4sn|4SN/);
  for (const line of text.trim().split('\n')) JSON.parse(line);
});

test('a box id, times and numbers are no codes', () => {
  const path = join(tempDir(), 'provision.log');
  const log = provisionLog(path, clock, () => []);
  log.open();
  log.event('kept', { box: 'SW-7K3M9QXA2BCD', ms: 12345678901, link: 'usb-VeriFone_Inc_Trident' });
  const text = readFileSync(path, 'utf8');
  assert.ok(text.includes('SW-7K3M9QXA2BCD') && text.includes('12345678901') && text.includes('Trident'));
});

test('what could not be written whole leaves nothing behind', () => {
  const folder = tempDir();
  // A name that is taken by a directory cannot be replaced.
  mkdirSync(join(folder, 'file/taken'), { recursive: true });
  assert.throws(() => writeWhole(join(folder, 'file'), 'a secret', 0o600, null));
  assert.equal(readdirSync(folder), ['file']);
});

test('a log that has grown large begins anew, and the one before is kept', () => {
  const path = join(tempDir(), 'provision.log');
  writeFileSync(path, 'x'.repeat(512 * 1024 + 1));
  const log = provisionLog(path, clock, () => []);
  log.event('begins', {});
  log.open();
  assert.ok(statSync(path).size < 1_000);
  assert.is(statSync(`${path}.1`).size, 512 * 1024 + 1);
});

test('before anything changes nothing is written', () => {
  const path = join(tempDir(), 'provision.log');
  const log = provisionLog(path, clock, () => []);
  log.event('begins', {});
  assert.is(statSync(path, { throwIfNoEntry: false }), undefined);
  log.open();
  assert.match(readFileSync(path, 'utf8'), /"begins"/);
});

test.run();
