/** The units as systemd reads them. */
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { placesIn } from '../gateway/cli/technician/files.ts';
import { root } from './support/child.ts';
import { needing } from './support/needs.ts';
import { tempDirs } from './support/temp.ts';

const test = suite('package: units');
const tempDir = tempDirs(test);
const units = ['swipe-gateway.service', 'swipe-registry.service'];
const textOf = (name: string): string => readFileSync(join(root, 'systemd', name), 'utf8');
const env = { ...process.env, LC_ALL: 'C', SYSTEMD_COLORS: '0', SYSTEMD_URLIFY: '0' };

/** What systemd-analyze complains about; the programs are not installed where the tests run. */
function complaints(name: string, text: string): string {
  const file = join(tempDir(), name);
  writeFileSync(file, text.replaceAll(/\/usr\/(bin\/swipe|lib\/swipe\/\S+)/g, '/bin/true'));
  const { stderr } = spawnSync('systemd-analyze', ['--man=no', 'verify', file], { encoding: 'utf8', env });
  return stderr
    .split('\n')
    .filter((line) => line.includes(name))
    .join('\n');
}

for (const name of units) {
  needing(test, 'systemd-analyze')(`${name}: no complaint`, () => {
    assert.is(complaints(name, textOf(name)), '');
    assert.match(
      complaints(name, textOf(name).replace('Restart=always', 'Restart=sometimes')),
      /restart specifier/,
    );
  });

  needing(test, 'systemd-analyze')(`${name}: an exposure of at most 2.0`, () => {
    const said = execFileSync(
      'systemd-analyze',
      ['security', '--offline=true', '--no-pager', join(root, 'systemd', name)],
      { encoding: 'utf8', env },
    );
    const figure = Number(/exposure level for \S+: (\d+\.\d)/.exec(said)?.[1]);
    assert.ok(figure <= 2, said.slice(-200));
  });
}

needing(test, 'systemd-analyze')('swipe-firstboot.service: no complaint, and not all of root', () => {
  const name = 'swipe-firstboot.service';
  assert.is(complaints(name, textOf(name)), '');
  const said = execFileSync(
    'systemd-analyze',
    ['security', '--offline=true', '--no-pager', join(root, 'systemd', name)],
    { encoding: 'utf8', env },
  );
  assert.ok(Number(/exposure level for \S+: (\d+\.\d)/.exec(said)?.[1]) <= 3.5, said.slice(-200));
});

test('the first boot needs answers, and each place where they are looked for is a reason', () => {
  const text = textOf('swipe-firstboot.service');
  const { boot, own } = placesIn('/');
  const files = [...boot.map((folder) => join(folder, 'swipe-answers.json')), join(own, 'answers.json')];
  assert.equal(
    [...text.matchAll(/^ConditionPathExists=(.+)$/gm)].map(([, path]) => path).sort(),
    files.map((path) => `|${path}`).sort(),
  );
  // What needs a person ends the tries.
  assert.match(text, /^RestartPreventExitStatus=2$/m);
});

test('the gateway is never given up, keeps no core, and waits for no time and no network', () => {
  const text = textOf('swipe-gateway.service');
  for (const line of [
    'StartLimitIntervalSec=0',
    'Restart=always',
    'Type=notify',
    'NotifyAccess=all',
    'LimitCORE=0',
  ])
    assert.match(text, new RegExp(`^${line}$`, 'm'));
  assert.not.match(text, /^MemoryDenyWriteExecute=yes/m, 'it would kill Node');
  assert.not.match(text, /time-sync|network-online/);
});

test('every driver whose ports the gateway may open is loaded before it, or built in', () => {
  const allowed = [...textOf('swipe-gateway.service').matchAll(/^DeviceAllow=char-(\w+)/gm)].map(
    ([, name]) => name,
  );
  const modules = textOf('swipe.modules-load');
  const from: Record<string, string | null> = {
    ttyUSB: 'usbserial',
    ttyACM: 'cdc_acm',
    ttyAMA: null,
    ttyS: null,
    // Of usbcore, which usbserial needs.
    usb: 'usbserial',
  };
  assert.equal(allowed.sort(), Object.keys(from).sort());
  for (const module of Object.values(from))
    if (module !== null) assert.match(modules, new RegExp(`^${module}$`, 'm'));
  assert.match(textOf('swipe-gateway.service'), /^After=.*systemd-modules-load\.service/m);
});

test.run();
