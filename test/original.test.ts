import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { CommandOf } from '../gateway/contract/command.ts';
import type { Result } from '../gateway/contract/result.ts';
import { answered, refusal, resolution } from '../gateway/payments/endings.ts';
import type { OperationRecord } from '../gateway/payments/journal-port.ts';
import {
  compareOriginal,
  type ExpectedOriginal,
  expectedOriginal,
  isNoOriginal,
  type NoOriginal,
} from '../gateway/payments/original.ts';
import { resultOf } from '../gateway/payments/results.ts';
import type { AnswerDetails, ReceiptFacts } from '../gateway/payments/terminal-port.ts';
import { answer, details, paymentCommand, receipt, record, startMs } from './support/records.ts';

const test = suite('original');

const { box, issuedAt, expiresAt } = paymentCommand;
const envelope = { id: 'reversal-0001', box, issuedAt, expiresAt };
const originalId = paymentCommand.id;

const byOperation = (amount?: number): CommandOf<'reversal'> => ({
  ...envelope,
  type: 'reversal',
  operation: originalId,
  ...(amount !== undefined && { amount }),
});
const byReceipt = (change: Partial<CommandOf<'reversal'>> = {}): CommandOf<'reversal'> => ({
  ...envelope,
  type: 'reversal',
  invoice: '101',
  originalAmount: 10050,
  rrn: '083998389823',
  ...change,
});

const frame = {
  box,
  terms: { currency: 'UAH', merchants: { shop: '1' }, defaultMerchant: 'shop', maxAmount: 5_000_000 },
  finishedAtMs: startMs + 30_000,
  terminalId: 'TESTKKM0 00CT22927302',
};
const approvedBy = (change: Partial<AnswerDetails> = {}): Result => ({
  ...resultOf(record(), answered(answer('approved', '0000', change), false), frame),
  sequence: 1,
});

const finished = (change: Partial<Result> = {}, of: Partial<OperationRecord> = {}): OperationRecord =>
  record({ stage: 'finished', result: { ...approvedBy(), ...change }, ...of });

const reversalThatGave = (approvedAmount: number | null): OperationRecord =>
  record({
    id: `earlier-${approvedAmount}`,
    type: 'reversal',
    stage: 'finished',
    result: { ...approvedBy(), approvedAmount },
  });

function found(expected: ExpectedOriginal | NoOriginal): ExpectedOriginal {
  if (isNoOriginal(expected)) throw new Error(expected.text);
  return expected;
}

const reasonOf = (found: object): string => (isNoOriginal(found) ? found.reason : 'found');

test('by operation: the journal says what the receipt must look like', () => {
  assert.equal(found(expectedOriginal(byOperation(), finished(), [])), {
    invoice: '101',
    rrn: '083998389823',
    authCode: '483920',
    terminal: 'S1260S6Y',
    amounts: [10050, 10050],
    left: 10050,
  });
});

test('by receipt: the command says what it must look like', () => {
  assert.equal(found(expectedOriginal(byReceipt(), null, [])), {
    invoice: '101',
    rrn: '083998389823',
    authCode: null,
    terminal: null,
    amounts: [10050],
    left: 10050,
  });
});

test('only a finished, approved operation with a receipt of its own can be reversed', () => {
  const reasons = (original: OperationRecord | null) =>
    reasonOf(expectedOriginal(byOperation(), original, []));
  assert.is(reasons(null), 'originalNotFound', 'never seen');
  for (const stage of ['refusedAhead', 'accepted', 'running', 'recovering', 'unresolved'] as const)
    assert.is(reasons(finished({}, { stage })), 'originalNotFound', stage);
  for (const outcome of ['declined', 'cancelled', 'failed', 'refused', 'unknown', 'done'] as const)
    assert.is(reasons(finished({ outcome, approvedAmount: null })), 'originalNotFound', outcome);
  assert.is(reasons(finished({ type: 'reversal' })), 'originalNotFound', 'a reversal');
  assert.is(reasons(finished({ invoice: null })), 'originalNotFound', 'no number');
  assert.is(reasons(finished({}, { result: null })), 'originalNotFound', 'no result');
  const refused = { ...resultOf(record({ start: null }), refusal('busy', ''), frame), sequence: 1 };
  assert.is(reasons(finished(refused)), 'originalNotFound', 'never started');
  assert.is(reasons(finished({ outcome: 'partiallyApproved', approvedAmount: 5000 })), 'found');
});

test('a number alone tells no receipt from another: rrn or authorisation code must be known', () => {
  const reasons = (change: Partial<Result>) =>
    reasonOf(expectedOriginal(byOperation(), finished(change), []));
  assert.is(reasons({ rrn: null, authCode: null }), 'originalNotFound');
  assert.is(reasons({ rrn: null }), 'found');
  assert.is(reasons({ authCode: null }), 'found');
});

test('a part may be as much as is left, not more', () => {
  const reasons = (amount: number | undefined, earlier: OperationRecord[] = []) =>
    reasonOf(expectedOriginal(byOperation(amount), finished(), earlier));
  assert.is(reasons(10050), 'found');
  assert.is(reasons(10051), 'invalid');
  const earlier = [reversalThatGave(3000), reversalThatGave(2000)];
  assert.is(reasons(5050, earlier), 'found');
  assert.is(reasons(5051, earlier), 'invalid');
  assert.is(reasons(10050, earlier), 'invalid');
});

test('earlier reversals that gave nothing take nothing away; when all is given, nothing is left', () => {
  const expected = (earlier: OperationRecord[]) => expectedOriginal(byOperation(), finished(), earlier);
  const none = record({ type: 'reversal', stage: 'accepted', result: null });
  assert.is(found(expected([reversalThatGave(null), none])).left, 10050);
  assert.equal(found(expected([reversalThatGave(3000)])).amounts, [10050, 7050]);
  assert.is(reasonOf(expected([reversalThatGave(10050)])), 'originalNotFound');
  assert.is(reasonOf(expected([reversalThatGave(10000), reversalThatGave(50)])), 'originalNotFound');
});

test('of a partial approval no more than was approved can be given back', () => {
  const partial = finished({ outcome: 'partiallyApproved', approvedAmount: 7500 });
  assert.is(reasonOf(expectedOriginal(byOperation(7501), partial, [])), 'invalid');
  assert.is(found(expectedOriginal(byOperation(), partial, [])).left, 7500);
});

const compare = (
  change: Partial<Omit<ReceiptFacts, 'details'>> = {},
  detailChange: Partial<AnswerDetails> = {},
  command = byOperation(),
) => {
  const original = command.operation === undefined ? null : finished();
  return compareOriginal(found(expectedOriginal(command, original, [])), receipt(change, detailChange));
};

test('the very receipt is found, by operation and by number', () => {
  assert.equal(compare(), { invoice: '101', amount: 10050, left: 10050 });
  assert.equal(compare({}, {}, byReceipt()), { invoice: '101', amount: 10050, left: 10050 });
  assert.equal(compare({}, { authCode: null, terminal: 'OTHER' }, byReceipt()), {
    invoice: '101',
    amount: 10050,
    left: 10050,
  });
});

test('a receipt that differs in anything, or cannot be read in it, is another one', () => {
  for (const name of ['amount', 'rrn', 'authCode', 'terminal'] as const) {
    const wrong = { [name]: name === 'amount' ? 10049 : 'OTHER1' };
    assert.is(reasonOf(compare({}, wrong)), 'originalNotFound', `another ${name}`);
    assert.is(reasonOf(compare({}, { [name]: null })), 'originalNotFound', `no ${name}`);
  }
  for (const wrong of [{ amount: 10049 }, { amount: null }, { rrn: 'OTHER1' }, { rrn: null }])
    assert.is(reasonOf(compare({}, wrong, byReceipt())), 'originalNotFound', JSON.stringify(wrong));
});

test('what is reversed already, or was never approved, is not reversed', () => {
  assert.is(reasonOf(compare({ reversed: true })), 'originalNotFound');
  assert.is(reasonOf(compare({ type: 'reversal' })), 'originalNotFound');
  for (const verdict of ['declined', 'cancelled', 'failed', 'unclear'] as const)
    assert.is(reasonOf(compare({ verdict })), 'originalNotFound', verdict);
  assert.is(reasonOf(compare({ verdict: 'partiallyApproved' })), 'found');
});

test('after a part was given back the receipt may show the rest or the whole; neither loses what is left', () => {
  const expected = found(expectedOriginal(byOperation(), finished(), [reversalThatGave(3000)]));
  assert.equal(compareOriginal(expected, receipt({}, { amount: 7050 })), {
    invoice: '101',
    amount: 7050,
    left: 7050,
  });
  assert.equal(compareOriginal(expected, receipt()), { invoice: '101', amount: 10050, left: 7050 });
  assert.is(reasonOf(compareOriginal(expected, receipt({}, { amount: 3000 }))), 'originalNotFound');
});

test('what a person resolved can be reversed: its terminal was named by nobody', () => {
  const command = {
    ...envelope,
    type: 'resolve',
    target: originalId,
    outcome: 'approved',
    approvedAmount: 10050,
    rrn: '083998389823',
    invoice: '101',
    by: 'Olena',
  } as const;
  const result = { ...resultOf(record(), resolution(command, 'office'), frame), sequence: 2 };
  const expected = found(expectedOriginal(byOperation(), finished(result), []));
  assert.equal([expected.authCode, expected.terminal], [null, null]);
  assert.is(reasonOf(compareOriginal(expected, receipt())), 'found');
  assert.is(reasonOf(compareOriginal(expected, receipt({}, { rrn: 'OTHER1' }))), 'originalNotFound');
  assert.is(details().terminal, 'S1260S6Y');
});

test.run();
