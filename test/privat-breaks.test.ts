import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { TerminalRequest } from '../gateway/payments/terminal-port.ts';
import { createBench, recorder } from './support/driver-bench.ts';
import { approved } from './support/terminal-answers.ts';

const test = suite('privat-breaks');

const payment: TerminalRequest = { type: 'payment', amount: 10050, merchant: '1' };

test('the link breaks: told once, and the answer that comes after all is the late answer', async () => {
  const { link, time, terminal, send, ready } = createBench();
  await ready();
  const { heard } = send(payment);
  await time.advance(1_000);
  link.reactions.PingDevice = 'busy';
  link.breakOff();
  assert.equal(heard.log, ['broke linkLost']);
  await time.runUntil(() => terminal.state() === 'busy', 10_000);
  link.answer('Purchase', approved());
  assert.equal(heard.log, ['broke linkLost', 'approved 0000']);
  const { contacts } = heard;
  link.answer('Purchase', approved());
  assert.is(heard.answers.length, 1);
  assert.is(heard.contacts, contacts, 'contact after the break is no contact of the operation');
});

test('sent while there is no connection: broken, and not within the call', async () => {
  const { time, send } = createBench();
  const { heard } = send(payment);
  assert.equal(heard.log, []);
  await time.advance(0);
  assert.equal(heard.log, ['broke linkLost']);
});

test('opened again after a restart, an attempt hears its late answer', async () => {
  const { link, time, terminal, told } = createBench();
  link.reactions.PingDevice = 'busy';
  const heard = recorder();
  terminal.open(payment, heard);
  terminal.start();
  await time.advance(500);
  link.answer('Refund', approved());
  link.answer('Purchase', approved({ responseCode: '0005' }), true);
  assert.equal(heard.log, ['declined 0005']);
  assert.equal(told, ['busy', 'stray refund approved 0000']);
});

test('after close an answer is a stray', async () => {
  const { link, time, send, ready, told } = createBench();
  await ready();
  const { heard, attempt } = send(payment);
  await time.advance(1_000);
  attempt.close();
  link.answer('Purchase', approved());
  assert.equal(heard.log, []);
  assert.is(told.at(-1), 'stray payment approved 0000');
});

test('a late answer never reaches the next request: a ping stands between them', async () => {
  const { link, time, send, ready, told } = createBench();
  await ready();
  const first = send(payment);
  await time.advance(1_000);
  first.attempt.close();
  link.reactions.PingDevice = 'silent';
  const second = send({ ...payment, amount: 777 });
  await time.advance(2_000);
  link.answer('Purchase', approved());
  assert.is(told.at(-1), 'stray payment approved 0000');
  await time.advance(2_000);
  assert.equal(second.heard.log, ['broke linkLost']);
  assert.is(link.count('Purchase'), 1, 'the second one was never sent');
});

test('what comes before the ping is answered belongs to the past', async () => {
  const { link, time, send, ready, told } = createBench();
  await ready();
  const first = send(payment);
  await time.advance(1_000);
  first.attempt.close();
  link.latencyMs = 500;
  const second = send({ ...payment, amount: 777 });
  await time.advance(300);
  link.answer('Purchase', approved());
  assert.is(told.at(-1), 'stray payment approved 0000');
  await time.advance(1_000);
  assert.equal(link.last('Purchase')?.params.amount, '7.77');
  link.answer('Purchase', approved({ amount: '7.77' }));
  assert.equal(
    second.heard.answers.map(({ details }) => details.amount),
    [777],
  );
});

test('silence for 15 seconds, though asked: the link is lost, and made anew', async () => {
  const { link, time, terminal, send, ready } = createBench();
  await ready();
  const { heard } = send(payment);
  await time.advance(2_000);
  link.reactions.getLastStatMsgCode = 'silent';
  await time.advance(12_000);
  assert.equal(heard.log, []);
  await time.advance(6_000);
  assert.equal(heard.log, ['broke linkLost']);
  await time.runUntil(() => terminal.state() === 'ready', 10_000);
  assert.is(link.opened, 6);
});

test('no answer in five minutes: a time-out on the same connection, where a late answer still counts', async () => {
  const { link, time, terminal, send, ready } = createBench();
  await ready();
  link.reactions.getLastStatMsgCode = { LastStatMsgCode: '3' };
  const { heard } = send(payment);
  await time.advance(299_000);
  assert.equal(heard.log, ['authorising']);
  link.reactions.PingDevice = 'busy';
  await time.advance(2_000);
  assert.equal(heard.log, ['authorising', 'broke timeout']);
  assert.is(terminal.state(), 'busy');
  await time.advance(30_000);
  assert.is(link.opened, 3);
  link.answer('Purchase', approved());
  assert.is(heard.log.at(-1), 'approved 0000');
  link.reactions.PingDevice = { code: '00' };
  await time.runUntil(() => terminal.state() === 'ready', 5_000);
});

test('an answer that cannot be read, and a terminal that shows nothing any more: the answer is lost', async () => {
  const { link, time, send, ready } = createBench();
  await ready();
  link.reactions.getLastStatMsgCode = { LastStatMsgCode: '3' };
  const { heard } = send(payment);
  await time.advance(5_000);
  link.send('{"method":"Purchase","params":{"respo\0');
  await time.advance(30_000);
  assert.equal(heard.log, ['authorising'], 'it is still under way');
  link.reactions.getLastStatMsgCode = { LastStatMsgCode: '0' };
  await time.advance(12_000);
  assert.equal(heard.log, ['authorising', 'broke linkLost']);
});

test.run();
