/** Wi-Fi and address by NetworkManager, whose program is stood in for. */
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { keyFile, networkManager } from '../gateway/cli/technician/network-manager.ts';
import { answersWith, TechniciansWorld } from './support/technician-world.ts';
import { tempDirs } from './support/temp.ts';

const test = suite('provision: joining a network');
const tempDir = tempDirs(test);

const wanted = { wifi: { ssid: 'Крамниця; 1', password: ' back\\slash ', country: 'UA', hidden: false } };

/** With an nmcli that does this when a connection is to come up. */
async function withNmcli(
  up: string,
  use: (folder: string, calls: () => string) => Promise<void>,
): Promise<void> {
  const root = tempDir();
  const folder = join(root, 'connections');
  mkdirSync(folder);
  mkdirSync(join(root, 'bin'));
  const program = (name: string, text: string): void => {
    writeFileSync(join(root, 'bin', name), `#!/bin/sh\necho "${name} $*" >> ${root}/calls\n${text}\n`);
    chmodSync(join(root, 'bin', name), 0o755);
  };
  program(
    'nmcli',
    `case "$*" in *"connection up"*) ${up};; *--active*) cat ${root}/active 2>/dev/null;; esac; exit 0`,
  );
  program('raspi-config', 'exit 0');
  program('rfkill', 'exit 0');
  const before = process.env.PATH;
  process.env.PATH = [join(root, 'bin'), before].join(delimiter);
  try {
    await use(folder, () => readFileSync(join(root, 'calls'), 'utf8'));
  } finally {
    process.env.PATH = before;
  }
}

test('a password is in a file of root alone, and never an argument', () =>
  withNmcli('exit 0', async (folder, calls) => {
    const manager = networkManager(folder);
    assert.equal(await manager.join(wanted), { done: true });
    const path = join(folder, 'swipe-wifi.nmconnection');
    assert.is(statSync(path).mode & 0o777, 0o600);
    assert.match(readFileSync(path, 'utf8'), /psk=\\sback\\\\slash\\s/);
    assert.not.match(calls(), /back/);
    assert.match(calls(), /do_wifi_country UA/);
  }));

test('joined is what is written and active', () =>
  withNmcli('exit 0', async (folder) => {
    const manager = networkManager(folder);
    assert.is(await manager.isJoined(wanted), false);
    await manager.join(wanted);
    assert.is(await manager.isJoined(wanted), false, 'not active');
    writeFileSync(join(folder, '../active'), 'lo\nswipe-wifi\n');
    assert.is(await manager.isJoined(wanted), true);
    assert.is(await manager.isJoined({ wifi: { ...wanted.wifi, ssid: 'other' } }), false);
  }));

test('a network that does not let it in: what was before is back, and the reason is told', async () => {
  await withNmcli('echo "Error: Secrets were required, but not provided." >&2; exit 4', async (folder) => {
    const failed = await networkManager(folder).join(wanted);
    assert.equal(failed, { done: false, text: 'Error: Secrets were required, but not provided.' });
    assert.not.ok(existsSync(join(folder, 'swipe-wifi.nmconnection')));
  });
  await withNmcli('exit 4', async (folder) => {
    const path = join(folder, 'swipe-wifi.nmconnection');
    writeFileSync(path, 'the one before');
    await networkManager(folder).join(wanted);
    assert.is(readFileSync(path, 'utf8'), 'the one before');
  });
});

test('an address of its own, on a cable and in a Wi-Fi', () => {
  const network = { address: '192.168.1.20/24', gateway: '192.168.1.1', dns: ['1.1.1.1', '8.8.8.8'] };
  const cable = keyFile('swipe-lan', { network });
  assert.match(
    cable,
    /type=ethernet[\s\S]*method=manual\naddress1=192\.168\.1\.20\/24,192\.168\.1\.1\ndns=1\.1\.1\.1;8\.8\.8\.8;/,
  );
  assert.match(keyFile('swipe-wifi', { ...wanted, network }), /type=wifi[\s\S]*method=manual/);
  assert.match(
    keyFile('swipe-wifi', { wifi: { ssid: 'ab', country: 'UA', hidden: true } }),
    /ssid=97;98;\nhidden=true/,
  );
});

test('the step: joined once; a failure is told with the network', async () => {
  const world = new TechniciansWorld();
  const answers = answersWith({ wifi: { ssid: 'shop', password: 'long enough' } });
  assert.is((await world.run(answers)).ending.how, 'done');
  assert.is(world.deeds[0], 'join');
  world.joined = { done: false, text: 'no secrets' };
  const { findings } = await world.run(answers);
  assert.equal([findings.at(-1)?.text, findings.at(-1)?.with.ssid], ['wifiFailed', 'shop']);
});

test.run();
