/** The config file: valid and whole, or every fault told, and no secret with them. */
import { closeSync, ftruncateSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readConfig } from '../../gateway/cli/config-file.ts';
import { parseConfig } from '../../gateway/contract/config.ts';
import { faultLine } from '../../gateway/contract/faults.ts';
import { isSwipeError } from '../../gateway/seams/error.ts';
import { tempDirs } from '../support/temp.ts';
import { mutated } from './bytes.ts';
import { attack, hostile } from './inputs.ts';
import { type MemberText, objectText, spoiled, valueText } from './json.ts';

const test = suite('hostile: config');
const tempDir = tempDirs(test);

type Members = Record<string, unknown>;

const token = 'h0rseb4tteryst4ple';
const secret = Buffer.from(`${token} ${token}`).toString('base64url');
const sharedKey = { kid: '1c-shop', alg: 'HS256', secret, allow: ['payment', 'status'] };
const publicKey = { kid: 'web', alg: 'EdDSA', publicKey: Buffer.alloc(32, 7).toString('base64url') };
const broker = {
  url: 'mqtts://broker:8883',
  ca: `-----BEGIN ${token}`,
  cert: `-----BEGIN ${token}`,
  key: `-----BEGIN ${token}`,
  username: 'box',
  password: token,
};
const terminal = {
  protocol: 'privat-json',
  link: 'serial:/dev/ttyUSB0',
  baudRate: 115200,
  currency: 'UAH',
  commandGapMs: 100,
  defaultMerchant: 'shop',
  merchants: { shop: '1', incasso: '10' },
};
const whole = {
  stateDir: '/var/lib/swipe',
  box: 'SW-7K3M9QXA2BCD',
  clock: 'timesync',
  broker,
  registry: { url: 'https://registry', key: 'A'.repeat(43) },
  terminal,
  panel: { link: 'serial:/dev/ttyACM0' },
  commandKeys: [sharedKey, publicKey],
  limits: { maxAmount: 5_000_000 },
};

const objectOf = (members: Members, values = valueText) => spoiled(members, values).map(objectText);
const configText: fc.Arbitrary<string> = fc
  .tuple(
    spoiled(whole),
    fc.oneof(objectOf(broker), fc.constant(JSON.stringify(broker))),
    fc.oneof(objectOf(terminal), fc.constant(JSON.stringify(terminal))),
    fc.oneof(
      fc.array(objectOf(sharedKey), { maxLength: 2 }).map((keys) => `[${keys.join(',')}]`),
      valueText,
    ),
    fc.nat(7),
  )
  .map(([members, broker, terminal, commandKeys, parts]) => {
    const given: MemberText[] = [
      ['broker', broker],
      ['terminal', terminal],
      ['commandKeys', commandKeys],
    ];
    return objectText([...members, ...given.filter((_, index) => (parts >> index) % 2 === 1)]);
  });

hostile(
  test,
  'any JSON is a config that reads the same again, or has faults that say where',
  fc.property(fc.oneof({ weight: 6, arbitrary: configText }, { weight: 1, arbitrary: valueText }), (text) => {
    const input: unknown = JSON.parse(text);
    const parsed = parseConfig(input);
    if ('config' in parsed) {
      const again = parseConfig(JSON.parse(JSON.stringify(parsed.config)));
      assert.equal(again, parsed);
      for (const [name, value] of Object.entries(input as Members)) {
        assert.ok(Object.hasOwn(parsed.config, name), `not used: ${name}`);
        if (typeof value !== 'object') assert.equal((parsed.config as Members)[name], value);
      }
      const { merchants } = (input as { terminal: { merchants?: object } }).terminal;
      assert.equal(Object.keys(parsed.config.terminal.merchants), Object.keys(merchants ?? {}));
    } else {
      assert.ok(parsed.faults.length > 0);
      const lines = parsed.faults.map(faultLine);
      assert.is(new Set(lines).size, lines.length, 'each fault once');
      for (const { found, allowed } of parsed.faults)
        assert.ok(found !== '' && allowed !== '' && found !== allowed);
      assert.ok(
        lines.every((line) => line.length < 1000),
        'a fault stays short',
      );
    }
  }),
);

/** Ways to be wrong, each at a place of its own: what is told of one must not hide another. */
const wrongs: readonly [path: string, spoil: (config: typeof whole) => void][] = [
  ['stateDir', (config) => Object.assign(config, { stateDir: 'here' })],
  ['box', (config) => Object.assign(config, { box: 'SW 1' })],
  ['clock', (config) => Object.assign(config, { clock: null })],
  ['broker.url', (config) => Object.assign(config.broker, { url: 'mqtt://broker:99999' })],
  ['broker.password', (config) => Object.assign(config.broker, { password: 5 })],
  ['broker.passwort', (config) => Object.assign(config.broker, { passwort: token })],
  ['broker.user', (config) => Object.assign(config.broker, { user: token })],
  ['registry.url', (config) => Object.assign(config.registry, { url: 'registry' })],
  ['terminal.link', (config) => Object.assign(config.terminal, { link: 'usb:1' })],
  ['terminal.baudRate', (config) => Object.assign(config.terminal, { baudRate: '115200' })],
  ['terminal.defaultMerchant', (config) => Object.assign(config.terminal, { defaultMerchant: 'stall' })],
  ['terminal.merchants.kiosk', (config) => Object.assign(config.terminal.merchants, { kiosk: 1 })],
  ['terminal.merchants.bar', (config) => Object.assign(config.terminal.merchants, { bar: 'one' })],
  [
    'terminal.merchants.constructor',
    (config) =>
      Object.defineProperty(config.terminal.merchants, 'constructor', { value: '3', enumerable: true }),
  ],
  [
    'terminal.merchants.__proto__',
    (config) =>
      Object.defineProperty(config.terminal.merchants, '__proto__', { value: '3', enumerable: true }),
  ],
  ['panel.link', (config) => Object.assign(config.panel, { link: 'tcp:1' })],
  ['commandKeys.0.secret', (config) => Object.assign(config.commandKeys[0] ?? {}, { secret: token })],
  [
    'commandKeys.0.allow.1',
    (config) => Object.assign(config.commandKeys[0] ?? {}, { allow: ['payment', 'everything'] }),
  ],
  ['commandKeys.1.kid', (config) => Object.assign(config.commandKeys[1] ?? {}, { kid: '1c-shop' })],
  ['commandKeys.1.publicKey', (config) => Object.assign(config.commandKeys[1] ?? {}, { publicKey: token })],
  ['limits.maxAmount', (config) => Object.assign(config.limits, { maxAmount: 0.5 })],
  ['limits.minAmount', (config) => Object.assign(config.limits, { minAmount: 1 })],
  [
    'limits.__proto__',
    (config) => Object.defineProperty(config.limits, '__proto__', { value: 1, enumerable: true }),
  ],
  ['constructor', (config) => Object.defineProperty(config, 'constructor', { value: 1, enumerable: true })],
  ['brokr', (config) => Object.assign(config, { brokr: {} })],
];

hostile(
  test,
  'of any number of faults each one is told, and nothing else',
  fc.property(fc.subarray([...wrongs], { minLength: 1 }), (chosen) => {
    const config = structuredClone(whole);
    for (const [, spoil] of chosen) spoil(config);
    const parsed = parseConfig(config);
    const paths = 'faults' in parsed ? parsed.faults.map(({ path }) => path) : [];
    assert.equal(paths.toSorted(), chosen.map(([path]) => path).toSorted());
  }),
);

/** The token at the places of secrets: as it should be, or as something else. */
const misplaced = fc.oneof(
  fc.constantFrom(token, ` ${token}`, `${token}\n`, `"${token}`).map((text) => JSON.stringify(text)),
  fc.constantFrom(`["${token}"]`, `{"value":"${token}"}`, `[["${token}"]]`, `{"${token}":1}`),
);
const secretName = fc.constantFrom('secret', 'Secret', 'password', 'passwd', 'key', 'cert', 'ca', 'token');
const url = fc
  .tuple(
    fc.constantFrom('mqtt://', 'mqtts://', 'http://', 'mqtt:', ''),
    fc.constantFrom('box', 'b x', ''),
    fc.constantFrom('', ' ', '"', '/', '@', '\\', '#'),
    fc.constantFrom('@broker:1', '@', '@broker/a@b'),
  )
  .map(([scheme, name, odd, host]) => JSON.stringify(`${scheme}${name}:${odd}${token}${odd}${host}`));
const carrying = fc
  .tuple(
    spoiled(whole),
    fc.array(fc.tuple(secretName, misplaced), { maxLength: 3 }),
    fc.constantFrom<keyof typeof whole>('broker', 'registry', 'terminal', 'commandKeys', 'limits', 'panel'),
    fc.option(url),
    fc.boolean(),
  )
  .map(([members, secrets, place, address, isList]) => {
    const inner = objectText([...(address === null ? [] : [['url', address] as const]), ...secrets]);
    return objectText([...members, [place, isList ? `[${inner}]` : inner]]);
  });
const inPlace = fc
  .tuple(fc.constantFrom<keyof typeof whole>('broker', 'commandKeys', 'terminal', 'registry'), misplaced)
  .map(([place, value]) =>
    objectText([
      ...Object.entries(whole).map(([name, value]): MemberText => [name, JSON.stringify(value)]),
      [place, value.startsWith('{') ? '1' : value],
    ]),
  );
const encodings = [token, secret, secret.slice(0, 24), Buffer.from(token).toString('hex')];

test('the file is read', () => {
  const path = join(tempDir(), 'config.json');
  writeFileSync(path, JSON.stringify(whole));
  assert.equal(readConfig(path).commandKeys.length, 2);
});

hostile(
  test,
  'no secret is shown, wherever it was put and whatever is wrong around it',
  fc.property(fc.oneof(carrying, inPlace), (text) => {
    const parsed = parseConfig(JSON.parse(text));
    const lines = 'faults' in parsed ? parsed.faults.map(faultLine).join('\n') : '';
    for (const one of encodings) assert.not.ok(lines.includes(one), lines);
  }),
);

test('a file with damage anywhere is read, or refused without showing a secret', async () => {
  const path = join(tempDir(), 'config.json');
  // Opening a file takes longer than all the rest.
  const file = openSync(path, 'w');
  const text = mutated(fc.oneof(configText, fc.constant(JSON.stringify(whole, null, 2))));
  const property = fc.property(text, (bytes) => {
    ftruncateSync(file);
    writeSync(file, bytes, 0, bytes.length, 0);
    try {
      readConfig(path);
    } catch (error) {
      assert.ok(isSwipeError(error, 'configInvalid'), String(error));
      // Damage may move a secret to where none belongs; what is no JSON any more says nothing but where.
      if (error.message.includes('is not JSON'))
        for (const one of encodings) assert.not.ok(error.message.includes(one));
    }
  });
  try {
    await attack('a damaged config file is read or refused', property);
  } finally {
    closeSync(file);
  }
});

test.run();
