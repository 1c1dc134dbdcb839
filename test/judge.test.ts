import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { expectedAmount, type JudgedAnswer, judgeAnswer } from '../gateway/payments/judge.ts';
import type { Baseline, TerminalAnswer, TerminalRequest } from '../gateway/payments/terminal-port.ts';
import { answer, payment } from './support/records.ts';

const test = suite('judge');

const baseline: Baseline = { kind: 'receipt', invoice: '100', mark: 'mark-100' };

const judge = (
  said: TerminalAnswer,
  { request = payment, late = false, from = baseline as Baseline } = {},
): JudgedAnswer => judgeAnswer(request, from, said, late);

const kindOf = (...args: Parameters<typeof judge>): string => judge(...args).kind;

const merchant = '1';
const requests: [TerminalRequest, expected: number | null][] = [
  [payment, 10050],
  [{ type: 'refund', amount: 10050, merchant, rrn: '083998389823' }, 10050],
  [{ type: 'reversal', invoice: '99', amount: null, originalAmount: 10050, merchant }, 10050],
  [{ type: 'reversal', invoice: '99', amount: 3000, originalAmount: 10050, merchant }, 3000],
  [{ type: 'cashback', amount: 10050, cash: 5000, merchant }, 10050],
  [{ type: 'preauthorization', amount: 10050, merchant }, 10050],
  [{ type: 'completion', amount: 10050, finalAmount: 9000, authCode: '1', rrn: '123456', merchant }, 9000],
  [{ type: 'instalment', amount: 10050, plan: 'parts', parts: 3, merchant }, 10050],
  [
    { type: 'instalmentRefund', amount: 10050, plan: 'parts', agreement: 'A', partial: true, merchant },
    10050,
  ],
  [{ type: 'reconciliation', merchant }, null],
  [{ type: 'totals', merchant }, null],
  [{ type: 'receipt', invoice: null }, null],
  [{ type: 'balance', merchant }, null],
];

test('each request expects its own sum, or none', () => {
  for (const [request, expected] of requests) assert.is(expectedAmount(request), expected, request.type);
});

test('an approval of the sum that was asked is clear, for every request with a sum', () => {
  for (const [request, expected] of requests) {
    if (expected === null) continue;
    for (const late of [false, true])
      assert.is(
        kindOf(answer('approved', '0000', { amount: expected }), { request, late }),
        'clear',
        request.type,
      );
    assert.is(
      kindOf(answer('approved', '0000', { amount: expected + 1 }), { request }),
      'contradiction',
      request.type,
    );
  }
});

test('an approval of another sum contradicts, more or less by one', () => {
  for (const amount of [10049, 10051, 0, 1, 100500])
    assert.is(kindOf(answer('approved', '0000', { amount })), 'contradiction', String(amount));
});

test('an approval without its sum is believed at once, not late', () => {
  const said = answer('approved', '0000', { amount: null });
  assert.is(kindOf(said), 'clear');
  assert.is(kindOf(said, { late: true }), 'contradiction');
});

test('a partial approval must name less than was asked', () => {
  const partial = (amount: number | null) => kindOf(answer('partiallyApproved', '0010', { amount }));
  assert.is(partial(10049), 'clear');
  assert.is(partial(1), 'clear');
  for (const amount of [null, 0, 10050, 10051]) assert.is(partial(amount), 'contradiction', String(amount));
});

test('a sale whose cash alone failed is a partial approval of the whole sum', () => {
  const request: TerminalRequest = { type: 'cashback', amount: 10050, cash: 5000, merchant };
  const partial = (amount: number | null) =>
    kindOf(answer('partiallyApproved', '0010', { amount }), { request });
  assert.is(partial(10050), 'clear');
  assert.is(partial(5000), 'clear');
  assert.is(partial(15050), 'contradiction');
  assert.is(partial(null), 'contradiction');
});

test('what the host or the card declined is clear', () => {
  for (const code of ['0005', '0096', '1002']) assert.is(kindOf(answer('declined', code)), 'clear', code);
});

test('a decline of another amount is not of this operation; one that names none is', () => {
  for (const amount of [null, 0, 10050])
    assert.is(kindOf(answer('declined', '0116', { amount })), 'clear', String(amount));
  for (const amount of [1, 10049, 20000])
    assert.is(kindOf(answer('declined', '0116', { amount })), 'contradiction', String(amount));
});

test('cancelled and failed wait for the receipts, late or not', () => {
  for (const late of [false, true]) {
    assert.is(kindOf(answer('cancelled', '1001'), { late }), 'nothingMoved');
    for (const code of ['1000', '1003', '1004', '1005', '1006', '1007', 'deviceBusy', 'methodNotImplemented'])
      assert.is(kindOf(answer('failed', code), { late }), 'nothingMoved', code);
  }
});

test('an answer that does not tell contradicts, whatever it names', () => {
  for (const change of [{}, { amount: 10050, invoice: '101' }])
    assert.is(kindOf(answer('unclear', '1008', change)), 'contradiction');
});

test('an approval with the number of the receipt from before is not of this operation', () => {
  for (const verdict of ['approved', 'partiallyApproved'] as const)
    for (const invoice of ['100', '0100', '000100']) {
      const judged = judge(answer(verdict, '0000', { invoice, amount: 5000 }));
      assert.is(judged.kind, 'contradiction', invoice);
      // It proves nothing about this one, so the receipts may still show that nothing was done.
      assert.is(judged.answer.verdict, 'unclear');
    }
  assert.is(kindOf(answer('approved', '0000', { invoice: '1000' })), 'clear');
  const none: Baseline = { kind: 'none' };
  assert.is(kindOf(answer('approved', '0000', { invoice: '100' }), { from: none }), 'clear');
});

test('an approval without a number is not taken for the one before', () => {
  const zero: Baseline = { kind: 'receipt', invoice: '0', mark: 'm' };
  for (const from of [baseline, zero])
    assert.is(kindOf(answer('approved', '0000', { invoice: null }), { from }), 'clear');
});

test('a reversal may answer with the number of the last receipt: it is about that one', () => {
  const request: TerminalRequest = {
    type: 'reversal',
    invoice: '100',
    amount: null,
    originalAmount: 10050,
    merchant,
  };
  assert.is(kindOf(answer('approved', '0000', { invoice: '100' }), { request }), 'clear');
});

test('what moves no money is clear when it is done', () => {
  for (const [request, expected] of requests)
    if (expected === null) {
      assert.is(kindOf(answer('done', '0000'), { request }), 'clear', request.type);
      assert.is(kindOf(answer('failed', '0001'), { request }), 'nothingMoved', request.type);
      assert.is(kindOf(answer('unclear', ''), { request }), 'contradiction', request.type);
    }
});

test('a contradiction says why, and keeps the answer', () => {
  const said = answer('approved', '0000', { amount: 1 });
  const judged = judge(said);
  assert.ok(judged.kind === 'contradiction' && judged.why.length > 0);
  assert.is(judged.answer, said);
});

test.run();
