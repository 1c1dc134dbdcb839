import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { makeBoxKey } from '../gateway/cloud/box-key.ts';
import { type Config, parseConfig } from '../gateway/contract/config.ts';
import { type Fault, faultLine } from '../gateway/contract/faults.ts';
import { startGateway } from '../gateway/main.ts';
import { isSwipeError } from '../gateway/seams/error.ts';
import { silentLog } from '../gateway/seams/log.ts';
import { tempDirs } from './support/temp.ts';

const test = suite('registration: config');
const tempDir = tempDirs(test);

const key = Buffer.alloc(32, 'printable ascii ').toString('base64url');
const registry = { url: 'https://registry.example:8443/swipe', key };
const config = (change: object, more: object = {}): object => ({
  terminal: { protocol: 'privat-json', link: 'serial:/dev/ttyUSB0' },
  commandKeys: [],
  registry: { ...registry, ...change },
  ...more,
});

function read(input: object): Config {
  const parsed = parseConfig(input);
  if ('config' in parsed) return parsed.config;
  throw new Error(parsed.faults.map(faultLine).join('\n'));
}

function faultsOf(input: object): Fault[] {
  const parsed = parseConfig(input);
  return 'faults' in parsed ? parsed.faults : [];
}

const paths = (change: object): string[] => faultsOf(config(change)).map(({ path }) => path);

test('a registry tells the broker; one of them has to be there', () => {
  assert.is(read(config({})).broker, null);
  assert.is(read(config({}, { broker: null })).broker, null);
  assert.equal(read(config({}, { broker: { url: 'mqtt://b' } })).broker, { url: 'mqtt://b' });
  assert.equal(
    faultsOf(config({}, { registry: null })).map(({ path }) => path),
    ['broker'],
  );
});

test('its CA and a claim code may be there', () => {
  const change = { ca: '/ca.pem', claim: '7k3m-9qx a2bc' };
  assert.equal(read(config(change)).registry, { ...registry, ...change });
  assert.equal(paths({ claim: '' }), ['registry.claim']);
  assert.equal(paths({ claim: 'x'.repeat(41) }), ['registry.claim']);
});

test('its address has TLS, or is on this machine', () => {
  for (const url of [
    'http://127.0.0.1:21080',
    'http://localhost/',
    'http://[::1]:80',
    'https://[2001:db8::1]',
  ])
    assert.equal(paths({ url }), [], url);
  for (const url of [
    'http://registry',
    'http://127.0.0.1.example',
    'https://',
    'https://me@registry',
    'https://r?a',
    'https://registry:99999',
  ])
    assert.equal(paths({ url }), ['registry.url'], url);
});

test('its key is one of 32 bytes, in their one spelling', () => {
  for (const wrong of ['', 'k', key.slice(1), `${key}A`, `${key.slice(0, -1)}l`])
    assert.equal(paths({ key: wrong }), ['registry.key'], wrong);
});

test('a claim code that is wrong is not shown', () => {
  assert.not.match(JSON.stringify(faultsOf(config({ claim: 'RECOGNISABLE!' }))), /RECOGNISABLE/);
});

test('a box that has another name than its key gives it cannot be known by a registry', async () => {
  const stateDir = join(tempDir(), 'state');
  const parsed = parseConfig({
    stateDir,
    box: 'SW-7K3M9QXA2BCD',
    broker: { url: 'mqtt://127.0.0.1:1' },
    registry: { url: 'http://127.0.0.1:1', key: makeBoxKey(new Uint8Array(32)).publicKey.x },
    terminal: { protocol: 'privat-json', link: 'tcp:127.0.0.1:1' },
    commandKeys: [],
  });
  if ('faults' in parsed) throw new Error(JSON.stringify(parsed.faults));
  try {
    await startGateway(parsed.config, { log: silentLog });
  } catch (error) {
    assert.ok(isSwipeError(error, 'configInvalid'));
    assert.match(error.message, /box: found "SW-7K3M9QXA2BCD", allowed with a registry: nothing, or "SW-/);
    return;
  }
  assert.unreachable();
});

test.run();
