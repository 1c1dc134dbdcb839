import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Result } from '../gateway/contract/result.ts';
import {
  answered,
  doneByBox,
  fromReceipt,
  notPerformed,
  refusal,
  resolution,
  uncertain,
} from '../gateway/payments/endings.ts';
import type { Ending } from '../gateway/payments/operation.ts';
import { requestOf } from '../gateway/payments/requests.ts';
import { asTarget } from '../gateway/payments/results.ts';
import { answer, noDetails, receipt, record } from './support/records.ts';
import {
  byHand,
  check,
  commands,
  envelope,
  failedByHand,
  notStarted,
  rrn,
  started,
  terms,
  told,
} from './support/results.ts';

const test = suite('results');

test('an approved payment, field by field', () => {
  assert.equal(told(answered(answer('approved', '0000'), false)), {
    id: envelope.id,
    box: envelope.box,
    type: 'payment',
    outcome: 'approved',
    reason: { source: 'terminal', code: '0000', text: '' },
    amount: 10050,
    approvedAmount: 10050,
    currency: 'UAH',
    merchant: 'shop',
    order: 'Z-123',
    card: { pan: '473117******9838', scheme: 'VISA', entry: 'contactless' },
    rrn: '083998389823',
    authCode: '483920',
    invoice: '101',
    terminal: 'S1260S6Y',
    agreement: null,
    signatureRequired: false,
    receipt: 'RECEIPT',
    startedAt: '2026-11-21T10:00:00.000Z',
    finishedAt: '2026-11-21T10:00:30.000Z',
    recovered: false,
    resolved: null,
  });
});

test('a refused command never started, and has nothing of a terminal', () => {
  const result = told(
    refusal('terminalAbsent', 'the terminal does not answer'),
    notStarted(commands.payment),
  );
  assert.equal(result.reason, {
    source: 'box',
    code: 'terminalAbsent',
    text: 'the terminal does not answer',
  });
  assert.equal(
    [result.outcome, result.amount, result.approvedAmount, result.startedAt],
    ['refused', 10050, null, null],
  );
  for (const field of ['card', 'rrn', 'authCode', 'invoice', 'terminal', 'agreement', 'receipt'] as const)
    assert.is(result[field], null, field);
  check(result);
});

test('an invalid command is refused with as little as is known of it', () => {
  const result = told(
    refusal('invalid', 'amount: found 0'),
    record({ type: 'unknown', command: null, start: null }),
  );
  assert.equal(
    [result.type, result.amount, result.currency, result.merchant, result.order],
    ['unknown', null, null, null, null],
  );
  check(result);
});

test('only an outcome with money has an approved sum', () => {
  const said = { amount: 10050 };
  for (const verdict of ['declined', 'cancelled', 'failed', 'unclear', 'done'] as const) {
    const result = told(answered(answer(verdict, 'x', said), false));
    assert.is(result.approvedAmount, null, verdict);
    assert.is(result.amount, 10050, verdict);
    check(result, verdict);
  }
  for (const ending of [
    notPerformed(),
    uncertain('linkLost', null, 'why'),
    uncertain('timeout', null, 'why'),
  ])
    assert.is(told(ending).approvedAmount, null, ending.outcome);
});

test('an unknown outcome says why, never that it failed', () => {
  const lost = told(uncertain('linkLost', null, 'the terminal has not shown what happened yet'));
  assert.equal([lost.outcome, lost.reason.source, lost.reason.code], ['unknown', 'box', 'linkLost']);
  const said = told(uncertain('contradicted', answer('unclear', '1008'), 'why'));
  assert.equal([said.outcome, said.reason.source, said.reason.code], ['unknown', 'terminal', '1008']);
  assert.is(told(answered(answer('unclear', '1008'), false)).outcome, 'unknown');
  assert.is(told(fromReceipt(receipt({ verdict: 'unclear' }))).outcome, 'unknown');
});

test('what was settled from a receipt is marked, and carries what the receipt says', () => {
  const result = told(fromReceipt(receipt({}, { invoice: '102', receipt: null })));
  assert.equal([result.outcome, result.recovered, result.invoice], ['approved', true, '102']);
  check(result);
});

test('a partial approval tells its own sum', () => {
  const result = told(answered(answer('partiallyApproved', '0010', { amount: 7500 }), false));
  assert.equal([result.outcome, result.amount, result.approvedAmount], ['partiallyApproved', 10050, 7500]);
  check(result);
});

test('an approval without its sum is of what was asked', () => {
  const bare = { ...answer('approved', '0000'), details: noDetails };
  assert.is(told(answered(bare, false)).approvedAmount, 10050);
  assert.is(told(answered(bare, false)).terminal, 'TESTKKM0 00CT22927302');
  assert.is(told(answered(bare, false), started(commands.completion)).approvedAmount, 10050);
});

test('a completion asks for what was held, and is approved for the final sum', () => {
  const result = told(answered(answer('approved', '0000'), false), started(commands.completion));
  assert.equal([result.amount, result.approvedAmount], [20000, 10050]);
});

test('cash is told only of a cashback that has money', () => {
  const cashback = started(commands.cashback);
  const cashOf = (verdict: 'approved' | 'partiallyApproved' | 'declined', cashApproved?: number) =>
    told(answered(answer(verdict, 'x', cashApproved === undefined ? {} : { cashApproved }), false), cashback)
      .cashApproved;
  assert.is(cashOf('approved', 5000), 5000);
  assert.is(cashOf('approved'), 5000, 'all of it, where the terminal does not say');
  assert.is(cashOf('partiallyApproved', 0), 0);
  assert.is(cashOf('partiallyApproved'), 0, 'none, where the terminal does not say');
  assert.is(cashOf('declined', 5000), undefined);
  assert.not.ok('cashApproved' in told(answered(answer('approved', '0000', { cashApproved: 5 }), false)));
});

test('a reversal tells what was given back, not what stands on the receipt', () => {
  const approved = answered(answer('approved', '0000', { amount: 10050 }), false);
  const whole = told(approved, started(commands.reversal));
  assert.equal([whole.amount, whole.approvedAmount], [10050, 10050]);
  const part = { ...commands.reversal, amount: 3000 };
  const partly = told(approved, started(part));
  assert.equal([partly.amount, partly.approvedAmount], [3000, 3000]);
  const fromOriginal = told(fromReceipt(receipt({}, { amount: 7050 })), started(part));
  assert.equal([fromOriginal.approvedAmount, fromOriginal.recovered], [3000, true]);
  const rest = requestOf(commands.reversal, terms, { invoice: '99', amount: 10050, left: 7050 });
  const restTold = told(approved, started(commands.reversal, rest));
  assert.equal([restTold.amount, restTold.approvedAmount], [7050, 7050]);
});

test('a reversal that was approved in part tells that part', () => {
  const ending = answered(answer('partiallyApproved', '0010', { amount: 4000 }), false);
  const result = told(ending, started(commands.reversal));
  assert.equal([result.outcome, result.approvedAmount], ['partiallyApproved', 4000]);
});

test('a reversal that never started asked for what its command says', () => {
  const refused = refusal('originalNotFound', 'no');
  assert.is(told(refused, notStarted(commands.reversal)).amount, null);
  assert.is(told(refused, notStarted({ ...commands.reversal, amount: 3000 })).amount, 3000);
});

test('a person resolves: who, with which key, when, and what', () => {
  const result = told(resolution(byHand(), 'office'));
  assert.equal(result.resolved, { by: 'Olena', kid: 'office', at: '2026-11-21T10:00:30.000Z' });
  assert.equal([result.outcome, result.approvedAmount, result.recovered], ['approved', 10050, false]);
  assert.equal([result.rrn, result.invoice, result.authCode], [rrn, '101', null]);
  check(result);
  const failed = told(resolution(failedByHand, 'office'));
  assert.equal([failed.outcome, failed.reason.code, failed.approvedAmount], ['failed', 'notPerformed', null]);
  assert.equal(failed.resolved?.by, 'Olena');
  check(failed);
});

test('resolved with less than was asked is a partial approval, of a reversal too', () => {
  const less = resolution(byHand({ approvedAmount: 10049 }), 'office');
  for (const command of [commands.payment, commands.reversal, commands.completion]) {
    const result = told(less, started(command));
    assert.equal([result.outcome, result.approvedAmount], ['partiallyApproved', 10049], command.type);
    check(result);
  }
});

test('a balance and the transaction of a receipt are told where they were asked for', () => {
  const done = answer('done', '0000', { balance: 123456 });
  assert.is(told(answered(done, false), started(commands.balance)).balance, 123456);
  assert.is(told(answered(answer('failed', '0001'), false), started(commands.balance)).balance, null);
  const transaction = { type: 'payment', code: '0000', amount: 10050, at: null } as const;
  const seen = answer('done', '0000', { transaction });
  assert.equal(told(answered(seen, false), started(commands.receipt)).transaction, transaction);
  assert.is(told(refusal('busy', ''), notStarted(commands.receipt)).transaction, null);
  for (const result of [told(answered(done, false)), told(answered(seen, false))])
    assert.not.ok('balance' in result || 'transaction' in result);
});

test('the merchant is told by its name, the currency with money only', () => {
  const result = told(answered(answer('done', '0000'), false), started(commands.reconciliation));
  assert.equal([result.merchant, result.currency, result.amount], ['incasso', null, null]);
  const unnamed = { ...commands.payment, merchant: '7' };
  assert.is(told(refusal('busy', ''), notStarted(unnamed)).merchant, '7');
  const unheard = { ...commands.payment, merchant: 'kiosk' };
  assert.is(told(refusal('invalid', ''), notStarted(unheard)).merchant, null);
});

test('commands about another operation have neither merchant nor money', () => {
  for (const type of ['abort', 'status'] as const) {
    const result = told(doneByBox(''), notStarted({ ...envelope, type, target: 'another-one' }));
    assert.equal(
      [result.outcome, result.merchant, result.currency, result.amount],
      ['done', null, null, null],
    );
    check(result);
  }
});

test('a result as a target leaves its own target out, and all else as it is', () => {
  assert.is(asTarget(null), null);
  const plain = { ...told(notPerformed()), sequence: 7 } as Result;
  const target = { id: 'another-one', state: 'finished', result: null } as const;
  assert.equal(asTarget({ ...plain, target }), plain);
  check({ ...plain, target: { ...target, result: asTarget({ ...plain, target }) } });
});

const endings: Record<string, Ending> = {
  approved: answered(answer('approved', '0000'), false),
  partiallyApproved: answered(answer('partiallyApproved', '0010', { amount: 1 }), false),
  declined: answered(answer('declined', '0005'), true),
  cancelled: answered(answer('cancelled', '1001'), false),
  failed: answered(answer('failed', '1004'), false),
  done: answered(answer('done', '0000', { balance: null }), false),
  fromReceipt: fromReceipt(receipt()),
  notPerformed: notPerformed(),
  unknown: uncertain('contradicted', null, 'why'),
  refused: refusal('storageFull', 'full'),
  resolved: resolution(byHand({ approvedAmount: 1 }), 'office'),
  resolvedFailed: resolution(failedByHand, 'office'),
};

test('every ending of every operation, started or not, is a result of the contract', () => {
  for (const command of Object.values(commands))
    for (const [name, ending] of Object.entries(endings))
      for (const of of [started(command), notStarted(command)]) {
        const result = told(ending, of);
        check(result, `${command.type} ${name}`);
        const hasMoney = result.outcome === 'approved' || result.outcome === 'partiallyApproved';
        if (!hasMoney) assert.is(result.approvedAmount, null, `${command.type} ${name}`);
      }
});

test('the same record and ending give the same result', () => {
  const ending = endings.approved ?? notPerformed();
  assert.equal(told(ending), told(ending));
});

test.run();
