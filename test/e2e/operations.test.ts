/** Every operation that the terminal carries out, on real parts: what the sale system hears, what the terminal did, what went over the wire. */
import { execFileSync } from 'node:child_process';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Result } from '../../gateway/contract/result.ts';
import { carriedTypes } from '../../gateway/terminal/privat-json/requests.ts';
import { sharedBox, type TestBox } from '../support/box.ts';
import { needing } from '../support/needs.ts';
import type { Draft } from '../support/sale-client.ts';

const test = suite('e2e operations');
const withParts = needing(test, 'mosquitto', 'socat');

const sharedOne = sharedBox(test, {
  script: {
    options: { stepMs: 10, lookUpMs: 5 },
    operations: [
      { match: { method: 'Purchase', amount: '9.99' }, do: 'decline', code: '0096' },
      { match: { method: 'Purchase', amount: '60.00' }, do: 'partial', amount: '25.00' },
      { match: { method: 'Purchase', amount: '10.01' }, do: 'customerCancels' },
      { match: { method: 'Purchase', amount: '10.05' }, do: 'noPaper' },
    ],
  },
});

/** An operation, and all that it set off. */
interface Ran {
  result: Result;
  /** What the box sent, as `Method amount`, other parameters aside. */
  asked: string[];
  /** The terminal's own lines, without look-ups. */
  seen: string[];
}

async function run(box: TestBox, draft: Draft): Promise<Ran> {
  const wire = box.cable.messages.items.length;
  const lines = box.seen.items.length;
  const result = await box.sale.ask(draft);
  const calls = box.asked(wire);
  // The terminal says its line when it has sent its answer: it may be later than the result.
  for (const { method } of calls)
    await box.seen.find((line) => line.startsWith(method), `the terminal's line for ${method}`, lines);
  const asked = calls.map(({ method, params }) => [method, params.amount].filter(Boolean).join(' '));
  const seen = box.seen.items.slice(lines).filter((line) => !line.startsWith('GetReceiptInfo'));
  return { result, asked, seen };
}

const pay = (amount: number): Draft => ({ type: 'payment', amount, currency: 'UAH' });
const lookUp = 'GetReceiptInfo';

withParts('payment: approved, with all that the contract promises', async () => {
  const box = await sharedOne();
  const { result, asked, seen } = await run(box, { ...pay(10050), merchant: 'shop', order: 'Z-123' });
  assert.is(result.outcome, 'approved');
  assert.equal(result.reason, { source: 'terminal', code: '0000', text: '' });
  assert.is(result.box, box.name);
  assert.is(result.sequence, 1);
  assert.is(result.amount, 10050);
  assert.is(result.approvedAmount, 10050);
  assert.is(result.currency, 'UAH');
  assert.is(result.merchant, 'shop');
  assert.is(result.order, 'Z-123');
  assert.match(result.card?.pan ?? '', /^\d{6}\*{6}\d{4}$/);
  assert.match(result.rrn ?? '', /^\d{12}$/);
  assert.match(result.authCode ?? '', /^\d{6}$/);
  assert.is(result.invoice, '131220');
  assert.match(result.receipt ?? '', /SIMULATED[\s\S]*СУМА 100\.50/);
  assert.is(result.recovered, false);
  assert.is(result.resolved, null);
  assert.ok((result.startedAt ?? '') <= result.finishedAt);
  assert.equal(
    asked,
    [lookUp, lookUp, 'Purchase 100.50'],
    'the baseline first; that there is none is asked twice',
  );
  assert.equal(seen, ['Purchase 100.50: approved 0000, receipt 131220']);
});

withParts('payment: every other end', async () => {
  const box = await sharedOne();
  const partial = await run(box, pay(6000));
  assert.is(partial.result.outcome, 'partiallyApproved');
  assert.is(partial.result.amount, 6000);
  assert.is(partial.result.approvedAmount, 2500);
  assert.is(partial.result.reason.code, '0010');

  for (const [amount, outcome, source, code] of [
    [999, 'declined', 'host', '0096'],
    [1001, 'cancelled', 'terminal', '1001'],
    [1005, 'failed', 'terminal', '1005'],
  ] as const) {
    const { result, seen } = await run(box, pay(amount));
    assert.is(result.outcome, outcome);
    assert.is(result.reason.source, source);
    assert.is(result.reason.code, code);
    assert.is(result.approvedAmount, null);
    assert.is(result.recovered, false);
    assert.is(seen.length, 1);
    assert.match(seen[0] ?? '', new RegExp(`: ${outcome} ${code}`));
  }
});

withParts('refund and the three reversals', async () => {
  const box = await sharedOne();
  const first = await run(box, pay(3000));
  const second = await run(box, pay(4000));
  const third = await run(box, pay(5000));

  const refund = await run(box, { type: 'refund', amount: 1234, currency: 'UAH', rrn: first.result.rrn });
  assert.is(refund.result.outcome, 'approved');
  assert.is(refund.result.approvedAmount, 1234);
  assert.equal(refund.asked, [lookUp, 'Refund 12.34']);

  const whole = await run(box, { type: 'reversal', operation: first.result.id });
  assert.is(whole.result.outcome, 'approved');
  assert.is(whole.result.approvedAmount, 3000);
  assert.equal(whole.asked, [lookUp, lookUp, 'Withdrawal'], 'the original, the baseline, then the reversal');

  const { invoice, rrn } = second.result;
  const byReceipt = await run(box, { type: 'reversal', invoice, originalAmount: 4000, rrn });
  assert.is(byReceipt.result.outcome, 'approved');
  assert.is(byReceipt.result.approvedAmount, 4000);

  const part = await run(box, { type: 'reversal', operation: third.result.id, amount: 1500 });
  assert.is(part.result.outcome, 'approved');
  assert.is(part.result.approvedAmount, 1500);
  assert.equal(part.asked, [lookUp, lookUp, 'WithdrawalPartly 15.00']);

  const again = await run(box, { type: 'reversal', operation: first.result.id });
  assert.is(again.result.outcome, 'refused');
  assert.is(again.result.reason.code, 'originalNotFound');
  const wrong = await run(box, { type: 'reversal', invoice: third.result.invoice, originalAmount: 9, rrn });
  assert.is(wrong.result.outcome, 'refused');
  assert.is(wrong.result.reason.code, 'originalNotFound');
  assert.equal([...again.seen, ...wrong.seen], [], 'neither reached the terminal as an operation');
});

withParts('cashback, preauthorization, completion', async () => {
  const box = await sharedOne();
  const cashback = await run(box, { type: 'cashback', amount: 20000, cash: 5000 });
  assert.is(cashback.result.outcome, 'approved');
  assert.is(cashback.result.approvedAmount, 20000);
  assert.is(cashback.result.cashApproved, 5000);

  const held = await run(box, { type: 'preauthorization', amount: 30000 });
  assert.is(held.result.outcome, 'approved');
  const { authCode, rrn } = held.result;
  const done = await run(box, { type: 'completion', amount: 30000, finalAmount: 25000, authCode, rrn });
  assert.is(done.result.outcome, 'approved');
  assert.is(done.result.approvedAmount, 25000);
  assert.equal(done.asked, [lookUp, 'SaleCompletion 300.00']);
});

withParts('instalments: every plan, sold and given back', async () => {
  const box = await sharedOne();
  for (const [plan, sale, refund] of [
    ['parts', 'ServicePbP', 'ServiceRefPbP'],
    ['partsPeriod', 'ServicePbPperiod', 'ServiceRefPbPperiod'],
    ['partsAction', 'ServicePbPAct', 'ServiceRefPbPAct'],
    ['instant', 'ServiceInstantPbI', 'ServiceRefPbI'],
    ['instantAction', 'ServicePbIAct', 'ServiceRefPbIAct'],
  ] as const) {
    const sold = await run(box, { type: 'instalment', amount: 90000, plan, parts: 3 });
    assert.is(sold.result.outcome, 'approved');
    assert.is(sold.result.approvedAmount, 90000);
    assert.equal(sold.asked, [lookUp, `${sale} 900.00`]);

    const part = { type: 'instalmentRefund', plan, agreement: 'A-17', amount: 10000, partial: true } as const;
    const partly = await run(box, part);
    assert.is(partly.result.outcome, 'approved');
    assert.equal(partly.asked, [lookUp, `${refund.replace('Ref', 'PartlyRef')} 100.00`]);
    const whole = await run(box, { ...part, amount: 80000, partial: false });
    assert.is(whole.result.outcome, 'approved');
    assert.equal(whole.asked, [lookUp, `${refund} 800.00`]);
  }
});

withParts('receipt, balance, totals', async () => {
  const box = await sharedOne();
  const sold = await run(box, pay(4321));
  const { invoice, rrn } = sold.result;

  for (const asked of [{}, { invoice }]) {
    const { result } = await run(box, { type: 'receipt', ...asked });
    assert.is(result.outcome, 'done');
    assert.is(result.invoice, invoice);
    assert.is(result.rrn, rrn);
    assert.is(result.transaction?.type, 'payment');
    assert.is(result.transaction?.amount, 4321);
    assert.is(result.transaction?.code, '0000');
    assert.match(result.receipt ?? '', /СУМА 43\.21/);
  }
  const none = await run(box, { type: 'receipt', invoice: '999999' });
  assert.is(none.result.outcome, 'failed');

  const balance = await run(box, { type: 'balance' });
  assert.is(balance.result.outcome, 'done');
  assert.is(balance.result.balance, 123456);

  const totals = await run(box, { type: 'totals' });
  assert.is(totals.result.outcome, 'done');
  assert.match(totals.result.receipt ?? '', /X-ЗВІТ/);
  assert.equal(totals.asked, ['Audit']);
});

withParts('reconciliation closes the batch', async () => {
  const box = await sharedOne();
  // One merchant's receipts only, with his name: the instalments are other merchants'.
  const shops = await run(box, { type: 'reconciliation' });
  assert.is(shops.result.outcome, 'done');
  const { result, asked } = await run(box, { type: 'reconciliation', merchant: '0' });
  assert.is(result.outcome, 'done');
  assert.match(result.receipt ?? '', /Z-ЗВІТ/);
  assert.equal(asked, ['Verify']);
  const empty = await run(box, { type: 'receipt' });
  assert.is(empty.result.outcome, 'failed');
  const paid = await run(box, pay(1500));
  assert.is(paid.result.outcome, 'approved', 'a payment after an empty batch');
});

withParts('every type was asked for, every result came once, in order, signed, at 115200 baud', async () => {
  const box = await sharedOne();
  const { results, unreadable } = box.sale;
  const types = new Set(results.items.map(({ result }) => result.type));
  assert.equal([...types].sort(), [...carriedTypes].sort());
  assert.equal(unreadable, []);
  const sequences = results.items.map(({ result }) => result.sequence);
  assert.equal(
    sequences,
    sequences.map((_, index) => index + 1),
  );
  assert.equal(await box.endGateway('SIGTERM'), { code: 0, signal: null });
  // Its speed is what the gateway has set, as long as the pseudo-terminal lives.
  assert.match(execFileSync('stty', ['-F', box.cable.boxEnd]).toString(), /^speed 115200 baud/);
});

test.run();
