import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { busyWith, ours, purchase, worldWith } from './simulation/paid-world.ts';
import { keys, World } from './simulation/world.ts';

const test = suite('what the receipts tell');

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

test('a batch that was empty at the start is closed in the gap, and somebody else pays: unknown', async () => {
  const world = new World({ script: { options: { stepMs: 500 } } });
  await world.start();
  world.terminal.addRule(purchase({ do: 'dropAfter' }));
  const payment = world.payment();
  world.send(payment);
  await world.until(() => world.ledger().length === 1);
  await world.until(() => !world.terminal.isBusy());
  assert.ok(world.terminal.closeBatch());
  world.terminal.keypadSale(777);
  assert.is((await world.resultOf(payment.id)).outcome, 'unknown');
});

test('a passing error of the look-up is no empty batch: a sale from before is not credited', async () => {
  const world = await worldWith();
  assert.is((await world.ask(world.payment())).outcome, 'approved');
  world.terminal.addRule(purchase({ do: 'dropBefore' }));
  world.terminal.addRule({ match: { method: 'GetReceiptInfo' }, do: 'fail', code: '1000', times: 1 });
  const once = await world.ask(world.payment());
  assert.equal(
    [once.outcome, once.reason.code],
    ['failed', 'notPerformed'],
    'asked again before it is believed',
  );
  world.terminal.addRule(purchase({ do: 'dropBefore' }));
  world.terminal.addRule({ match: { method: 'GetReceiptInfo' }, do: 'fail', code: '1000', times: 2 });
  assert.is((await world.ask(world.payment())).outcome, 'unknown');
  assert.equal(ours(world), ['sale 10050']);
});

for (const clockOffsetMs of [-600_000, 600_000])
  test(`the terminal's clock is ${clockOffsetMs / 60_000} minutes off: money that moved is not told as failed`, async () => {
    const world = await worldWith({ clockOffsetMs }, purchase({ do: 'dropAfter' }));
    assert.is((await world.ask(world.payment())).outcome, 'unknown');
  });

test('an abort before the first byte is out follows right behind it', async () => {
  const world = await worldWith();
  const payment = world.payment();
  world.send(payment);
  await world.until(() =>
    world.trace.lines.some((line) => line.includes(`${payment.id} preparing prepared running`)),
  );
  world.send(world.command('abort', { target: payment.id }));
  assert.is((await world.resultOf(payment.id)).outcome, 'cancelled');
  assert.equal(ours(world), []);
});

test('a part given back need not show on a receipt: lost without a trace it is unknown', async () => {
  const world = await worldWith();
  world.terminal.addRule({ match: { method: 'WithdrawalPartly' }, do: 'dropBefore', times: 1 });
  const reversal = world.command('reversal', { operation: 'operation-0001', amount: 200, currency: 'UAH' });
  assert.is((await world.ask(reversal)).outcome, 'unknown');
});

test.run();
