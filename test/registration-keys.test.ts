import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createSignatures } from '../gateway/cloud/jws.ts';
import { issuedKeysOf } from '../gateway/cloud/registration/issued-keys.ts';
import type { CommandKey } from '../gateway/contract/config.ts';
import { isSwipeError } from '../gateway/seams/error.ts';
import { readResult, signCommand } from '../gateway/simulators/sale-system.ts';
import { registryPair } from './support/fake-registry.ts';
import { issued, RegisteredWorld, saleKeys } from './support/registered-world.ts';
import { box, boxKey, registrarBench } from './support/registrar-bench.ts';

const test = suite('registration: keys');

const { own, paired, other } = saleKeys;
const minuteMs = 60_000;
const dayMs = 86_400_000;

test("the registry's key is rotated: two are believed at once, then the new one alone", async () => {
  const bench = registrarBench();
  const { registry, time } = bench;
  const [first, second] = [registryPair(1), registryPair(2)];
  await bench.boot();
  registry.pairs = [second, first];
  await time.advance(dayMs);
  assert.equal(registry.last.trusts, [first.kid]);
  await time.advance(dayMs);
  assert.equal(registry.last.trusts, [second.kid, first.kid], 'learned from an answer by the old one');
  registry.pairs = [second];
  await time.advance(dayMs);
  await time.advance(dayMs);
  assert.equal(registry.last.trusts, [second.kid]);
  assert.is(bench.registrar.view().failure, null);

  // The one that the config still names is believed no more, also after a restart.
  await bench.stop();
  registry.pairs = [first];
  await bench.boot();
  assert.match(bench.registrar.view().failure ?? '', /not signed by a known key/);
  assert.is(bench.standing().state, 'active');
  await bench.stop();

  // When the config follows, nothing changes.
  registry.pairs = [second];
  await bench.boot({ pin: second.x });
  assert.is(bench.standing().state, 'active');
  assert.equal(registry.last.trusts, [second.kid]);
  await bench.stop();
});

test('a box that slept through a rotation believes the new key once its config names it', async () => {
  const bench = registrarBench();
  const { registry } = bench;
  registry.told = { commandKeys: [issued(paired)] };
  await bench.boot();
  await bench.stop();
  registry.pairs = [registryPair(2)];
  const pin = registryPair(1).x;
  await bench.boot({ pin });
  assert.match(bench.registrar.view().failure ?? '', /not signed by a known key/);
  await bench.stop();
  bench.start({ pin: registryPair(2).x });
  assert.is(bench.standing().state, 'unregistered', 'nothing of the other registry counts any more');
  assert.is(bench.registrar.keys.present('paired'), null);
  assert.ok(bench.registrar.keys.known('paired'), 'but what was begun is told');
  const { count } = registry.last;
  await bench.time.advance(minuteMs);
  assert.is(bench.standing().state, 'active');
  assert.ok(registry.last.count > count, 'and the count goes on');
  await bench.stop();
});

test('a notice is believed by the keys that are believed now', async () => {
  const bench = registrarBench();
  const { registry, time } = bench;
  registry.pairs = [registryPair(2), registryPair(1)];
  await bench.boot({ pin: registryPair(1).x });
  for (const [number, requests] of [
    [2, 2],
    [1, 3],
    [3, 3],
  ] as const) {
    bench.registrar.notice(registry.notice(box, registry.revision + 1, registryPair(number)));
    await time.advance(1000);
    assert.is(registry.requests.length, requests, `key ${number}`);
  }
  await bench.stop();
});

test('a sale system is paired and let go while the box runs, without a restart', async () => {
  const world = new RegisteredWorld();
  await world.start();
  assert.is(await world.pay(own), 'own approved 0000');
  assert.ok(await world.isDeafTo(paired));
  await world.tell({ commandKeys: [issued(paired)] });
  assert.is(await world.pay(paired), 'paired approved 0000');
  const refund = world.command('refund', { amount: 100, currency: 'UAH', rrn: '083998389823' });
  world.send(refund, paired);
  assert.is(await world.outcomeOf(refund), 'paired refused forbidden');
  await world.tell({ commandKeys: [issued(paired, ['payment', 'refund']), issued(other)] });
  assert.is(await world.pay(other), 'other approved 0000');
  assert.not(await world.isDeafTo(paired));
  await world.tell({ commandKeys: [issued(other)] });
  assert.ok(await world.isDeafTo(paired));
  assert.is(await world.pay(other), 'other approved 0000');
  assert.is(await world.pay(own), 'own approved 0000');
  await world.stop();
  assert.equal(world.failures, []);
});

test('a key without a list may ask for everything but resolve', async () => {
  const world = new RegisteredWorld();
  await world.start();
  const { kid, secret } = paired;
  await world.tell({ commandKeys: [{ kid, secret, alg: 'HS256' }] });
  assert.is(await world.pay(paired), 'paired approved 0000');
  const resolve = world.command('resolve', { target: 'operation-0001', outcome: 'failed', by: 'Olha' });
  world.send(resolve, paired);
  assert.is(await world.outcomeOf(resolve), 'paired refused forbidden');
  await world.stop();
});

test('a key is taken back while its payment runs: the payment ends, and is told in its name', async () => {
  const world = new RegisteredWorld({ options: { stepMs: 5000 } });
  await world.start();
  await world.tell({ commandKeys: [issued(paired)] });
  const payment = world.command('payment', { amount: 10050, currency: 'UAH' });
  world.send(payment, paired);
  await world.time.runUntil(() => world.gateway.status().operation?.state === 'running', minuteMs);
  await world.tell({ commandKeys: [] });
  assert.ok(await world.isDeafTo(paired), 'it cannot even abort');
  assert.is(world.gateway.status().operation?.id, payment.id);
  assert.is(await world.outcomeOf(payment), 'paired approved 0000');
  await world.stop();
});

test('the same across a restart, while the broker and the registry are away', async () => {
  const world = new RegisteredWorld();
  await world.start();
  await world.tell({ commandKeys: [issued(paired)] });
  const payment = world.command('payment', { amount: 10050, currency: 'UAH' });
  world.send(payment, paired);
  await world.time.runUntil(() => world.gateway.status().operation?.state === 'running', minuteMs);
  world.registry.told = { commandKeys: [] };
  world.registrar.notice(world.registry.notice(box, world.registry.revision + 1));
  world.broker.down();
  await world.time.advance(minuteMs);
  assert.is(world.registrar.keys.present('paired'), null);
  await world.stop();
  world.registry.away = true;
  world.broker.up();
  await world.start();
  await world.time.advance(minuteMs);
  assert.equal(
    world.results
      .filter(({ result }) => result.id === payment.id)
      .map(({ kid, result }) => `${kid} ${result.outcome}`),
    ['paired approved'],
  );
  await world.stop();
});

test("issued keys survive a restart without the registry; the config's stands before another of its name", async () => {
  const world = new RegisteredWorld();
  await world.start();
  await world.tell({ commandKeys: [issued(paired), issued({ ...other, kid: own.kid }, [])] });
  await world.stop();
  world.registry.away = true;
  await world.start();
  assert.is(await world.pay(paired), 'paired approved 0000');
  assert.is(await world.pay(own), 'own approved 0000');
  assert.ok(await world.isDeafTo({ ...other, kid: own.kid }));
  await world.stop();
});

test('what is told of the registry reaches payments: suspended, then active again', async () => {
  const world = new RegisteredWorld();
  await world.start();
  await world.tell({ state: 'suspended' });
  assert.is(world.gateway.status().registration.state, 'suspended');
  assert.is(await world.pay(own), 'own refused suspended');
  await world.tell({ state: 'active' });
  assert.is(await world.pay(own), 'own approved 0000');
  await world.stop();
});

test('a registry that is away, slow, or mad costs a payment nothing', async () => {
  const world = new RegisteredWorld();
  await world.start();
  world.registry.script.push(
    () => new Promise(() => {}),
    () => {
      throw new Error('reset');
    },
    () => ({ status: 200, retryAfterMs: null, text: 'x'.repeat(70_000) }),
  );
  world.registry.revision += 1;
  world.registrar.notice(world.registry.notice(box, world.registry.revision));
  for (let each = 0; each < 5; each += 1) {
    const began = world.time.monotonicMs();
    assert.is(await world.pay(own), 'own approved 0000');
    assert.ok(world.time.monotonicMs() - began < 10_000);
  }
  await world.stop();
  assert.equal(world.failures, []);
});

test('real signatures: present keys check, retired ones only sign, unusable ones do neither', async () => {
  const kept = { commandKeys: [] as CommandKey[], retired: [] as { key: CommandKey; atMs: number }[] };
  const keys = issuedKeysOf(() => kept);
  const commandKeys: CommandKey[] = [{ ...own, alg: 'HS256' }];
  const signatures = await createSignatures({ box, boxKey, commandKeys, issued: keys });
  const command = { id: 'operation-0001' };
  const refused = (key: typeof own): Promise<boolean> =>
    signatures.verify(signCommand(command, key)).then(
      () => false,
      (error) => isSwipeError(error, 'signatureInvalid'),
    );
  assert.ok(await refused(paired));
  kept.commandKeys = [issued(paired), { kid: 'web', alg: 'EdDSA', publicKey: 'A'.repeat(42) }];
  assert.equal(await signatures.verify(signCommand(command, paired)), { kid: 'paired', payload: command });
  assert.ok(await refused({ ...paired, secret: other.secret }));
  assert.ok(await refused({ kid: 'web', secret: other.secret }));
  kept.retired = kept.commandKeys.map((key) => ({ key, atMs: 0 }));
  kept.commandKeys = [];
  assert.ok(await refused(paired));
  const jws = await signatures.sign('{"sequence":1}', 'paired');
  assert.is(JSON.parse(Buffer.from(jws.split('.')[0] ?? '', 'base64url').toString()).kid, 'paired');
  assert.is(readResult(jws, paired), null, 'no result, but signed: no throw');
  // EdDSA results are the box's own.
  const web = await signatures.sign('{"sequence":1}', 'web');
  assert.is(JSON.parse(Buffer.from(web.split('.')[0] ?? '', 'base64url').toString()).kid, box);
});

test('retired keys are kept for 90 days, at most 64 of them', async () => {
  const bench = registrarBench();
  const { registry, time } = bench;
  const key = (number: number): CommandKey => issued({ kid: `k${number}`, secret: paired.secret });
  const call = async (commandKeys: CommandKey[]): Promise<void> => {
    registry.told = { commandKeys };
    bench.registrar.notice(registry.notice(box, registry.revision + 1));
    await time.advance(1000);
  };
  await bench.boot();
  await call(Array.from({ length: 64 }, (_, number) => key(number)));
  await call([key(100)]);
  await call([]);
  const known = (number: number): boolean => bench.registrar.keys.known(`k${number}`) !== null;
  assert.equal([known(0), known(1), known(63), known(100)], [false, true, true, true]);
  await call([key(1)]);
  await call([]);
  await time.advance(91 * dayMs);
  assert.equal([known(1), known(63)], [false, false]);
  await bench.stop();
});

test.run();
