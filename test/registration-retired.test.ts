import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { problem, type Say } from './support/fake-registry.ts';
import { RegisteredWorld, saleKeys } from './support/registered-world.ts';
import { box, registrarBench } from './support/registrar-bench.ts';

const test = suite('registration: out of use');

const secondMs = 1000;
const minuteMs = 60 * secondMs;
const dayMs = 24 * 60 * minuteMs;

const retired = { state: 'unregistered', reason: 'retired' } as const;

test('called and told: out of use at once, asks once a day, and comes back with a new claim', async () => {
  const bench = registrarBench();
  const { registry, time } = bench;
  await bench.boot();
  assert.is(bench.standing().state, 'active');
  registry.told = retired;
  registry.revision += 1;
  bench.registrar.notice(registry.notice(box, registry.revision));
  await time.advance(secondMs);
  assert.is(bench.standing().state, 'unregistered');
  const { state, reason, failure } = bench.registrar.view();
  assert.equal([state, reason, failure], ['unregistered', 'retired', null]);
  const before = registry.requests.length;
  await time.advance(10 * dayMs);
  assert.is(registry.requests.length, before + 10);
  await bench.stop();

  bench.start();
  assert.is(bench.standing().state, 'unregistered', 'also after a restart');
  await bench.stop();
  registry.told = {};
  await bench.boot({ claim: 'NEW1-234-5678' });
  assert.is(registry.last.claim, 'NEW1-234-5678');
  assert.equal([bench.standing().state, bench.registrar.view().reason], ['active', null]);
  await bench.stop();
});

test('what nobody has signed puts no box out of use: 410, with and without a reason', async () => {
  const bench = registrarBench({ claim: '7K3M-9QX-A2BC' });
  const { registry, time } = bench;
  await bench.boot();
  const text = JSON.stringify(retired);
  for (const say of [
    problem(410, 'retired'),
    (() => ({ status: 410, retryAfterMs: null, text })) satisfies Say,
    (() => ({ status: 200, retryAfterMs: null, text })) satisfies Say,
  ])
    for (let times = 0; times < 4; times += 1) registry.script.push(say);
  registry.revision += 1;
  bench.registrar.notice(registry.notice(box, registry.revision));
  const before = registry.requests.length;
  await time.advance(5 * secondMs);
  assert.match(bench.registrar.view().failure ?? '', /^HTTP 410$/);
  while (registry.script.length > 0) {
    await time.advance(minuteMs);
    assert.is(bench.standing().state, 'active');
  }
  await time.advance(15 * minuteMs);
  const told = registry.requests.slice(before);
  assert.is(told.length, 13, 'it asks on, as when nobody is there');
  assert.ok(told.every(({ claim }) => claim === undefined));
  assert.is(bench.standing().state, 'active');
  await bench.stop();
});

test('an answer of the time when it was out of use is worth nothing later', async () => {
  const bench = registrarBench();
  const { registry } = bench;
  let old = '';
  registry.script.push(async (request, jws) => {
    const reply = await registry.says(retired)(request, jws);
    old = reply.text;
    return reply;
  });
  await bench.boot();
  assert.is(bench.standing().state, 'unregistered');
  await bench.stop();
  await bench.boot({ claim: 'NEW1-234-5678' });
  assert.is(bench.standing().state, 'active');
  registry.script.push(() => ({ status: 200, retryAfterMs: null, text: old }));
  registry.revision += 1;
  bench.registrar.notice(registry.notice(box, registry.revision));
  await bench.time.advance(secondMs);
  assert.match(bench.registrar.view().failure ?? '', /another question/);
  assert.is(bench.standing().state, 'active');
  await bench.stop();
});

test('retired while it was off: the code in its config is offered at once, whether it is a new one or not', async () => {
  const bench = registrarBench({ claim: '7K3M-9QX-A2BC' });
  const { registry, time } = bench;
  await bench.boot();
  await bench.stop();
  registry.script.push(registry.says(retired));
  await bench.boot({ claim: 'NEW1-234-5678' });
  const claims = () => registry.requests.map(({ claim }) => claim);
  assert.equal(claims().slice(1), [undefined, 'NEW1-234-5678']);
  assert.is(bench.standing().state, 'active');
  await bench.stop();

  registry.told = retired;
  await bench.boot({ claim: 'NEW1-234-5678' });
  await time.advance(dayMs / 2);
  assert.equal(claims().slice(3), [undefined, 'NEW1-234-5678'], 'a spent one once, not again and again');
  assert.is(bench.registrar.view().reason, 'retired');
  await bench.stop();
});

test('out of use no new money is taken; refunds, reversals, totals and questions go on', async () => {
  const world = new RegisteredWorld();
  const { own } = saleKeys;
  await world.start();
  const payment = world.command('payment', { amount: 10050, currency: 'UAH' });
  world.send(payment, own);
  assert.is(await world.outcomeOf(payment), 'own approved 0000');
  await world.tell(retired);
  assert.is(world.gateway.status().registration.state, 'unregistered');
  assert.is(await world.pay(own), 'own refused unregistered');
  const outcomes: string[] = [];
  for (const [type, members] of [
    ['refund', { amount: 100, currency: 'UAH', rrn: '083998389823' }],
    ['reversal', { operation: payment.id }],
    ['receipt', {}],
    ['reconciliation', {}],
  ] as const) {
    const command = world.command(type, members);
    world.send(command, own);
    outcomes.push(`${type}: ${await world.outcomeOf(command)}`);
  }
  assert.equal(outcomes, [
    'refund: own approved 0000',
    'reversal: own approved 0000',
    'receipt: own done 0000',
    'reconciliation: own done 0000',
  ]);
  assert.not(await world.isDeafTo(own), 'status');
  await world.tell({ state: 'active', reason: null });
  assert.is(await world.pay(own), 'own approved 0000');
  await world.stop();
  assert.equal(world.failures, []);
});

test.run();
