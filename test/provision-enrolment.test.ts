/** What root does in the gateway's state directory, which the gateway's user owns. */
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { enrolmentIn } from '../gateway/cli/technician/enrolment.ts';
import { silentLog } from '../gateway/seams/log.ts';
import { systemTime } from '../gateway/system/time.ts';
import { FakeRegistry, registryPair } from './support/fake-registry.ts';
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

test('a box that is registered already asks at once, too: somebody waits for it', async () => {
  const registry = new FakeRegistry(systemTime);
  const server = createServer(async (request, response) => {
    const reply = await registry.exchange(await text(request), new AbortController().signal);
    response.writeHead(reply.status).end(reply.text);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { enrol } = enrolment(join(tempDir(), 'state'));
    const terminal = { vendor: null, model: null, software: null, id: null, merchants: {} };
    const asked = { registry: { url, key: registryPair(1).x }, claim: undefined, terminal, ownBroker: true };
    for (let times = 1; times <= 4; times += 1) {
      assert.equal(await enrol(asked), { kind: 'answered', state: 'active', reason: null });
      assert.is(registry.requests.length, times);
    }
  } finally {
    server.closeAllConnections();
    server.close();
  }
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
