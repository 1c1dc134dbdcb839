/** The large runs of the simulation: what a release is held against. Hours on a small machine. */
import { spawn } from 'node:child_process';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ownRoot } from '../simulation/pool.ts';

const test = suite('soak-simulation');

/** Runs `npm run simulate` with these arguments, its tables shown as they come. */
const simulate = (...args: string[]): Promise<number | null> =>
  new Promise((resolve, reject) => {
    const command = ['--import', 'tsx', 'test/simulation/main.ts', ...args];
    const child = spawn(process.execPath, command, { cwd: ownRoot, stdio: ['ignore', 'inherit', 'inherit'] });
    child.once('error', reject);
    child.once('exit', resolve);
  });

test('10,000 seeds of 50 operations: every rule holds', async () => {
  assert.is(await simulate('--seeds', '10000'), 0);
});

test('500 seeds of 500 operations: every rule holds', async () => {
  assert.is(await simulate('--seeds', '500', '--from', '1000001', '--operations', '500'), 0);
});

test('every deliberate defect is caught, hunted from the first seed on', async () => {
  assert.is(await simulate('--defects'), 0);
});

test.run();
