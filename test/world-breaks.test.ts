import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { busyWith, ours, purchase, worldWith } from './simulation/paid-world.ts';
import { keys } from './simulation/world.ts';

const test = suite('breaks in the middle of an operation');

test('killed while the terminal authorises: one charge, approved and recovered', async () => {
  const world = await worldWith();
  const payment = world.payment();
  world.send(payment);
  await busyWith(world, 3);
  world.kill();
  await world.time.advance(2_000);
  world.boot();
  const result = await world.resultOf(payment.id);
  assert.is(result.outcome, 'approved');
  assert.is(result.recovered, true);
  assert.equal(ours(world), ['sale 10050']);
  assert.is(result.invoice, world.terminal.receipts().at(-1)?.invoice);
});

test('killed with the answer in flight: the same', async () => {
  const world = await worldWith();
  const payment = world.payment();
  world.send(payment);
  await world.until(() => world.ledger().length === 2);
  world.kill();
  world.boot();
  const result = await world.resultOf(payment.id);
  assert.equal([result.outcome, result.recovered], ['approved', true]);
  assert.equal(ours(world), ['sale 10050']);
});

test('killed before anything was sent: refused, restarted, nothing charged', async () => {
  const world = await worldWith({ lookUpMs: 1000 });
  const payment = world.payment();
  world.send(payment);
  await world.untilStep('accepted', 'admitted', 'preparing');
  await world.until(() => world.trace.lines.at(-1)?.includes('GetReceiptInfo') === true);
  world.kill();
  world.boot();
  const result = await world.resultOf(payment.id);
  assert.equal([result.outcome, result.reason.code], ['refused', 'restarted']);
  assert.equal(ours(world), []);
});

test('the line is cut after the money moved: approved, recovered', async () => {
  const world = await worldWith({}, purchase({ do: 'dropAfter' }));
  const result = await world.ask(world.payment());
  assert.equal([result.outcome, result.recovered, result.approvedAmount], ['approved', true, 10050]);
  assert.equal(ours(world), ['sale 10050']);
});

test('the line is cut before: failed, not performed', async () => {
  const world = await worldWith({}, purchase({ do: 'dropBefore' }));
  const result = await world.ask(world.payment());
  assert.equal([result.outcome, result.reason.code, result.recovered], ['failed', 'notPerformed', true]);
  assert.equal(ours(world), []);
});

test('the line dies silently and comes back: the same verdict as for a cut', async () => {
  const world = await worldWith();
  const payment = world.payment();
  world.send(payment);
  await busyWith(world, 6);
  world.link.cut('silent');
  const result = await world.resultOf(payment.id);
  assert.equal([result.outcome, result.recovered], ['approved', true]);
  assert.equal(ours(world), ['sale 10050']);
});

test('the terminal reverses what it could not tell: nothing is claimed', async () => {
  const world = await worldWith({ whenLineLost: 'reverse' }, purchase({ do: 'dropAfter' }));
  const result = await world.ask(world.payment());
  assert.equal([result.outcome, result.reason.code], ['failed', 'notPerformed']);
});

test('no outcome for a minute: unknown is told while settling goes on, then it becomes final, once', async () => {
  const world = await worldWith({ bootMs: 300_000 }, purchase({ do: 'rebootAfter' }));
  const payment = world.payment();
  world.send(payment);
  const unknown = await world.resultOf(payment.id);
  assert.is(unknown.outcome, 'unknown');
  const tooEarly = world.command('resolve', { target: payment.id, outcome: 'failed', by: 'Olena' });
  const refused = await world.ask(tooEarly, keys.owner);
  assert.equal([refused.outcome, refused.reason.code], ['refused', 'invalid']);
  const final = await world.resultOf(payment.id);
  assert.equal([final.outcome, final.recovered], ['approved', true]);
  assert.ok(final.sequence > unknown.sequence);
  await world.time.advance(600_000);
  assert.is(world.results.filter(({ id }) => id === payment.id).length, 2);
});

test('a terminal that never comes back leaves the decision to a person after ten minutes', async () => {
  const world = await worldWith();
  const payment = world.payment();
  world.send(payment);
  await busyWith(world, 3);
  world.terminal.unplug();
  assert.is((await world.resultOf(payment.id)).outcome, 'unknown');
  await world.time.advance(11 * 60_000);
  world.send(world.command('resolve', { target: payment.id, outcome: 'failed', by: 'Olena' }), keys.owner);
  assert.is((await world.resultOf(payment.id)).outcome, 'failed');
});

test('the answer comes late, on the next connection: it settles the operation', async () => {
  const world = await worldWith({ lateAnswers: true }, purchase({ do: 'slow', delayMs: 20_000 }));
  const payment = world.payment();
  world.send(payment);
  await busyWith(world, 3);
  world.kill();
  world.boot();
  const result = await world.resultOf(payment.id);
  assert.equal([result.outcome, result.recovered], ['approved', true]);
  assert.equal(ours(world), ['sale 10050']);
  await world.time.advance(60_000);
  assert.equal(
    world.events.filter(({ type }) => type === 'conflict'),
    [],
  );
});

test('a terminal that stays at work for long after the break is waited for: its late receipt is ours', async () => {
  const world = await worldWith({}, purchase({ do: 'slow', delayMs: 500_000 }));
  const payment = world.payment();
  world.send(payment);
  await busyWith(world, 3);
  world.kill();
  world.boot();
  assert.is((await world.resultOf(payment.id)).outcome, 'unknown');
  await world.time.advance(100_000);
  world.kill();
  world.boot();
  const result = await world.resultOf(payment.id);
  assert.equal([result.outcome, result.recovered], ['approved', true]);
  assert.equal(ours(world), ['sale 10050']);
});

test('killed again and again in the middle: one charge, one outcome', async () => {
  const world = await worldWith({}, purchase({ do: 'slow', delayMs: 30_000 }));
  const payment = world.payment();
  world.send(payment);
  await busyWith(world, 3);
  for (let times = 0; times < 8; times += 1) {
    world.kill();
    world.boot();
    await world.time.advance(1_500 + times * 700);
  }
  const result = await world.resultOf(payment.id);
  assert.equal([result.outcome, result.recovered], ['approved', true]);
  assert.equal(ours(world), ['sale 10050']);
});

test('the broker is away for a minute during a payment: the result arrives once it is back, once', async () => {
  const world = await worldWith();
  const payment = world.payment();
  world.send(payment);
  await busyWith(world, 3);
  world.broker.down();
  await world.time.advance(60_000);
  assert.equal(ours(world), ['sale 10050']);
  assert.is(
    world.results.some(({ id }) => id === payment.id),
    false,
  );
  world.broker.up();
  assert.is((await world.resultOf(payment.id)).outcome, 'approved');
  await world.time.advance(120_000);
  assert.is(world.results.filter(({ id }) => id === payment.id).length, 1);
});

test.run();
