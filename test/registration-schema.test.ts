import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import * as v from 'valibot';
import { parseConfig, publicKeyPattern } from '../gateway/contract/config.ts';
import { registrationStates as statesOfStatus } from '../gateway/contract/event.ts';
import {
  publicKeyX,
  registrationAnswerSchema,
  registrationStates,
} from '../gateway/contract/registration.ts';

const test = suite('registration schema');

const x = `${'A'.repeat(42)}E`;
const key = { kid: 'K-1', alg: 'HS256', secret: 'A'.repeat(43), allow: ['payment'] };
const answer = {
  box: 'SW-7K3M9QXA2BCD',
  nonce: `${'A'.repeat(21)}Q`,
  time: '2026-11-21T10:00:00.000Z',
  revision: 1,
  state: 'active',
  until: null,
  reason: null,
  broker: { url: 'mqtts://broker.example:8883', ca: '-----BEGIN CERTIFICATE-----' },
  certificate: null,
  commandKeys: [key],
  pairing: { code: 'Y7Q3-4SN-ATY0', expiresAt: '2026-11-21T12:00:00.000Z' },
  registryKeys: [{ kid: 'R-1', x }],
  registerAfter: '2026-11-22T10:00:00.000Z',
};

const faults = (change: object): string[] => {
  const { issues = [] } = v.safeParse(registrationAnswerSchema, { ...answer, ...change });
  return issues.map((issue) => `${v.getDotPath(issue)}: ${issue.message}`);
};

test('an answer that is one', () => {
  assert.equal(faults({}), []);
  assert.equal(faults({ broker: null, pairing: null, commandKeys: [] }), []);
  assert.equal(faults({ commandKeys: [key, { ...key, kid: 'K-2' }] }), []);
});

test('a kid that stands there twice is a fault, of sale systems and of the registry', () => {
  const twice = 'keys of which none stands there twice';
  assert.equal(faults({ commandKeys: [key, { ...key, secret: 'B'.repeat(43) }] }), [`commandKeys: ${twice}`]);
  assert.equal(faults({ registryKeys: [answer.registryKeys[0], { kid: 'R-1', x: `${'B'.repeat(42)}E` }] }), [
    `registryKeys: ${twice}`,
  ]);
});

test("the broker's address is one, of no more than it needs", () => {
  const at = (url: string): string[] => faults({ broker: { ...answer.broker, url } });
  for (const url of ['mqtts://broker.example', 'mqtt://127.0.0.1:1883', 'mqtts://[2001:db8::7]:8883/'])
    assert.equal(at(url), [], url);
  for (const url of [
    'https://broker.example',
    'mqtts://user:password@broker.example',
    'mqtts://broker.example/path',
    'mqtts://broker.example:8883?x',
    'mqtts://broker.example\n',
    'mqtts://',
    '',
  ])
    assert.equal(at(url), ['broker.url: mqtt://host:port or mqtts://host:port'], JSON.stringify(url));
  assert.is(at(`mqtts://${'a'.repeat(512)}`).length, 1);
});

test('a pairing code can be shown and typed', () => {
  const shown = (code: string): string[] => faults({ pairing: { ...answer.pairing, code } });
  assert.equal(shown('Y7Q3 4SN ATY0'), []);
  for (const code of ['', '\u001b[31m', 'Y7Q3\n', 'Ж7Q3', 'A'.repeat(41), '<b>'])
    assert.is(shown(code).length, 1, JSON.stringify(code));
});

test('what stands in two places is one thing', () => {
  assert.is(registrationStates, statesOfStatus);
  const config = (registry: object): boolean =>
    'config' in
    parseConfig({
      registry: { url: 'https://registry.example', ...registry },
      terminal: { protocol: 'privat-json', link: 'tcp:127.0.0.1:2000' },
      commandKeys: [],
    });
  for (const text of [x, `${x}A`, x.slice(1), `${'A'.repeat(42)}B`, '']) {
    assert.is(v.is(publicKeyX, text), publicKeyPattern.test(text), text);
    assert.is(config({ key: text }), publicKeyPattern.test(text), text);
  }
});

test.run();
