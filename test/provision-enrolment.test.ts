/** What root does in the gateway's state directory, which the gateway's user owns. */
import { chmodSync, chownSync, existsSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { enrolmentIn } from '../gateway/cli/technician/enrolment.ts';
import { silentLog } from '../gateway/seams/log.ts';
import { systemTime } from '../gateway/system/time.ts';
import { tempDirs } from './support/temp.ts';

const test = suite('provision: enrolment');
const tempDir = tempDirs(test);
const isRoot = process.geteuid?.() === 0;
/** Debian's nobody. */
const gatewaysUser = 65_534;

function stateOfAnother(): { state: string; rootsOwn: string } {
  const folder = tempDir();
  chmodSync(folder, 0o755);
  const state = join(folder, 'state');
  mkdirSync(state);
  chownSync(state, gatewaysUser, gatewaysUser);
  const rootsOwn = join(folder, 'roots-own');
  writeFileSync(rootsOwn, '{}', { mode: 0o600 });
  return { state, rootsOwn };
}

const enrolment = (stateDir: string) => enrolmentIn({ stateDir, time: systemTime, log: silentLog });

test('to look makes nothing, not even the directory', () => {
  const state = join(tempDir(), 'state');
  assert.is(enrolment(state).registered(), null);
  assert.not.ok(existsSync(state));
});

(isRoot ? test : test.skip)('a key is made as the owner of the directory', () => {
  const { state } = stateOfAnother();
  assert.match(enrolment(state).box(), /^SW-/);
  const { uid, gid, mode } = statSync(join(state, 'box-key.json'));
  assert.equal([uid, gid, mode & 0o777], [gatewaysUser, gatewaysUser, 0o600]);
  assert.is(process.geteuid?.(), 0);
});

(isRoot ? test : test.skip)('a link in it leads root nowhere that its owner may not go', () => {
  const { state, rootsOwn } = stateOfAnother();
  symlinkSync(rootsOwn, join(state, 'registration.json'));
  assert.throws(() => enrolment(state).registered(), /EACCES/);
  assert.is(process.geteuid?.(), 0);
});

test.run();
