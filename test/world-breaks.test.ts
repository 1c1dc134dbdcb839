import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { RuleInput, ScriptInput } from '../gateway/simulators/terminal/script.ts';
import { keys, World } from './simulation/world.ts';

const test = suite('breaks in the middle of an operation');

async function worldWith(options: ScriptInput['options'] = {}, rule?: RuleInput): Promise<World> {
  const world = new World({ script: { options: { stepMs: 500, ...options } } });
  await world.start();
  // A receipt from before, so that there is a baseline.
  assert.is((await world.ask(world.payment(500))).outcome, 'approved');
  if (rule !== undefined) world.terminal.addRule(rule);
  return world;
}

const purchase = (rule: Omit<RuleInput, 'match'>): RuleInput => ({
  match: { method: 'Purchase' },
  times: 1,
  ...rule,
});
const busyWith = (world: World, status: number) => world.until(() => world.terminal.status() === status);
const ours = (world: World) => world.ledger().slice(1);

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

test('a foreign sale of another amount in the gap is not credited', async () => {
  const world = await worldWith({}, purchase({ do: 'dropBefore' }));
  world.send(world.payment());
  await world.until(() => world.gateway.status().terminal.state === 'absent');
  world.terminal.keypadSale(777);
  const result = await world.resultOf('operation-0002');
  assert.equal([result.outcome, result.reason.code], ['failed', 'notPerformed']);
  assert.equal(ours(world), ['sale 777']);
});

test('a foreign sale of another amount beside ours leaves ours approved', async () => {
  const world = await worldWith({}, purchase({ do: 'dropAfter' }));
  const payment = world.payment();
  world.send(payment);
  await world.until(() => world.ledger().length === 2);
  world.terminal.keypadSale(777);
  const result = await world.resultOf(payment.id);
  assert.equal([result.outcome, result.recovered], ['approved', true]);
  assert.equal(ours(world), ['sale 10050', 'sale 777']);
});

test('two receipts that could be ours: unknown, the gate is shut, a person decides', async () => {
  const world = await worldWith({}, purchase({ do: 'dropAfter' }));
  const payment = world.payment();
  world.send(payment);
  await world.until(() => world.ledger().length === 2);
  world.terminal.keypadSale(10050);
  const unknown = await world.resultOf(payment.id);
  assert.is(unknown.outcome, 'unknown');
  assert.equal(world.gateway.status().unresolved, [payment.id]);

  const next = await world.ask(world.payment(999));
  assert.equal([next.outcome, next.reason.code], ['refused', 'unresolved']);
  const seen = await world.ask(world.command('receipt'));
  assert.equal([seen.outcome, seen.transaction?.amount], ['done', 10050]);

  const decision = {
    target: payment.id,
    outcome: 'approved',
    approvedAmount: 10050,
    rrn: '083998389823',
    invoice: '131221',
    by: 'Olena',
  };
  const forbidden = await world.ask(world.command('resolve', decision));
  assert.equal([forbidden.outcome, forbidden.reason.code], ['refused', 'forbidden']);
  world.send(world.command('resolve', decision), keys.owner);
  const final = await world.resultOf(payment.id);
  assert.equal([final.outcome, final.resolved?.by, final.resolved?.kid], ['approved', 'Olena', 'owner']);
  assert.ok(final.sequence > unknown.sequence);
  assert.is((await world.ask(world.payment(999))).outcome, 'approved');
});

test('the batch is closed in the gap: unknown', async () => {
  const world = await worldWith({}, purchase({ do: 'dropAfter' }));
  const payment = world.payment();
  world.send(payment);
  await world.until(() => world.ledger().length === 2);
  await world.until(() => !world.terminal.isBusy());
  assert.ok(world.terminal.closeBatch());
  assert.is((await world.resultOf(payment.id)).outcome, 'unknown');
});

test('the batch is closed in the gap and numbers start again at the baseline: unknown', async () => {
  const world = new World({ script: { options: { stepMs: 500, restartNumbers: true, firstInvoice: 1 } } });
  await world.start();
  await world.ask(world.payment(500));
  world.terminal.addRule(purchase({ do: 'dropBefore' }));
  const payment = world.payment();
  world.send(payment);
  await world.until(() => world.gateway.status().terminal.state === 'absent');
  world.terminal.closeBatch();
  world.terminal.keypadSale(500);
  assert.is((await world.resultOf(payment.id)).outcome, 'unknown');
});

test('a lost partial approval is recovered with its amount', async () => {
  const world = await worldWith({}, purchase({ do: 'partial', amount: '75.00' }));
  const payment = world.payment();
  world.send(payment);
  await world.until(() => world.ledger().length === 2);
  world.link.cut('noticed');
  const result = await world.resultOf(payment.id);
  assert.equal([result.outcome, result.approvedAmount, result.recovered], ['partiallyApproved', 7500, true]);
  assert.equal(ours(world), ['sale 7500']);
});

test('a partial approval that is heard is told with its amount', async () => {
  const world = await worldWith({}, purchase({ do: 'partial', amount: '75.00' }));
  const result = await world.ask(world.payment());
  assert.equal([result.outcome, result.approvedAmount, result.recovered], ['partiallyApproved', 7500, false]);
});

test('an abort while the card is waited for: cancelled, nothing charged', async () => {
  const world = await worldWith();
  const payment = world.payment();
  world.send(payment);
  await busyWith(world, 9);
  const abort = await world.ask(world.command('abort', { target: payment.id }));
  assert.is(abort.outcome, 'done');
  assert.equal([abort.target?.id, abort.target?.state], [payment.id, 'running']);
  const result = world.results.find(({ id }) => id === payment.id) ?? (await world.resultOf(payment.id));
  assert.is(result.outcome, 'cancelled');
  assert.equal(ours(world), []);
});

test('an abort that comes too late: the original answer decides', async () => {
  const world = await worldWith({ interruptLosesRace: true });
  const payment = world.payment();
  world.send(payment);
  await busyWith(world, 3);
  world.send(world.command('abort', { target: payment.id }));
  const result = await world.resultOf(payment.id);
  assert.is(result.outcome, 'approved');
  assert.equal(ours(world), ['sale 10050']);
});

test('an abort races an approval and the answer is lost: unknown', async () => {
  const world = await worldWith({ interruptLosesRace: true }, purchase({ do: 'dropAfter' }));
  const payment = world.payment();
  world.send(payment);
  await busyWith(world, 3);
  world.send(world.command('abort', { target: payment.id }));
  assert.is((await world.resultOf(payment.id)).outcome, 'unknown');
  assert.equal(ours(world), ['sale 10050']);
});

test('"cancelled", although the money moved: the receipts are believed', async () => {
  const world = await worldWith({}, purchase({ do: 'contradict' }));
  const result = await world.ask(world.payment());
  assert.equal([result.outcome, result.recovered], ['approved', true]);
});

test('cancelled by the customer: told once the receipts agree', async () => {
  const world = await worldWith({}, purchase({ do: 'customerCancels' }));
  const result = await world.ask(world.payment());
  assert.equal([result.outcome, result.reason.code, result.recovered], ['cancelled', '1001', false]);
});

test('1008: unclear, the receipts decide', async () => {
  const world = await worldWith({}, purchase({ do: 'fail', code: '1008' }));
  const result = await world.ask(world.payment());
  assert.equal([result.outcome, result.reason.code], ['failed', 'notPerformed']);
});

test('an unreadable answer: the receipts decide', async () => {
  const world = await worldWith({}, purchase({ do: 'garbled' }));
  const result = await world.ask(world.payment());
  assert.equal([result.outcome, result.recovered], ['approved', true]);
  assert.equal(ours(world), ['sale 10050']);
});

test('a lost reversal is settled by the receipt of the original', async () => {
  for (const rule of ['dropAfter', 'dropBefore'] as const) {
    const world = await worldWith();
    world.terminal.addRule({ match: { method: 'Withdrawal' }, do: rule, times: 1 });
    const result = await world.ask(world.command('reversal', { operation: 'operation-0001' }));
    const expected = rule === 'dropAfter' ? ['approved', 500] : ['failed', null];
    assert.equal([result.outcome, result.approvedAmount], expected, rule);
    assert.is(result.recovered, true);
    assert.is(ours(world).length, rule === 'dropAfter' ? 1 : 0);
  }
});

test('a lost partial reversal is settled by what is left on the original', async () => {
  const world = await worldWith();
  world.terminal.addRule({ match: { method: 'WithdrawalPartly' }, do: 'dropAfter', times: 1 });
  const result = await world.ask(
    world.command('reversal', { operation: 'operation-0001', amount: 200, currency: 'UAH' }),
  );
  assert.equal([result.outcome, result.approvedAmount, result.recovered], ['approved', 200, true]);
});

test('a terminal without look-up: payments work, any break stays unknown', async () => {
  const world = await worldWith({ noReceiptLookUp: true });
  world.terminal.addRule(purchase({ do: 'dropAfter' }));
  const payment = world.payment();
  const unknown = await world.ask(payment);
  assert.is(unknown.outcome, 'unknown');
  world.send(world.command('resolve', { target: payment.id, outcome: 'failed', by: 'Olena' }), keys.owner);
  const final = await world.resultOf(payment.id);
  assert.equal([final.outcome, final.resolved?.by], ['failed', 'Olena']);
});

test('a terminal without look-up: a plain "cancelled" is believed', async () => {
  const world = await worldWith({ noReceiptLookUp: true });
  world.terminal.addRule(purchase({ do: 'customerCancels' }));
  assert.is((await world.ask(world.payment())).outcome, 'cancelled');
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
