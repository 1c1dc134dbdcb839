import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { TerminalRequest } from '../gateway/payments/terminal-port.ts';
import { createBench, type Reaction, recorder } from './support/driver-bench.ts';
import { approved, makePan, receiptOf } from './support/terminal-answers.ts';

const test = suite('privat-attempt');

const payment: TerminalRequest = { type: 'payment', amount: 10050, merchant: '1' };

test('a payment: its steps told once each, then its answer', async () => {
  const { link, time, send, ready, told } = createBench();
  await ready();
  const codes = ['9', '9', '1', '3', '77', '3', '0', '10'];
  link.reactions.getLastStatMsgCode = () => ({ LastStatMsgCode: codes.shift() ?? '10' });
  const { heard } = send(payment);
  await time.advance(5_000);
  assert.equal(heard.log, ['waitingForCard', 'cardRead', 'authorising', 'inProgress']);
  link.answer('Purchase', approved());
  assert.equal(heard.log.slice(4), ['approved 0000']);
  assert.is(heard.answers[0]?.details.amount, 10050);
  assert.ok(heard.contacts > 5);
  const polls = link.count('getLastStatMsgCode');
  await time.advance(5_000);
  assert.is(link.count('getLastStatMsgCode'), polls, 'no questions after the answer');
  assert.not.ok(told.some((one) => one.startsWith('stray')));
});

test('opening sends nothing; sending twice and opening twice are errors', async () => {
  const { link, time, terminal, ready } = createBench();
  await ready();
  const attempt = terminal.open(payment, recorder());
  await time.advance(10_000);
  assert.is(link.count('Purchase'), 0);
  assert.throws(() => terminal.open(payment, recorder()), /open already/);
  attempt.send();
  assert.throws(() => attempt.send(), /sent once/);
  attempt.close();
  terminal.open(payment, recorder()).close();
});

test('an answer and the end of the link in one moment: the answer counts', async () => {
  const { link, time, send, ready } = createBench();
  await ready();
  const { heard } = send(payment);
  await time.advance(1_000);
  link.answer('Purchase', approved());
  link.breakOff();
  await time.advance(1_000);
  assert.equal(heard.log, ['approved 0000']);
});

test('reports and receipts have half a minute, show no steps, and are not probed', async () => {
  const { link, time, send, ready } = createBench();
  await ready();
  const { heard } = send({ type: 'totals', merchant: '0' });
  await time.advance(29_000);
  assert.is(link.count('getLastStatMsgCode'), 0);
  assert.is(link.count('PingDevice'), 2);
  await time.advance(2_000);
  assert.equal(heard.log, ['broke timeout']);
});

test('busy and not implemented are failures, said in their own words', async () => {
  const { link, time, terminal, send, ready, told } = createBench();
  await ready();
  link.reactions.Purchase = 'busy';
  const one = send(payment);
  await time.advance(200);
  assert.equal(one.heard.log, ['failed deviceBusy']);
  assert.ok(told.includes('busy'));
  one.attempt.close();
  await time.advance(3_000);
  link.reactions.Cashback = 'unknown';
  assert.ok(terminal.supports().includes('cashback'));
  const two = send({ type: 'cashback', amount: 1, cash: 1, merchant: '1' });
  await time.advance(200);
  assert.equal(two.heard.log, ['failed methodNotImplemented']);
  two.attempt.close();
  assert.ok(terminal.supports().includes('cashback'), 'one bit that fell over on the line says the same');
  send({ type: 'cashback', amount: 1, cash: 1, merchant: '1' });
  await time.advance(200);
  assert.not.ok(terminal.supports().includes('cashback'), 'said twice in a row');
  assert.ok(terminal.supports().includes('payment'));
});

test('a terminal without status questions runs on without them, and another one is asked anew', async () => {
  const { link, time, terminal, send, ready } = createBench();
  await ready();
  link.reactions.getLastStatMsgCode = 'unknown';
  const { heard } = send(payment);
  await time.advance(60_000);
  assert.is(link.count('getLastStatMsgCode'), 1);
  assert.equal(heard.log, []);
  link.answer('Purchase', approved());
  assert.equal(heard.log, ['approved 0000']);
  assert.ok(terminal.supports().includes('payment'), 'the question was rejected, not the payment');
});

test("the late rejection of a status question that was given up is not the payment's", async () => {
  const { link, time, terminal, send, ready } = createBench();
  await ready();
  link.reactions.getLastStatMsgCode = 'silent';
  const { heard } = send(payment);
  await time.advance(2_700);
  link.answer('ServiceMessage', { msgType: 'methodNotImplemented' }, true);
  assert.equal(heard.log, []);
  link.answer('Purchase', approved());
  assert.equal(heard.log, ['approved 0000']);
  assert.ok(terminal.supports().includes('payment'));
});

test('what was denied and then answered was a fault of the line; a new connection asks anew', async () => {
  const { link, time, terminal, send, ready } = createBench();
  await ready();
  const ask = async (reaction: Reaction): Promise<void> => {
    link.reactions.GetBalance = reaction;
    const { attempt } = send({ type: 'balance', merchant: '1' });
    await time.advance(200);
    attempt.close();
  };
  await ask('unknown');
  await ask({ responseCode: '0000' });
  await ask('unknown');
  assert.ok(terminal.supports().includes('balance'), 'denied, but not in a row');
  await ask('unknown');
  assert.not.ok(terminal.supports().includes('balance'));
  link.breakOff();
  await time.runUntil(() => terminal.state() === 'absent', 1);
  await time.runUntil(() => terminal.state() === 'ready', 10_000);
  assert.ok(terminal.supports().includes('balance'), 'another terminal, other firmware, a better cable');
});

test('an interrupt goes out over the operation, and the operation answers for itself', async () => {
  const { link, time, send, ready, terminal } = createBench();
  await ready();
  const idle = terminal.open(payment, recorder());
  assert.is(idle.interrupt(), false, 'nothing was sent');
  idle.close();
  const { heard, attempt } = send(payment);
  await time.advance(2_000);
  assert.is(attempt.interrupt(), true);
  assert.is(attempt.interrupt(), true);
  await time.advance(700);
  assert.is(link.count('interrupt'), 1);
  assert.equal(heard.log, []);
  link.answer('Purchase', { responseCode: '1001' }, true);
  assert.equal(heard.log, ['cancelled 1001']);
  assert.is(attempt.interrupt(), false);
});

test('an interrupt does not wait behind a question that is never answered', async () => {
  const { link, time, send, ready } = createBench();
  await ready();
  link.reactions.getLastStatMsgCode = 'silent';
  const { attempt } = send(payment);
  await time.advance(700);
  attempt.interrupt();
  await time.advance(2_500);
  assert.is(link.count('interrupt'), 1);
});

test('a receipt by number, and by its text where the firmware has no look-up', async () => {
  const { link, time, send, ready } = createBench();
  await ready();
  link.reactions.GetReceiptInfo = ({ invoiceNumber = '' }) => receiptOf(invoiceNumber);
  const one = send({ type: 'receipt', invoice: '7' });
  await time.advance(200);
  assert.equal(one.heard.log, ['done 0000']);
  assert.is(one.heard.answers[0]?.details.transaction?.type, 'payment');
  one.attempt.close();
  link.reactions.GetReceiptInfo = 'unknown';
  link.reactions.PrintReceiptNum = { receipt: 'TEXT', responseCode: '0000' };
  for (const invoice of ['7', '7', null]) {
    const two = send({ type: 'receipt', invoice });
    await time.advance(400);
    assert.equal(two.heard.log, ['done 0000']);
    assert.is(two.heard.answers[0]?.details.receipt, 'TEXT');
    assert.equal(link.last('PrintReceiptNum')?.params, { invoiceNumber: invoice ?? '0', prnFlag: '0' });
    two.attempt.close();
  }
  assert.is(link.count('GetReceiptInfo'), 3, 'not asked again');
});

test('no card data in a log', async () => {
  const { link, time, send, ready, logged } = createBench();
  await ready();
  const pan = makePan();
  const { attempt } = send(payment);
  await time.advance(1_000);
  link.send(`${pan} SHEVCHENKO {"method":"Purch\0`);
  attempt.close();
  link.answer('Purchase', approved({ pan, track1: `%B${pan}^SHEVCHENKO/TARAS^2709` }));
  link.breakOff();
  await time.advance(60_000);
  assert.ok(logged.some((line) => line.includes('belongs to no operation')));
  assert.not.match(logged.join('\n'), new RegExp(`${pan.slice(0, 8)}|SHEVCHENKO|2709`));
});

test.run();
