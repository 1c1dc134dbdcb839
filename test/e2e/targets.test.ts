/** The commands about other operations, and those with a key of another kind, on real parts. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { BoxEvent, BoxStatus } from '../../gateway/contract/event.ts';
import { sharedBox } from '../support/box.ts';
import { needing } from '../support/needs.ts';
import type { Draft } from '../support/sale-client.ts';

const test = suite('e2e targets');
const withParts = needing(test, 'mosquitto', 'socat');

const sharedOne = sharedBox(test, {
  script: {
    options: { stepMs: 10, lookUpMs: 5 },
    operations: [
      { match: { method: 'Purchase', amount: '77.00' }, do: 'slow', delayMs: 20_000 },
      // What no cash register can settle: the answer says no, and a receipt of no known type could be ours.
      { match: { method: 'Cashback', amount: '70.00' }, do: 'contradict', code: '1001', times: 1 },
    ],
  },
});

const pay = (amount: number): Draft => ({ type: 'payment', amount, currency: 'UAH' });

withParts('abort of a running operation, and of one that is still on its way', async () => {
  const box = await sharedOne();
  const { sale } = box;
  const running = sale.command(pay(7700));
  await sale.send(running);
  const isOurs = (step: BoxEvent) => step.type === 'progress' && step.id === running.id;
  await sale.events.find(isOurs, 'progress of the slow payment');

  const busy = await sale.ask(pay(100));
  assert.is(busy.outcome, 'refused');
  assert.is(busy.reason.code, 'busy');
  const asked = await sale.ask({ type: 'status', target: running.id });
  assert.is(asked.target?.state, 'running');
  assert.is(asked.target?.result, null);

  const abort = await sale.ask({ type: 'abort', target: running.id });
  assert.is(abort.outcome, 'done');
  const aborted = await sale.resultOf(running.id);
  assert.is(aborted.outcome, 'cancelled');
  assert.is(aborted.reason.code, '1001');
  assert.is(box.seen.items.filter((line) => line.startsWith('Purchase 77.00')).length, 1);
  assert.match(box.seen.items.find((line) => line.startsWith('Purchase 77.00')) ?? '', /cancelled 1001/);

  const late = sale.command(pay(7800));
  const ahead = await sale.ask({ type: 'abort', target: late.id });
  assert.equal(ahead.target, { id: late.id, state: 'notFound', result: null });
  await sale.send(late);
  const refused = await sale.resultOf(late.id);
  assert.is(refused.outcome, 'refused');
  assert.is(refused.reason.code, 'aborted');
  assert.not.ok(box.cable.messages.items.some(({ params }) => params.amount === '78.00'));
});

withParts('status of an operation that is unknown here, and of one that is over', async () => {
  const { sale } = await sharedOne();
  const nothing = await sale.ask({ type: 'status', target: 'never-was-there' });
  assert.is(nothing.outcome, 'done');
  assert.equal(nothing.target, { id: 'never-was-there', state: 'notFound', result: null });
  const paid = await sale.ask(pay(2200));
  const over = await sale.ask({ type: 'status', target: paid.id });
  assert.is(over.target?.state, 'finished');
  assert.equal(over.target?.result, paid);
});

withParts('resolve: a person settles an unknown outcome, and only with a key for it', async () => {
  const box = await sharedOne();
  const { sale, keys } = box;
  const unknown = await sale.ask({ type: 'cashback', amount: 7000, cash: 1000 });
  assert.is(unknown.outcome, 'unknown');
  assert.is(unknown.approvedAmount, null);
  await sale.statuses.find(
    (status) => (status as BoxStatus).unresolved?.includes(unknown.id),
    'the status to show the unresolved operation',
  );

  const wire = box.cable.messages.items.length;
  for (const draft of [pay(100), { type: 'reconciliation' } as const]) {
    const refused = await sale.ask(draft);
    assert.is(refused.outcome, 'refused');
    assert.is(refused.reason.code, 'unresolved');
  }
  assert.equal(box.asked(wire), []);
  const receipt = await sale.ask({ type: 'receipt' });
  assert.is(receipt.outcome, 'done');

  const decision = {
    type: 'resolve' as const,
    target: unknown.id,
    outcome: 'approved',
    approvedAmount: 7000,
    rrn: receipt.rrn,
    invoice: receipt.invoice,
    by: 'Oksana, shift leader',
  };
  const forbidden = await sale.ask(decision);
  assert.is(forbidden.reason.code, 'forbidden');
  const allowed = await sale.ask(decision, keys.chief);
  assert.is(allowed.outcome, 'done');
  const resolved = await sale.resultOf(unknown.id, unknown.sequence + 1);
  assert.is(resolved.outcome, 'approved');
  assert.is(resolved.approvedAmount, 7000);
  assert.is(resolved.invoice, receipt.invoice);
  assert.is(resolved.resolved?.by, 'Oksana, shift leader');
  assert.is(resolved.resolved?.kid, 'chief');
  assert.is((await sale.ask(pay(2300))).outcome, 'approved', 'the terminal is free again');
});

withParts('EdDSA: the result is signed by the box itself', async () => {
  const { sale, keys, name } = await sharedOne();
  const paid = await sale.ask(pay(3300), keys.web);
  assert.is(paid.outcome, 'approved');
  const [copy] = sale.copiesOf(paid.id);
  const header = JSON.parse(Buffer.from(copy?.jws.split('.')[0] ?? '', 'base64url').toString());
  assert.equal(header, { alg: 'EdDSA', kid: name });
});

test.run();
