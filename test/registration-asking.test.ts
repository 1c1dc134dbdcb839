import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { version } from '../gateway/version.ts';
import { problem, registryPair, type Say, signedBy } from './support/fake-registry.ts';
import { box, boxKey, registrarBench } from './support/registrar-bench.ts';

const test = suite('registration: asking');

const secondMs = 1000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

const failureOf = (bench: ReturnType<typeof registrarBench>): string => bench.registrar.view().failure ?? '';

test('a box says who it is when it boots, and believes what it is answered', async () => {
  const bench = registrarBench({ claim: '7K3M-9QX-A2BC' });
  const { registry, time } = bench;
  bench.start();
  assert.is(bench.standing().state, 'unregistered');
  await time.advance(0);
  assert.equal(registry.last, {
    box,
    key: boxKey.publicKey.x,
    nonce: Buffer.alloc(16, 1).toString('base64url'),
    count: 1,
    time: '2026-11-21T08:00:00.000Z',
    version,
    hardware: { model: 'Raspberry Pi 3', serial: '00000000abcdef01', system: 'Debian 12' },
    terminal: { vendor: 'PAX', model: 'S800', software: '1.0', id: 'S1260S6Y' },
    sequence: 7,
    revision: 0,
    trusts: [registry.pairs[0]?.kid],
    certificate: null,
    claim: '7K3M-9QX-A2BC',
  });
  assert.is(bench.standing().state, 'active');
  assert.is(bench.state.changes, 1);
  await bench.stop();
  assert.is(time.pending, 0);
});

test('it asks again when the registry wishes, at most a day and a half later, and sends its claim no more', async () => {
  const bench = registrarBench({ claim: '7K3M-9QX-A2BC' });
  const { registry, time } = bench;
  await bench.boot();
  await time.advance(dayMs - 2 * minuteMs);
  assert.is(registry.requests.length, 1);
  registry.script.push(registry.says({ registerAfter: '2030-01-01T00:00:00.000Z' }));
  await time.advance(minuteMs);
  assert.is(registry.requests.length, 2);
  const { count, revision, claim } = registry.last;
  assert.equal([count, revision, claim], [2, 1, undefined]);
  await time.advance(36 * hourMs - secondMs);
  assert.is(registry.requests.length, 2);
  await time.advance(secondMs);
  assert.is(registry.requests.length, 3);
  await bench.stop();
});

test('a box that has all it needs does not come in the first moment after a blackout', async () => {
  const bench = registrarBench();
  await bench.boot();
  await bench.stop();
  bench.start({ fraction: () => 0.9 });
  await bench.time.advance(26 * secondMs);
  assert.is(bench.registry.requests.length, 1);
  assert.is(bench.standing().state, 'active', 'it goes on by the last answer');
  await bench.time.advance(secondMs);
  assert.is(bench.registry.requests.length, 2);
  await bench.stop();
});

test('while the registry is away it is asked for ever, in growing pauses and with few lines', async () => {
  const bench = registrarBench();
  const { registry, time } = bench;
  const tries: number[] = [];
  const say: Say = () => {
    tries.push(time.monotonicMs());
    throw new Error('connect ECONNREFUSED');
  };
  for (let each = 0; each < 2000; each += 1) registry.script.push(say);
  bench.start();
  await time.advance(7 * dayMs);
  const pauses = tries.slice(1).map((at, each) => at - (tries[each] ?? 0));
  assert.equal(pauses.slice(0, 4), [3750, 7500, 15_000, 30_000]);
  assert.ok(Math.max(...pauses) <= 15 * minuteMs);
  assert.ok(pauses.length > 600);
  assert.ok(bench.matching(/no answer of the registry/).length < 30);
  assert.match(failureOf(bench), /ECONNREFUSED/);
  registry.script.length = 0;
  await time.advance(15 * minuteMs);
  assert.is(bench.standing().state, 'active');
  assert.is(failureOf(bench), '');
  assert.is(registry.last.count, registry.requests.length, 'each try has a count of its own');
  await bench.stop();
});

test('one at a time; what takes longer than ten seconds is not heard any more', async () => {
  const bench = registrarBench();
  const { registry, time } = bench;
  let answerLate = (): void => {};
  registry.script.push((request, jws) => {
    return new Promise((resolve) => {
      answerLate = () => resolve(registry.usual(request, jws));
    });
  });
  bench.start();
  await time.advance(5 * secondMs);
  for (let revision = 5; revision < 20; revision += 1) bench.registrar.notice(registry.notice(box, revision));
  await time.advance(4 * secondMs);
  assert.is(registry.requests.length, 1);
  await time.advance(secondMs);
  assert.match(failureOf(bench), /no answer in 10 s/);
  answerLate();
  await time.settle();
  assert.is(bench.standing().state, 'unregistered');
  await time.advance(minuteMs);
  assert.is(bench.standing().state, 'active');
  assert.is(registry.requests.length, 2);
  await bench.stop();
});

test('Retry-After is honoured, also when the registry calls meanwhile', async () => {
  for (const [status, code] of [
    [429, 'tooMany'],
    [503, 'busy'],
  ] as const) {
    const bench = registrarBench();
    const { registry, time } = bench;
    registry.script.push(problem(status, code, { retryAfterMs: hourMs }));
    bench.start();
    await time.advance(30 * minuteMs);
    bench.registrar.notice(registry.notice(box, 9));
    await time.advance(30 * minuteMs - secondMs);
    assert.is(registry.requests.length, 1);
    assert.match(failureOf(bench), new RegExp(code));
    await time.advance(15 * minuteMs + secondMs);
    assert.is(registry.requests.length, 2);
    assert.is(bench.standing().state, 'active');
    await bench.stop();
  }
});

test('a Retry-After beyond a day does not silence the box', async () => {
  const bench = registrarBench();
  const { registry, time } = bench;
  registry.script.push(problem(503, 'busy', { retryAfterMs: 999_999_999_000 }));
  bench.start();
  await time.advance(30 * hourMs);
  assert.is(bench.standing().state, 'active');
  await bench.stop();
});

test('what only a person can change is asked about once an hour', async () => {
  const bench = registrarBench();
  for (let each = 0; each < 100; each += 1) bench.registry.script.push(problem(409, 'keyMismatch'));
  bench.start();
  await bench.time.advance(dayMs);
  assert.ok(bench.registry.requests.length <= 33, `${bench.registry.requests.length}`);
  assert.match(failureOf(bench), /^keyMismatch: the box is known by another key/);
  await bench.stop();
});

test('called over MQTT the box asks at once, once for each call; whoever else calls is not heard', async () => {
  const bench = registrarBench();
  const { registry, time } = bench;
  await bench.boot();
  assert.is(registry.revision, 1);
  const call = (payload: Uint8Array): Promise<void> => {
    bench.registrar.notice(payload);
    return time.advance(secondMs);
  };
  registry.revision = 5;
  for (let times = 0; times < 3; times += 1) await call(registry.notice(box, 5));
  assert.is(registry.requests.length, 2);
  for (const other of [
    registry.notice(box, 9, registryPair(9)),
    registry.notice('SW-7K3M9QXA2BCD', 9),
    Buffer.from(signedBy(registryPair(1), 'swipe-registration-answer', { box, revision: 9 })),
    Buffer.from(signedBy(registryPair(1), 'swipe-registry-notice', { box, revision: 9, reboot: true })),
    Buffer.from('junk'),
    new Uint8Array(),
  ])
    await call(other);
  assert.is(registry.requests.length, 2);
  const believed = bench.matching(/call of the registry is not believed/).length;
  assert.ok(believed > 0 && believed <= 4, 'strangers do not fill the log');
  await bench.stop();
});

test('a call while the box is asking is not lost', async () => {
  const bench = registrarBench();
  const { registry, time } = bench;
  registry.script.push(async (request, jws) => {
    const reply = await registry.usual(request, jws);
    registry.revision = 7;
    bench.registrar.notice(registry.notice(box, 7));
    return reply;
  });
  bench.start();
  await time.advance(secondMs);
  assert.is(registry.requests.length, 2);
  assert.is(registry.asked.most, 1);
  await time.advance(hourMs);
  assert.is(registry.requests.length, 2);
  await bench.stop();
});

test('a claim code that is not wanted yet is tried again within the hour', async () => {
  const bench = registrarBench({ claim: '7K3M-9QX-A2BC' });
  const { registry, time } = bench;
  registry.script.push(registry.says({ state: 'unregistered', reason: 'claimLocked' }));
  bench.start();
  await time.advance(0);
  assert.is(bench.registrar.view().reason, 'claimLocked');
  await time.advance(hourMs);
  assert.is(bench.standing().state, 'active');
  assert.is(bench.registrar.view().reason, null);
  await bench.stop();
});

test('what a terminal says of itself is made fit for a list', async () => {
  const bench = registrarBench();
  Object.assign(bench.terminal, {
    vendor: ' Ingenico\0\0',
    model: 'x'.repeat(500),
    software: '\u0007',
    id: '',
  });
  await bench.boot();
  assert.equal(bench.registry.last.terminal, {
    vendor: 'Ingenico',
    model: 'x'.repeat(128),
    software: null,
    id: null,
  });
  await bench.stop();
});

test.run();
