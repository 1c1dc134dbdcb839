import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isoTime } from '../gateway/contract/time.ts';
import type { Registration } from '../gateway/payments/outside.ts';
import { World, type WorldOptions } from './simulation/world.ts';

const test = suite('what a command meets');

async function started(options: WorldOptions = {}): Promise<World> {
  const world = new World({ script: { options: { stepMs: 500 } }, ...options });
  await world.start();
  return world;
}

const refusal = async (world: World, command: { id: string }, key?: { kid: string; secret: string }) => {
  const { outcome, reason } = await world.ask(command, key);
  return `${outcome} ${reason.code}`;
};
const sales = (world: World) => world.ledger().filter((line) => line.startsWith('sale'));
const resultsOf = (world: World, id: string) => world.results.filter((result) => result.id === id);

test('the same command three times, also across a restart: one charge, the same result three times', async () => {
  const world = await started();
  const payment = world.payment();
  const first = await world.ask(payment);
  const second = await world.ask(payment);
  world.kill();
  await world.start();
  const later = {
    ...payment,
    issuedAt: isoTime(world.time.nowMs()),
    expiresAt: isoTime(world.time.nowMs() + 60_000),
  };
  const third = await world.ask(later);
  assert.equal(second, first);
  assert.equal(third, first);
  assert.equal(sales(world), ['sale 10050']);
});

test('a command that waited at the broker while the box started is carried out, once the terminal is greeted', async () => {
  const world = await started();
  world.kill();
  const payment = world.payment();
  world.send(payment);
  await world.time.advance(5_000);
  world.boot();
  assert.is((await world.resultOf(payment.id)).outcome, 'approved');
});

test('without a terminal it is refused, soon after the start', async () => {
  const world = new World();
  world.terminal.unplug();
  const payment = world.payment();
  world.send(payment);
  world.boot();
  const { outcome, reason } = await world.resultOf(payment.id, 15_000);
  assert.equal([outcome, reason.code], ['refused', 'terminalAbsent']);
});

test('the same id with another amount: an event, no result, one charge', async () => {
  const world = await started();
  const payment = world.payment();
  await world.ask(payment);
  world.send({ ...payment, amount: 99 });
  await world.until(() => world.events.some(({ type }) => type === 'rejected'));
  await world.time.advance(60_000);
  assert.is(resultsOf(world, payment.id).length, 1);
  assert.equal(sales(world), ['sale 10050']);
  const [event] = world.events.filter(({ type }) => type === 'rejected');
  assert.equal(
    [event?.type === 'rejected' && event.id, event?.type === 'rejected' && event.reason],
    [payment.id, 'duplicate'],
  );
});

test('the same command while it runs: its progress again, one charge', async () => {
  const world = await started();
  const payment = world.payment();
  world.send(payment);
  await world.until(() => world.events.some((event) => event.type === 'progress' && event.step === 'pin'));
  const before = world.events.length;
  world.send(payment);
  await world.until(() => world.events.length > before);
  assert.equal(world.events[before], { type: 'progress', id: payment.id, step: 'pin' });
  await world.resultOf(payment.id);
  assert.equal(sales(world), ['sale 10050']);
});

test('progress comes in order', async () => {
  const world = await started({ script: { options: { stepMs: 800 } } });
  await world.ask(world.payment());
  const steps = world.events.flatMap((event) => (event.type === 'progress' ? [event.step] : []));
  assert.equal(steps, ['waitingForCard', 'cardRead', 'pin', 'authorising', 'inProgress']);
});

test('a second payment while one runs is refused as busy, and never started later', async () => {
  const world = await started();
  const payment = world.payment();
  world.send(payment);
  await world.until(() => world.terminal.isBusy());
  assert.is(await refusal(world, world.payment(1)), 'refused busy');
  await world.resultOf(payment.id);
  await world.time.advance(300_000);
  assert.equal(sales(world), ['sale 10050']);
});

test('a payment while somebody uses the terminal by hand is refused as busy', async () => {
  const world = await started();
  world.terminal.keypadSale(31);
  await world.until(() => world.terminal.isBusy());
  assert.is(await refusal(world, world.payment()), 'refused busy');
});

test('deadlines: expired, too long-lived, issued ahead of time', async () => {
  const world = await started();
  const nowMs = world.time.nowMs();
  const times = (issuedMs: number, expiresMs: number) => ({
    issuedAt: isoTime(nowMs + issuedMs),
    expiresAt: isoTime(nowMs + expiresMs),
  });
  assert.is(await refusal(world, world.payment(1, times(-120_000, -1))), 'refused expired');
  assert.is(await refusal(world, world.payment(1, times(0, 15 * 60_000 + 1))), 'refused invalid');
  assert.is(await refusal(world, world.payment(1, times(130_000, 240_000))), 'refused invalid');
  assert.equal(sales(world), []);
});

test('a command from before the journal is expired: an earlier journal may have carried it out', async () => {
  const world = await started();
  const times = {
    issuedAt: isoTime(world.journal.createdAtMs - 1),
    expiresAt: isoTime(world.journal.createdAtMs + 60_000),
  };
  assert.is(await refusal(world, world.payment(1, times)), 'refused expired');
});

test('the deadline is checked again after the baseline is read', async () => {
  const world = await started({ script: { options: { lookUpMs: 2_000 } } });
  const times = { expiresAt: isoTime(world.time.nowMs() + 1_000) };
  assert.is(await refusal(world, world.payment(1, times)), 'refused expired');
  assert.equal(sales(world), []);
});

test('while the clock is not known nothing starts, but status and abort do; then payments are taken', async () => {
  let known = false;
  const world = await started({ clock: 'timesync', synchronised: () => known });
  assert.is(await refusal(world, world.payment()), 'refused clockUnknown');
  assert.is(await refusal(world, world.command('receipt')), 'refused clockUnknown');
  assert.is((await world.ask(world.command('status', { target: 'nobody-knows' }))).target?.state, 'notFound');
  assert.is((await world.ask(world.command('abort', { target: 'nobody-knows' }))).outcome, 'done');
  const early = world.payment();
  known = true;
  await world.time.advance(5_000);
  assert.is(await refusal(world, early), 'refused expired', 'issued before the time was known');
  assert.is((await world.ask(world.payment())).outcome, 'approved');
});

test('a clock that was set back is not trusted, also after a restart', async () => {
  const world = await started();
  await world.ask(world.payment(500));
  world.time.jump(-3_600_000);
  assert.is(await refusal(world, world.payment()), 'refused clockUnknown');
  world.kill();
  await world.start();
  assert.is(await refusal(world, world.payment()), 'refused clockUnknown');
  world.time.jump(3_600_000);
  assert.is((await world.ask(world.payment())).outcome, 'approved');
});

for (const state of ['suspended', 'unregistered'] as const)
  test(`a ${state} box refuses new payments, and goes on with the rest`, async () => {
    const registration: Registration = { current: () => ({ state, untilMs: null }), onChange() {} };
    const world = await started({ registration });
    for (const command of [
      world.payment(),
      world.command('cashback', { amount: 100, cash: 100 }),
      world.command('preauthorization', { amount: 100 }),
      world.command('instalment', { amount: 100, plan: 'parts', parts: 3 }),
    ])
      assert.is(await refusal(world, command), `refused ${state}`);
    const refund = world.command('refund', { amount: 100, currency: 'UAH', rrn: '083998389823' });
    assert.is((await world.ask(refund)).outcome, 'approved');
    assert.is((await world.ask(world.command('reconciliation'))).outcome, 'done');
    assert.is(world.gateway.status().registration.state, state);
  });

test('what is not in the terms of the box is invalid, with the reason', async () => {
  const world = await started();
  const invalid: [object, RegExp][] = [
    [{ amount: 5_000_001 }, /amount.*5000000/],
    [{ currency: 'EUR' }, /currency.*EUR.*UAH/],
    [{ merchant: 'nobody' }, /merchant.*nobody.*shop/],
    [{ amount: 10.5 }, /amount.*10\.5.*integer/],
    [{ amount: 0 }, /amount/],
    [{ extra: true }, /extra/],
    [{ order: 'x'.repeat(65) }, /order/],
  ];
  for (const [members, text] of invalid) {
    const { outcome, reason } = await world.ask(world.payment(1, members));
    assert.equal([outcome, reason.source, reason.code], ['refused', 'box', 'invalid']);
    assert.match(reason.text, text);
  }
  assert.is(await refusal(world, world.command('teleport')), 'refused invalid');
  assert.equal(sales(world), []);
});

test('an abort before the command refuses its id for ever', async () => {
  const world = await started();
  const payment = world.payment();
  const abort = await world.ask(world.command('abort', { target: payment.id }));
  assert.equal([abort.target?.state, abort.target?.result], ['notFound', null]);
  assert.is(await refusal(world, payment), 'refused aborted');
  world.kill();
  await world.start();
  assert.is((await world.ask(payment)).outcome, 'refused');
  assert.equal(sales(world), []);
});

test('status tells the state and the result of its target', async () => {
  const world = await started();
  const payment = world.payment();
  world.send(payment);
  await world.until(() => world.terminal.status() === 9);
  const running = await world.ask(world.command('status', { target: payment.id }));
  assert.equal([running.target?.state, running.target?.result], ['running', null]);
  const result = await world.resultOf(payment.id);
  const finished = await world.ask(world.command('status', { target: payment.id }));
  assert.equal([finished.target?.state, finished.target?.result], ['finished', result]);
});

test('a method that the firmware lacks: failed twice, then refused as unsupported', async () => {
  const world = await started({ script: { options: { stepMs: 500, withoutMethods: ['Cashback'] } } });
  const cashback = () => world.command('cashback', { amount: 100, cash: 100 });
  for (const _ of ['first', 'second']) {
    const { outcome, reason } = await world.ask(cashback());
    assert.equal([outcome, reason.code], ['failed', 'methodNotImplemented']);
  }
  assert.is(await refusal(world, cashback()), 'refused unsupported');
  assert.is(world.gateway.status().supports.includes('cashback'), false);
});

test('sequences are without gaps, whatever became of the operations', async () => {
  const world = await started();
  await world.ask(world.payment());
  await world.ask(world.payment(1, { currency: 'EUR' }));
  await world.ask(world.command('status', { target: 'nobody-knows' }));
  world.kill();
  await world.start();
  await world.ask(world.command('totals'));
  // A result may come again after a restart; none is left out.
  assert.equal([...new Set(world.results.map(({ sequence }) => sequence))], [1, 2, 3, 4]);
});

test.run();
