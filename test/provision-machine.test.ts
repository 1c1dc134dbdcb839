import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { machineFacts } from '../gateway/cli/technician/world.ts';
import { machineFindings } from '../provisioning/technician/checks/machine.ts';
import { examine } from '../provisioning/technician/doctor.ts';
import { TechniciansWorld } from './support/technician-world.ts';

const test = suite('provision: machine');

test('a place in memory is known as one, also before it is made', () => {
  // A tmpfs on every Linux.
  const folder = mkdtempSync('/dev/shm/swipe-');
  try {
    const later = join(folder, 'state');
    assert.equal(machineFacts(later, folder).forgetting, [later, folder]);
    assert.equal(machineFacts(folder, '/proc').forgetting, [folder]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('who sets a box up is told of both places, the doctor of the state alone', async () => {
  const world = new TechniciansWorld();
  const [state, config] = ['/var/lib/swipe', '/etc/swipe'];
  world.forgetting = [state, config];
  const named = (findings: ReturnType<typeof machineFindings>): unknown[] =>
    findings.filter(({ text }) => text === 'diskForgets').map(({ level, with: { path } }) => [level, path]);
  assert.equal(named(machineFindings(world.asWorld().machine(), state)), [
    ['warning', state],
    ['warning', config],
  ]);
  const asked = { registry: null, broker: null, isOnline: false };
  assert.equal(named(await examine(world.asWorld(), asked)), [['warning', state]]);
  world.forgetting = [config];
  assert.equal(named(await examine(world.asWorld(), asked)), []);
});

test.run();
