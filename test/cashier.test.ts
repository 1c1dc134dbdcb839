import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { SwipeError } from '../gateway/seams/error.ts';
import { Counter, id, nothingNew, paidAndBroken } from './support/counter.ts';
import { answer, receipt } from './support/records.ts';

const test = suite('cashier');

test('a late approval against a final "not performed" is a conflict, and changes nothing', async () => {
  const counter = await paidAndBroken();
  counter.terminal.evidence = nothingNew;
  counter.terminal.become('ready');
  await counter.time.advance(10);
  assert.equal(counter.outcomes(), [`${id} failed notPerformed`]);
  counter.terminal.stray('payment', answer('approved', '0000', { invoice: '101' }));
  const conflicts = counter.events.filter(({ type }) => type === 'conflict');
  assert.is(conflicts.length, 1);
  assert.is(conflicts[0]?.type === 'conflict' && conflicts[0].id, id);
  assert.is(counter.results.length, 1);
  assert.is(counter.journal.find(id)?.result?.outcome, 'failed');
});

test('the same approval again is no conflict; another receipt is', async () => {
  const counter = new Counter();
  await counter.pay();
  counter.terminal.observer?.answered(answer('approved', '0000', { invoice: '101' }));
  counter.terminal.stray('payment', answer('approved', '0000', { invoice: '101' }));
  assert.equal(
    counter.events.filter(({ type }) => type === 'conflict'),
    [],
  );
  counter.terminal.stray('payment', answer('approved', '0000', { invoice: '102' }));
  assert.is(counter.events.filter(({ type }) => type === 'conflict').length, 1);
});

test('a stray answer settles the operation that is open, but not one of another amount', async () => {
  const counter = await paidAndBroken();
  await counter.time.advance(61_000);
  assert.equal(counter.outcomes(), [`${id} unknown linkLost`]);
  counter.terminal.stray('payment', answer('approved', '0000', { amount: 1 }));
  counter.terminal.stray('payment', answer('approved', '0000', { amount: null }));
  assert.is(counter.results.length, 1);
  counter.terminal.stray('payment', answer('approved', '0000', { invoice: '101' }));
  assert.equal(counter.outcomes(), [`${id} unknown linkLost`, `${id} approved 0000`]);
  assert.is(counter.results[1]?.recovered, true);
});

test('a stray answer is never taken for that of an operation that is running', async () => {
  const counter = new Counter();
  await counter.pay();
  counter.terminal.stray('payment', answer('approved', '0000', { invoice: '101' }));
  assert.equal(counter.outcomes(), []);
  counter.terminal.observer?.answered(answer('declined', '0005'));
  assert.equal(counter.outcomes(), [`${id} declined 0005`]);
});

test('another terminal on the link proves nothing; ours does when it is back', async () => {
  const counter = await paidAndBroken();
  counter.terminal.keyNow = 'PAX|s800|T2';
  counter.terminal.evidence = { ...nothingNew, terminal: 'PAX|s800|T2' };
  counter.terminal.become('ready');
  await counter.time.advance(120_000);
  assert.ok(counter.terminal.gathered > 1);
  assert.equal(counter.outcomes(), [`${id} unknown linkLost`]);
  counter.terminal.evidence = nothingNew;
  await counter.time.advance(60_000);
  assert.equal(counter.outcomes(), [`${id} unknown linkLost`, `${id} failed notPerformed`]);
});

test('unknown is told at the latest 60 s after the break, once, and settling goes on', async () => {
  const counter = await paidAndBroken();
  await counter.time.advance(59_000);
  assert.equal(counter.outcomes(), []);
  await counter.time.advance(1_000);
  assert.equal(counter.outcomes(), [`${id} unknown linkLost`]);
  counter.terminal.evidence = {
    ...nothingNew,
    last: { kind: 'receipt', invoice: '101', mark: 'm' },
    since: [receipt({ at: null })],
  };
  counter.terminal.become('ready');
  await counter.time.advance(600_000);
  assert.is(counter.results.length, 1);
  assert.is(counter.journal.find(id)?.exhausted, true);
});

test('an operation that was open is taken up again after every restart, whatever its stage', async () => {
  const counter = await paidAndBroken();
  counter.restart();
  await counter.time.advance(61_000);
  assert.equal(counter.outcomes(), [`${id} unknown linkLost`]);
  counter.restart();
  await counter.time.advance(700_000);
  assert.is(counter.results.length, 1);
  counter.restart();
  assert.equal(counter.cashier.unresolved(), [id]);
  await counter.ask('resolve', { id: 'resolve-1', target: id, outcome: 'failed', by: 'Olena' });
  assert.equal(counter.outcomes().slice(1), [`${id} failed notPerformed`, 'resolve-1 done ']);
  assert.equal(counter.terminal.sent.length, 1);
});

test('a box that restarts again and again tells unknown a minute after the break all the same', async () => {
  const counter = await paidAndBroken();
  for (let times = 0; times < 4; times += 1) {
    await counter.time.advance(20_000);
    counter.restart();
  }
  await counter.time.advance(0);
  assert.equal(counter.outcomes(), [`${id} unknown linkLost`]);
});

test('a terminal that comes back after a person might have decided still settles it', async () => {
  const counter = await paidAndBroken();
  await counter.time.advance(700_000);
  assert.is(counter.journal.find(id)?.exhausted, true);
  counter.terminal.evidence = nothingNew;
  counter.terminal.become('ready');
  await counter.time.advance(10);
  assert.equal(counter.outcomes(), [`${id} unknown linkLost`, `${id} failed notPerformed`]);
});

test('a box that restarts without knowing the time has waited long enough: unknown is told at once', async () => {
  const counter = new Counter();
  await counter.pay();
  counter.restart();
  counter.isClockTrusted = false;
  await counter.time.advance(1_000);
  assert.equal(counter.outcomes(), [], 'nobody can have waited when the break was found just now');
  counter.restart();
  await counter.time.advance(1);
  assert.equal(counter.outcomes(), [`${id} unknown restarted`]);
  counter.restart();
  await counter.time.advance(120_000);
  assert.is(counter.results.length, 1, 'told once');
});

test('a late approval that cannot be believed is remembered across a restart: never told as failed', async () => {
  const counter = await paidAndBroken();
  counter.terminal.stray('payment', answer('approved', '0000', { amount: 9000 }));
  counter.restart();
  counter.terminal.evidence = nothingNew;
  counter.terminal.become('ready');
  await counter.time.advance(120_000);
  assert.equal(counter.outcomes(), [`${id} unknown restarted`]);
});

test('the same decision again after a crash in the middle of it is done; another one comes too late', async () => {
  const counter = await paidAndBroken();
  await counter.time.advance(700_000);
  const decision = { target: id, outcome: 'failed', by: 'Olena' };
  await counter.ask('resolve', { id: 'resolve-1', ...decision });
  await counter.ask('resolve', { id: 'resolve-2', ...decision });
  await counter.ask('resolve', { id: 'resolve-3', ...decision, by: 'Taras' });
  assert.equal(counter.outcomes().slice(2), [
    'resolve-1 done ',
    'resolve-2 done ',
    'resolve-3 refused invalid',
  ]);
});

test('another decision by the same person comes too late', async () => {
  const counter = await paidAndBroken();
  await counter.time.advance(700_000);
  await counter.ask('resolve', { id: 'resolve-1', target: id, outcome: 'failed', by: 'Olena' });
  const approval = { outcome: 'approved', approvedAmount: 10050, rrn: '083998389823', invoice: '101' };
  await counter.ask('resolve', { id: 'resolve-2', target: id, by: 'Olena', ...approval });
  assert.equal(counter.outcomes().slice(2), ['resolve-1 done ', 'resolve-2 refused invalid']);
});

test('a decision that finds no room on the disk is not acknowledged, and done when it comes again', async () => {
  const counter = await paidAndBroken();
  await counter.time.advance(700_000);
  const decision = { id: 'resolve-1', target: id, outcome: 'failed', by: 'Olena' };
  const codes: unknown[] = [];
  const ask = (): Promise<void> =>
    counter.ask('resolve', decision).catch((error) => void codes.push((error as SwipeError).code));
  counter.journal.isFull = true;
  await ask();
  counter.journal.isFull = false;
  await ask();
  await counter.time.advance(5_000);
  await ask();
  assert.equal(codes, ['storageFull', 'storageFull']);
  assert.equal(counter.outcomes().slice(1), [`${id} failed notPerformed`, 'resolve-1 done ']);
});

test('a late answer that contradicts, while a receipt is asked for, is kept and breaks nothing', async () => {
  const counter = await paidAndBroken();
  counter.terminal.become('ready');
  await counter.time.advance(61_000);
  await counter.ask('receipt', { id: 'receipt-1' });
  counter.terminal.stray('payment', answer('approved', '0000', { amount: 1 }));
  counter.terminal.observer?.answered({ ...answer('done', '0000'), verdict: 'done' });
  counter.terminal.evidence = nothingNew;
  await counter.time.advance(20_000);
  counter.restart();
  await counter.time.advance(20_000);
  assert.equal(counter.outcomes(), [`${id} unknown linkLost`, 'receipt-1 done 0000']);
  assert.is(counter.journal.find(id)?.broken?.cause, 'contradicted');
});

test('a gateway that is going down leaves what is under way on disk as it stands', async () => {
  const counter = new Counter();
  await counter.pay();
  const { observer } = counter.terminal;
  counter.cashier.stop();
  observer?.answered(answer('declined', '0005'));
  assert.equal(counter.outcomes(), []);
  assert.is(counter.journal.find(id)?.stage, 'running');
});

test('a receipt may be asked for while an outcome is unknown, and evidence waits for it', async () => {
  const counter = await paidAndBroken();
  counter.terminal.become('ready');
  await counter.time.advance(61_000);
  await counter.ask('receipt', { id: 'receipt-1' });
  assert.is(counter.terminal.sent.at(-1)?.type, 'receipt');
  const before = counter.terminal.gathered;
  counter.terminal.evidence = nothingNew;
  await counter.time.advance(20_000);
  assert.is(counter.terminal.gathered, before);
  counter.terminal.observer?.answered({ ...answer('done', '0000'), verdict: 'done' });
  await counter.time.advance(20_000);
  assert.equal(counter.outcomes().slice(1), ['receipt-1 done 0000', `${id} failed notPerformed`]);
});

test('inquiries that break have failed; a reconciliation that breaks is unknown and blocks nothing', async () => {
  const counter = new Counter();
  for (const type of ['totals', 'reconciliation']) {
    await counter.ask(type, { id: `${type}-1` });
    counter.terminal.observer?.broke('timeout');
    await counter.time.advance(10);
  }
  assert.equal(counter.outcomes(), ['totals-1 failed timeout', 'reconciliation-1 unknown timeout']);
  assert.equal(counter.cashier.unresolved(), []);
  await counter.pay();
  assert.is(counter.terminal.sent.at(-1)?.type, 'payment');
});

test('another terminal, or other merchants, than before is told once', async () => {
  const counter = new Counter();
  counter.terminal.identified({ 1: 'Shop' });
  counter.terminal.identified({ 1: 'Shop' });
  counter.restart();
  counter.terminal.identified({ 1: 'Shop' });
  assert.equal(counter.events, []);
  counter.terminal.identified({ 1: 'Shop', 2: 'Other' });
  counter.terminal.keyNow = 'PAX|s800|T2';
  counter.terminal.identified({ 1: 'Shop', 2: 'Other' });
  assert.equal(
    counter.events.map(({ type }) => type),
    ['terminalChanged', 'terminalChanged'],
  );
});

test('the answer of a receipt from before is not believed', async () => {
  const counter = new Counter();
  await counter.pay();
  counter.terminal.evidence = nothingNew;
  counter.terminal.observer?.answered(answer('approved', '0000', { invoice: '100' }));
  await counter.time.advance(10);
  assert.equal(counter.outcomes(), [`${id} failed notPerformed`]);
});

test('a journal that fails otherwise than by a full disk ends the process, and nothing is sent', async () => {
  const counter = new Counter();
  counter.journal.start = () => {
    throw new SwipeError('journalDamaged', 'a page cannot be read');
  };
  await counter.pay();
  assert.is(counter.failures.length > 0, true);
  assert.equal(counter.terminal.sent, []);
});

test('an abort that cannot be written down is not sent', async () => {
  const counter = new Counter();
  await counter.pay();
  counter.journal.isFull = true;
  let thrown: unknown;
  await counter.ask('abort', { id: 'abort-01', target: id }).catch((error) => {
    thrown = error;
  });
  assert.ok(thrown instanceof SwipeError && thrown.code === 'storageFull');
  assert.is(counter.terminal.interrupts, 0);
});

test.run();
