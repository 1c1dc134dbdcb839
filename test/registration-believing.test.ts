import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ok, problem, registryPair, type Say, signedBy } from './support/fake-registry.ts';
import { issued, saleKeys } from './support/registered-world.ts';
import { registrarBench } from './support/registrar-bench.ts';

const test = suite('registration: believing');

const secondMs = 1000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

const failureOf = (bench: ReturnType<typeof registrarBench>): string => bench.registrar.view().failure ?? '';

const notBelieved: [name: string, say: (bench: ReturnType<typeof registrarBench>) => Say, why: RegExp][] = [
  ['nonsense', () => () => ok('<html>welcome to this hotel</html>'), /not a JWS/],
  ['nothing', () => () => ok(''), /not a JWS/],
  ['huge', () => () => ok('a'.repeat(65_537)), /too long/],
  ['an error page', () => () => ({ status: 502, retryAfterMs: null, text: '<html>' }), /HTTP 502/],
  ['a redirection', () => () => ({ status: 302, retryAfterMs: null, text: '' }), /HTTP 302/],
  ['a problem with a success', () => problem(200, 'failed'), /not a JWS/],
  [
    'another key under the same name',
    ({ registry }) =>
      (request) =>
        ok(
          signedBy(
            { ...registryPair(9), kid: registry.pairs[0]?.kid ?? '' },
            'swipe-registration-answer',
            registry.answer(request),
          ),
        ),
    /not signed by a known key/,
  ],
  [
    'a stranger',
    ({ registry }) =>
      (request) =>
        ok(signedBy(registryPair(9), 'swipe-registration-answer', registry.answer(request))),
    /not signed by a known key/,
  ],
  ["the box's own question", () => (_request, jws) => ok(jws), /typ/],
  [
    'an answer that was signed for another purpose',
    ({ registry }) =>
      (request) =>
        ok(signedBy(registryPair(1), 'swipe-registry-notice', registry.answer(request))),
    /typ/,
  ],
  [
    'one changed letter',
    ({ registry }) =>
      async (request, jws) => {
        const { text } = await registry.usual(request, jws);
        const [header, payload = '', signature] = text.split('.');
        const changed = Buffer.from(payload, 'base64url').toString().replace('"active"', '"trial"');
        return ok(`${header}.${Buffer.from(changed).toString('base64url')}.${signature}`);
      },
    /not signed/,
  ],
  [
    'text that is not JSON',
    ({ registry }) =>
      (request) =>
        registry.signed(request, '{"box":'),
    /found nothing/,
  ],
  [
    'another nonce',
    ({ registry }) => registry.says({ nonce: Buffer.alloc(16, 99).toString('base64url') }),
    /another question/,
  ],
  ['another box', ({ registry }) => registry.says({ box: 'SW-7K3M9QXA2BCD' }), /another box/],
  ['a state that there is not', ({ registry }) => registry.says({ state: 'free' }), /state: found "free"/],
  ['a member too many', ({ registry }) => registry.says({ reboot: true }), /reboot/],
  ['a revision that is none', ({ registry }) => registry.says({ revision: 0 }), /revision/],
  [
    'a key of the registry under another name',
    ({ registry }) =>
      registry.says({
        registryKeys: [{ ...registryPair(1), kid: 'mine' }].map(({ kid, x }) => ({ kid, x })),
      }),
    /not under its own name/,
  ],
  [
    'a broker without TLS',
    ({ registry }) =>
      registry.says({ broker: { url: 'mqtt://broker.example', ca: '-----BEGIN CERTIFICATE-----' } }),
    /not mqtts/,
  ],
  [
    'a CA that is none',
    ({ registry }) =>
      registry.says({ broker: { url: 'mqtts://broker.example', ca: '-----BEGIN CERTIFICATE-----\n' } }),
    /CA cannot be read/,
  ],
  [
    'a command key twice',
    ({ registry }) => registry.says({ commandKeys: [issued(saleKeys.paired), issued(saleKeys.paired, [])] }),
    /stands there twice/,
  ],
  [
    'a certificate that is none',
    ({ registry }) => registry.says({ certificate: '-----BEGIN CERTIFICATE-----\n' }),
    /certificate/,
  ],
];

for (const [name, say, why] of notBelieved)
  test(`not an answer: ${name}`, async () => {
    const bench = registrarBench();
    await bench.boot();
    const before = bench.disk.text;
    bench.registry.script.push(say(bench));
    await bench.time.advance(dayMs - minuteMs + secondMs);
    assert.is(bench.registry.requests.length, 2);
    assert.match(failureOf(bench), why);
    assert.is(bench.matching(/no answer of the registry/).length, 1);
    assert.is(bench.standing().state, 'active');
    assert.is(
      bench.disk.text?.replace(/^.*\n/, '').replace('"count":2', '"count":1'),
      before?.replace(/^.*\n/, ''),
    );
    await bench.time.advance(minuteMs);
    assert.is(failureOf(bench), '', 'and the next one is believed');
    await bench.stop();
  });

test('an old revision is ignored, also after a restart', async () => {
  const bench = registrarBench();
  const { registry } = bench;
  registry.revision = 41;
  await bench.boot();
  await bench.stop();
  for (const revision of [41, 42]) registry.script.push(registry.says({ revision, state: 'suspended' }));
  await bench.boot();
  assert.is(registry.requests[1]?.revision, 42);
  assert.is(bench.matching(/no answer of the registry/).length, 2);
  assert.is(bench.standing().state, 'active');
  await bench.stop();
});

test('a question that was answered twice: whichever answer comes is believed', async () => {
  const bench = registrarBench();
  const { registry } = bench;
  registry.script.push(async (request, jws) => {
    await registry.usual(request, jws);
    return registry.usual(request, jws);
  });
  await bench.boot();
  assert.is(bench.standing().state, 'active');
  assert.is(registry.requests.length, 1);
  await bench.stop();
});

test.run();
