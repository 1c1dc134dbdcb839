import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { p256KeyOf, tlsKeyOf } from '../gateway/cloud/registration/tls-key.ts';
import { messageOf } from '../gateway/seams/error.ts';
import { testAuthority } from './support/certificates.ts';
import { box, registrarBench } from './support/registrar-bench.ts';
import { tempDirs } from './support/temp.ts';
import { VirtualTime } from './support/virtual-time.ts';

const test = suite('registration: broker access');
const tempDir = tempDirs(test);

const minuteMs = 60_000;
const dayMs = 86_400_000;
const url = 'mqtts://broker.example:8883';

const key = tlsKeyOf(
  p256KeyOf(() => new Uint8Array(32).fill(5)),
  box,
);
const otherKey = tlsKeyOf(
  p256KeyOf(() => new Uint8Array(32).fill(6)),
  box,
);
const tlsKeys = { own: () => key };

/** A CA, and certificates that it issues; made before virtual time begins. */
async function authority(startMs = new VirtualTime().nowMs()) {
  const made = await testAuthority(tempDir(), startMs);
  const issue = (after: number, { csr } = key) => made.issueBox(box, csr, startMs + after);
  return { ca: (await made.trustedCas()).join(''), issue };
}

const refusal = (ask: () => unknown): string => {
  try {
    ask();
    return 'none';
  } catch (error) {
    return messageOf(error);
  }
};

test('the way to the broker: not known, told, kept across a restart without the registry', async () => {
  const { ca, issue } = await authority();
  const certificate = await issue(0);
  const bench = registrarBench({ tlsKeys });
  const { registry } = bench;
  registry.told = { broker: { url, ca }, certificate: certificate.chain };
  bench.start();
  assert.match(
    refusal(() => bench.registrar.broker()),
    /has not told where the broker is/,
  );
  await bench.time.advance(0);
  assert.is(registry.last.csr, key.csr);
  assert.is(registry.last.certificate, null);
  const way = { url, ca, cert: certificate.chain, key: key.pem };
  assert.equal(bench.registrar.broker(), way);
  assert.is(bench.state.brokerChanges, 1);
  registry.told = { broker: { url, ca }, certificate: null };
  await bench.time.advance(dayMs);
  assert.is(registry.last.certificate, certificate.serial);
  assert.equal(bench.registrar.broker(), way);
  assert.is(bench.state.brokerChanges, 1);
  await bench.stop();
  registry.away = true;
  await bench.boot();
  assert.equal(bench.registrar.broker(), way);
  await bench.stop();
});

test('a renewed certificate is used from the next connection on; another address at once', async () => {
  const { ca, issue } = await authority();
  const [first, second] = [await issue(0), await issue(31 * dayMs)];
  const bench = registrarBench({ tlsKeys });
  const { registry, time } = bench;
  registry.told = { broker: { url, ca }, certificate: first.chain };
  await bench.boot();
  registry.told = { broker: { url, ca }, certificate: second.chain };
  await time.advance(31 * dayMs);
  assert.is(bench.registrar.broker().cert, second.chain);
  assert.is(bench.state.brokerChanges, 1, 'what is connected stays so');
  registry.told = { broker: { url: 'mqtts://other.example', ca }, certificate: null };
  await time.advance(dayMs);
  assert.is(bench.registrar.broker().url, 'mqtts://other.example');
  assert.is(bench.state.brokerChanges, 2);
  await bench.stop();
});

test('a certificate that has expired: the registry is asked first, and at once', async () => {
  const { ca, issue } = await authority();
  const [first, next] = [await issue(0), await issue(100 * dayMs)];
  const bench = registrarBench({ tlsKeys });
  const { registry, time } = bench;
  registry.told = { broker: { url, ca }, certificate: first.chain };
  await bench.boot();
  registry.away = true;
  await time.advance(90 * dayMs);
  assert.match(
    refusal(() => bench.registrar.broker()),
    /no valid certificate/,
  );
  await time.advance(9 * dayMs);
  registry.away = false;
  registry.told = { broker: { url, ca }, certificate: next.chain };
  await time.advance(dayMs);
  const renewing = registry.requests.find(({ count }) => count > 1);
  assert.is(renewing?.certificate, null, 'an expired one is none');
  assert.is(bench.registrar.broker().cert, next.chain);
  assert.is(bench.state.brokerChanges, 2);
  await bench.stop();
});

test('an expired one that the registry did not replace is asked for when it is missed', async () => {
  const { ca, issue } = await authority();
  const next = await issue(100 * dayMs);
  const bench = registrarBench({ tlsKeys });
  const { registry, time } = bench;
  registry.told = { broker: { url, ca }, certificate: (await issue(0)).chain };
  await bench.boot();
  registry.told = { broker: { url, ca }, certificate: null };
  await time.advance(91 * dayMs + 60 * minuteMs);
  const before = registry.requests.length;
  registry.told = { broker: { url, ca }, certificate: next.chain };
  assert.match(
    refusal(() => bench.registrar.broker()),
    /no valid certificate/,
  );
  await time.advance(0);
  assert.is(registry.requests.length, before + 1);
  assert.is(bench.registrar.broker().cert, next.chain);
  await bench.stop();
});

test('tries to connect in vain end the wait for the registry: each hour when ten minutes have passed', async () => {
  const { ca, issue } = await authority();
  const bench = registrarBench({ tlsKeys });
  const { registry, time } = bench;
  registry.told = { broker: { url, ca }, certificate: (await issue(0)).chain };
  await bench.boot();
  const tryFor = async (minutes: number): Promise<number> => {
    for (let each = 0; each < minutes; each += 1) {
      bench.registrar.broker();
      await time.advance(minuteMs);
    }
    return registry.requests.length;
  };
  assert.is(await tryFor(30), 1, 'it was asked within this hour');
  await time.advance(60 * minuteMs);
  assert.is(await tryFor(9), 1);
  await time.advance(4 * minuteMs);
  assert.is(await tryFor(9), 1, 'a connection in between begins the count anew');
  await time.advance(4 * minuteMs);
  assert.is(await tryFor(12), 2);
  assert.is(await tryFor(120), 4);
  await bench.stop();
});

test('a certificate for another key, or out of a lost one, is none', async () => {
  const { ca, issue } = await authority();
  const bench = registrarBench({ tlsKeys });
  const { registry, time } = bench;
  registry.told = { broker: { url, ca }, certificate: (await issue(0, otherKey)).chain };
  bench.start();
  await time.advance(0);
  assert.match(bench.registrar.view().failure ?? '', /for another key/);
  registry.told = { broker: { url, ca }, certificate: (await issue(0)).chain };
  await time.advance(minuteMs);
  assert.is(bench.registrar.broker().key, key.pem);
  await bench.stop();

  registry.told = { broker: { url, ca }, certificate: (await issue(0, otherKey)).chain };
  bench.start({ tlsKeys: { own: () => otherKey } });
  assert.match(
    refusal(() => bench.registrar.broker()),
    /no valid certificate/,
  );
  await time.advance(0);
  assert.is(registry.last.certificate, null);
  assert.is(bench.registrar.broker().key, otherKey.pem);
  await bench.stop();
});

test('who is nobody any more is told no broker; what it has to tell goes the old way', async () => {
  const { ca, issue } = await authority();
  const bench = registrarBench({ tlsKeys });
  bench.registry.told = { broker: { url, ca }, certificate: (await issue(0)).chain };
  await bench.boot();
  bench.registry.told = { broker: null, state: 'unregistered', reason: 'claimNeeded' };
  await bench.time.advance(dayMs);
  assert.is(bench.standing().state, 'unregistered');
  assert.is(bench.registrar.broker().url, url);
  await bench.stop();
});

test('out of use it knocks at a broker that lets it in no more, and does not trouble the registry about it', async () => {
  const { ca, issue } = await authority();
  const bench = registrarBench({ tlsKeys });
  const { registry, time } = bench;
  registry.told = { broker: { url, ca }, certificate: (await issue(0)).chain };
  await bench.boot();
  registry.told = { broker: null, state: 'unregistered', reason: 'retired' };
  await time.advance(dayMs);
  const knock = async (): Promise<number> => {
    const before = registry.requests.length;
    for (let each = 0; each < 1440; each += 1) {
      refusal(() => bench.registrar.broker());
      await time.advance(minuteMs);
    }
    return registry.requests.length - before;
  };
  assert.is(await knock(), 1);
  await time.advance(91 * dayMs);
  assert.match(
    refusal(() => bench.registrar.broker()),
    /no valid certificate/,
  );
  assert.is(await knock(), 1, 'nor when its certificate has expired');
  await bench.stop();
});

test('within one machine the broker may be without TLS', async () => {
  const { ca } = await authority();
  const bench = registrarBench({ tlsKeys });
  bench.registry.told = { broker: { url: 'mqtt://127.0.0.1:21883', ca } };
  await bench.boot();
  assert.equal(bench.registrar.broker(), { url: 'mqtt://127.0.0.1:21883' });
  await bench.stop();
});

test('without a key for the broker the box still says why it does not ask', async () => {
  const bench = registrarBench({
    tlsKeys: {
      own() {
        throw new Error('EACCES: permission denied');
      },
    },
  });
  await bench.boot();
  assert.match(bench.registrar.view().failure ?? '', /EACCES/);
  await bench.stop();
});

test.run();
