import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Config, parseConfig } from '../gateway/contract/config.ts';
import { type Fault, faultLine } from '../gateway/contract/faults.ts';

const test = suite('registration: config');

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

test.run();
