/** One id is one charge, whatever is sent and however often; and what the cashier sees meanwhile, on real parts. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { BoxEvent } from '../../gateway/contract/event.ts';
import { sharedBox } from '../support/box.ts';
import { needing } from '../support/needs.ts';
import type { Draft } from '../support/sale-client.ts';

const test = suite('e2e idempotency');
const withParts = needing(test, 'mosquitto', 'socat');

// Each step lasts longer than the gateway's pause between two questions, so that none is missed.
const sharedOne = sharedBox(test, { script: { options: { stepMs: 1100, lookUpMs: 5 } } });

const pay = (amount: number): Draft => ({ type: 'payment', amount, currency: 'UAH' });
const isProgressOf =
  (id: string) =>
  (event: BoxEvent): event is BoxEvent & { type: 'progress' } =>
    event.type === 'progress' && event.id === id;

withParts('the same command three times, across a restart: one charge, the same result thrice', async () => {
  const box = await sharedOne();
  const { sale } = box;
  const command = sale.command(pay(10050));

  await sale.send(command);
  const first = await sale.resultOf(command.id);
  assert.is(first.outcome, 'approved');
  const steps = sale.events.items.filter(isProgressOf(command.id)).map(({ step }) => step);
  assert.equal(steps, ['waitingForCard', 'cardRead', 'pin', 'authorising', 'inProgress']);

  await sale.send(command);
  await sale.results.find(({ result }) => result.id === command.id, 'the second copy', 1);
  await box.endGateway('SIGTERM');
  // Sent while the box is off, and with another deadline: that is no part of the content.
  await sale.send({ ...command, expiresAt: new Date(Date.now() + 60_000).toISOString() });
  await box.startGateway();
  await sale.results.find(({ result }) => result.id === command.id, 'the third copy', 2);

  assert.is(new Set(sale.copiesOf(command.id).map(({ jws }) => jws)).size, 1, 'byte for byte');
  assert.is(sale.copiesOf(command.id).length, 3);
  assert.equal(purchases(box.seen.items), ['Purchase 100.50: approved 0000, receipt 131220']);
});

withParts('the same command while it runs: how far it is, and one charge', async () => {
  const box = await sharedOne();
  const { sale } = box;
  const command = sale.command(pay(2000));
  await sale.send(command);
  await sale.events.find(isProgressOf(command.id), 'progress');
  const from = sale.events.items.length;
  await sale.send(command);
  const told = await sale.events.find(isProgressOf(command.id), 'the progress again', from);
  assert.is((told as BoxEvent & { type: 'progress' }).step, 'waitingForCard', 'told again, though unchanged');
  assert.is((await sale.resultOf(command.id)).outcome, 'approved');
  // The results come in order: with a later one here, a second one of the payment would be here too.
  await sale.ask({ type: 'status', target: command.id });
  assert.is(sale.copiesOf(command.id).length, 1);
  assert.is(purchases(box.seen.items).filter((line) => line.startsWith('Purchase 20.00')).length, 1);
});

withParts('the same id with another amount: rejected, no result, one charge', async () => {
  const box = await sharedOne();
  const { sale } = box;
  const [told] = sale.results.items;
  assert.ok(told, 'the tests before have paid');
  const { id } = told.result;
  const before = { copies: sale.copiesOf(id).length, wire: box.cable.messages.items.length };

  for (const change of [{ amount: 10051 }, { order: 'another' }, { type: 'preauthorization' as const }]) {
    const from = sale.events.items.length;
    await sale.send(sale.command({ ...pay(10050), id, ...change }));
    const event = await sale.events.find(({ type }) => type === 'rejected', 'the event', from);
    assert.is((event as BoxEvent & { type: 'rejected' }).id, id);
    assert.is((event as BoxEvent & { type: 'rejected' }).reason, 'duplicate');
  }
  await sale.ask({ type: 'status', target: id });
  assert.is(sale.copiesOf(id).length, before.copies);
  assert.equal(box.asked(before.wire), []);
});

const purchases = (lines: readonly string[]): string[] =>
  lines.filter((line) => line.startsWith('Purchase '));

test.run();
