import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { operationTypes } from '../gateway/contract/command.ts';
import { type Config, parseConfig, secretMinBytes } from '../gateway/contract/config.ts';
import { type Fault, faultLine } from '../gateway/contract/faults.ts';

const test = suite('config');

type Members = Record<string, unknown>;

const bytes = (length: number): string => Buffer.alloc(length, 'printable ascii ').toString('base64url');
const secret = bytes(secretMinBytes);
const key = { kid: '1c-shop', alg: 'HS256', secret, allow: ['payment', 'reversal', 'status'] };

const least = { broker: { url: 'mqtt://127.0.0.1' }, terminal: {}, commandKeys: [key] };
const terminal = { protocol: 'privat-json', link: 'serial:/dev/ttyUSB0' };
const config = (change: Members = {}, ofTerminal: Members = {}, ofBroker: Members = {}): Members => ({
  ...least,
  broker: { ...least.broker, ...ofBroker },
  terminal: { ...terminal, ...ofTerminal },
  ...change,
});

/** The example of the design, with what it leaves open filled in. */
const wholeExample = {
  stateDir: '/var/lib/swipe',
  box: 'SW-7K3M9QXA2BCD',
  clock: 'system',
  broker: {
    url: 'mqtts://broker:8883',
    ca: '/etc/swipe/ca.pem',
    cert: '/etc/swipe/box.pem',
    key: '/etc/swipe/box.key',
    username: 'SW-7K3M9QXA2BCD',
    password: 'a password',
  },
  registry: { url: 'https://registry', key: bytes(32) },
  terminal: {
    protocol: 'privat-json',
    link: 'serial:/dev/serial/by-id/usb-PAX_S800-if00',
    baudRate: 115200,
    currency: 'UAH',
    commandGapMs: 100,
    defaultMerchant: 'shop',
    merchants: { shop: '1', incasso: '10' },
  },
  panel: { link: 'serial:/dev/serial/by-id/usb-Arduino-if00' },
  printer: {
    link: 'usb:/dev/usb/lp0',
    baudRate: 19200,
    columns: 42,
    encoding: 'cp1125',
    codePage: 59,
    answers: false,
    slips: 2,
    cut: false,
  },
  desk: null,
  commandKeys: [key],
  limits: { maxAmount: 5000000 },
};

function read(input: unknown): Config {
  const parsed = parseConfig(input);
  if ('config' in parsed) return parsed.config;
  throw new Error(parsed.faults.map(faultLine).join('\n'));
}

function faultsOf(input: unknown): Fault[] {
  const parsed = parseConfig(input);
  return 'faults' in parsed ? parsed.faults : [];
}

const paths = (input: unknown): string[] => faultsOf(input).map(({ path }) => path);

test('the example of the design is valid and stays as it is', () => {
  assert.equal(read(wholeExample), wholeExample);
});

test('what may be left out gets its default', () => {
  assert.equal(read(config()), {
    stateDir: '/var/lib/swipe',
    clock: 'system',
    broker: { url: 'mqtt://127.0.0.1' },
    registry: null,
    terminal: { ...terminal, baudRate: 115200, currency: 'UAH', commandGapMs: 100, merchants: {} },
    panel: null,
    desk: null,
    printer: null,
    commandKeys: [key],
    limits: { maxAmount: 5_000_000 },
  });
  assert.equal(read(config({ limits: {} })).limits, { maxAmount: 5_000_000 });
  assert.equal(read(config({ registry: null, panel: null })).registry, null);
});

test('five faults are all told: where, what stands there, what is allowed', () => {
  const faults = faultsOf({
    ...wholeExample,
    stateDir: 'here',
    terminal: { ...wholeExample.terminal, baudRate: 1200, currency: 'hryvnia' },
    panel: { link: 'tcp:127.0.0.1:5000' },
    limits: { maxAmount: 0.5 },
  });
  assert.equal(faults.map(({ path }) => path).sort(), [
    'limits.maxAmount',
    'panel.link',
    'stateDir',
    'terminal.baudRate',
    'terminal.currency',
  ]);
  assert.equal(
    faults.find(({ path }) => path === 'terminal.baudRate'),
    { path: 'terminal.baudRate', found: '1200', allowed: 'one of 9600, 19200, 38400, 57600, 115200' },
  );
  for (const { found, allowed } of faults) assert.ok(found !== '' && allowed !== '' && found !== allowed);
});

test('faults between fields are told together with those of single fields', () => {
  const input = config(
    { clock: 'sundial', commandKeys: [key, key] },
    { defaultMerchant: 'kiosk' },
    { cert: 'PEM' },
  );
  assert.equal(paths(input).sort(), ['broker.key', 'clock', 'commandKeys.1.kid', 'terminal.defaultMerchant']);
});

test('what is missing is called missing', () => {
  assert.equal(faultsOf({}), [
    { path: 'terminal', found: 'nothing', allowed: 'a value: it may not be left out' },
    { path: 'commandKeys', found: 'nothing', allowed: 'a value: it may not be left out' },
    {
      path: 'broker',
      found: 'nothing',
      allowed: 'a value: it may be left out only with a registry, which tells it',
    },
  ]);
});

const recognisable = 'RECOGNISABLE';

test('no fault shows a secret, whatever is wrong with it and wherever it stands', () => {
  const hs256 = (change: Members) => config({ commandKeys: [{ ...key, ...change }] });
  const inputs: [name: string, Members][] = [
    ['too short', hs256({ secret: recognisable })],
    ['not base64url', hs256({ secret: `${recognisable}!${'x'.repeat(60)}` })],
    ['in a list', hs256({ secret: [recognisable] })],
    ['in an object', hs256({ secret: { text: recognisable } })],
    ['under a wrong name', hs256({ secert: recognisable, secret: undefined })],
    ['in the wrong kind of key', hs256({ alg: 'EdDSA', secret: recognisable })],
    ['beside a wrong alg', hs256({ alg: 'none', secret: recognisable })],
    ['in place of a key', config({ commandKeys: [recognisable] })],
    ['in place of the keys', config({ commandKeys: recognisable })],
    ['in place of the broker', config({ broker: recognisable })],
    ['password in a list', config({}, {}, { password: [recognisable] })],
    ['password in an address', config({}, {}, { url: `mqtt://me:${recognisable}@broker` })],
    ['password in the address of nothing', config({ registry: `https://me:${recognisable}@registry` })],
    [
      'password in an address of the registry',
      config({ registry: { url: `ftp://me:${recognisable}@r`, key: 'k' } }),
    ],
    ['the private key as a list', config({}, {}, { cert: 'PEM', key: [recognisable] })],
    ['the registry key', config({ registry: { url: 'https://registry', key: [recognisable], extra: 1 } })],
  ];
  for (const [name, input] of inputs) {
    const faults = faultsOf(input);
    assert.ok(faults.length > 0, `${name}: there is a fault`);
    assert.not.match(JSON.stringify(faults), recognisable, name);
  }
  assert.not.match(JSON.stringify(parseConfig(recognisable)), recognisable, 'in place of everything');
});

test('a secret written as a number is not shown either', () => {
  const input = config({ commandKeys: [{ ...key, secret: 91827364 }] }, {}, { password: 19283746 });
  assert.equal(paths(input), ['broker.password', 'commandKeys.0.secret']);
  assert.not.match(JSON.stringify(faultsOf(input)), /91827364|19283746/);
});

test('unknown members are named, at any depth', () => {
  const input = config({ colour: 1 }, { parity: 'even' }, { host: 'h' });
  assert.equal(paths(input).sort(), ['broker.host', 'colour', 'terminal.parity']);
  for (const fault of faultsOf(input)) assert.is(fault.found, 'an unknown member');
});

test('a kid stands only once; a key needs its kid', () => {
  const eddsa = { kid: 'shop-2', alg: 'EdDSA', publicKey: bytes(32) };
  assert.is(read(config({ commandKeys: [key, eddsa] })).commandKeys.length, 2);
  assert.equal(paths(config({ commandKeys: [key, eddsa, { ...eddsa, kid: key.kid }] })), [
    'commandKeys.2.kid',
  ]);
  assert.equal(paths(config({ commandKeys: [{ ...key, kid: undefined }] })), ['commandKeys.0.kid']);
  for (const kid of ['', 'a b', 'x'.repeat(65), 5])
    assert.equal(paths(config({ commandKeys: [{ ...key, kid }] })), ['commandKeys.0.kid'], String(kid));
});

test('secrets have at least 32 bytes and at most 1024, public keys exactly 32, none is cut', () => {
  const withSecret = (text: string) => paths(config({ commandKeys: [{ ...key, secret: text }] }));
  const withPublicKey = (text: string) =>
    paths(config({ commandKeys: [{ kid: 'k', alg: 'EdDSA', publicKey: text }] }));
  for (const length of [32, 33, 34, 1024]) assert.equal(withSecret(bytes(length)), [], `${length} bytes`);
  for (const length of [0, 31, 1025])
    assert.equal(withSecret(bytes(length)), ['commandKeys.0.secret'], `${length} bytes`);
  assert.equal(withSecret(`${bytes(33)}A`), ['commandKeys.0.secret'], 'a character too many');
  assert.equal(withSecret(`${secret}=`), ['commandKeys.0.secret'], 'padded');
  assert.equal(withPublicKey(bytes(32)), []);
  for (const length of [31, 33]) assert.equal(withPublicKey(bytes(length)), ['commandKeys.0.publicKey']);
});

test('a key may be allowed every type by name, and nothing else', () => {
  assert.equal(paths(config({ commandKeys: [{ ...key, allow: operationTypes }] })), []);
  assert.equal(paths(config({ commandKeys: [{ ...key, allow: [] }] })), []);
  assert.equal(paths(config({ commandKeys: [{ ...key, allow: ['payment', 'pay'] }] })), [
    'commandKeys.0.allow.1',
  ]);
});

test('cert and key come together', () => {
  assert.equal(paths(config({}, {}, { cert: 'PEM' })), ['broker.key']);
  assert.equal(paths(config({}, {}, { key: 'PEM' })), ['broker.cert']);
  assert.equal(paths(config({}, {}, { cert: 'PEM', key: 'PEM' })), []);
});

test('the forms of a link to the terminal', () => {
  const good = [
    'serial:/dev/ttyUSB0',
    'tcp:192.168.0.111:2000',
    'tcp:terminal.local:1',
    'tcp:[fe80::1]:65535',
  ];
  const bad = [
    ...['', 'usb', '/dev/ttyUSB0', 'serial:', 'serial:ttyUSB0', 'serial:/dev/tty USB0', 'tcp:host'],
    ...[
      'tcp:host:',
      'tcp:host:0',
      'tcp:host:65536',
      'tcp:host:99999',
      'tcp:host:x',
      'tcp::2000',
      'tcp:a/b:1',
      5,
    ],
  ];
  for (const link of good) assert.equal(paths(config({}, { link })), [], link);
  for (const link of bad) assert.equal(paths(config({}, { link })), ['terminal.link'], String(link));
  assert.equal(paths(config({ panel: { link: 'tcp:127.0.0.1:5000' } })), ['panel.link']);
});

test("the forms of the broker's address", () => {
  for (const url of [
    'mqtt://127.0.0.1',
    'mqtts://broker.example:8883',
    'mqtt://[::1]:1883/',
    'mqtt://h:65535',
  ])
    assert.equal(paths(config({}, {}, { url })), [], url);
  for (const url of [
    'http://h',
    'mqtt://',
    'mqtt://a b',
    'mqtt://u@h',
    'h:1883',
    'mqtt://h:65536',
    'mqtt://h:0',
  ])
    assert.equal(paths(config({}, {}, { url })), ['broker.url'], url);
});

test('merchants are names with an index as text; the default is one of them, or an index', () => {
  const merchants = { shop: '1', incasso: '10' };
  for (const defaultMerchant of ['shop', 'incasso', '7', undefined])
    assert.equal(paths(config({}, { merchants, defaultMerchant })), [], defaultMerchant);
  for (const defaultMerchant of ['kiosk', 'toString', '__proto__'])
    assert.equal(paths(config({}, { merchants, defaultMerchant })), ['terminal.defaultMerchant']);
  assert.equal(paths(config({}, { merchants: { shop: 1 } })), ['terminal.merchants.shop']);
  assert.equal(paths(config({}, { merchants: { shop: '1234' } })), ['terminal.merchants.shop']);
});

test('nothing that is no config throws', () => {
  for (const input of [
    null,
    undefined,
    5,
    'x',
    [],
    true,
    { broker: null, terminal: null, commandKeys: null },
  ])
    assert.ok(faultsOf(input).length > 0, JSON.stringify(input));
  for (const commandKeys of [[null], [5], [[]], { 0: key }, 'x'])
    assert.ok(faultsOf(config({ commandKeys })).length > 0, JSON.stringify(commandKeys));
  for (const broken of [5, 'x', [], null])
    assert.ok(faultsOf(config({ broker: broken, terminal: broken })).length >= 2, JSON.stringify(broken));
});

test.run();
