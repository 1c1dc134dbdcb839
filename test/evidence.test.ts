import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  clockSlackMs,
  decide,
  type Evidence,
  type EvidenceVerdict,
  finishingMs,
} from '../gateway/payments/evidence.ts';
import type { OperationRecord, StartRecord } from '../gateway/payments/journal-port.ts';
import type { ReceiptFacts, TerminalRequest } from '../gateway/payments/terminal-port.ts';
import { receipt, record, start, startMs } from './support/records.ts';

const test = suite('evidence');

const unchanged: Evidence['last'] = { kind: 'receipt', invoice: '100', mark: 'mark-100' };
const later: Evidence['last'] = { kind: 'receipt', invoice: '101', mark: 'mark-101' };

const read = (since: ReceiptFacts[], change: Partial<Evidence> = {}): Evidence => ({
  kind: 'read',
  terminal: 'PAX|s800|T1',
  last: since.length === 0 ? unchanged : later,
  since,
  complete: true,
  original: null,
  ...change,
});

const settle = (
  evidence: Evidence,
  recordChange: Partial<OperationRecord> = {},
  startChange: Partial<StartRecord> = {},
  nowMs: number = startMs + 3_600_000,
): EvidenceVerdict => decide({ ...record(recordChange), start: start(startChange) }, evidence, nowMs);

const is = (verdict: EvidenceVerdict, kind: EvidenceVerdict['kind'], message?: string): void =>
  assert.is(verdict.kind, kind, message ?? JSON.stringify(verdict));

const lastContactMs = startMs + 15_000;

test('the same last receipt: not performed', () => {
  is(settle(read([])), 'notPerformed');
});

test('the number of the baseline on another receipt is not the baseline: the batch was closed', () => {
  const restarted = read([], { last: { kind: 'receipt', invoice: '100', mark: 'other' }, complete: false });
  is(settle(restarted), 'undecidable');
});

test('one receipt of our type, amount and time is ours', () => {
  const verdict = settle(read([receipt()]));
  is(verdict, 'ours');
  assert.is(verdict.kind === 'ours' && verdict.receipt.details.invoice, '101');
});

test('a declined receipt of ours tells that it was declined', () => {
  is(settle(read([receipt({ verdict: 'declined', code: '0005' })])), 'ours');
});

test('a foreign sale of another amount is not credited', () => {
  is(settle(read([receipt({}, { amount: 9999 })])), 'notPerformed');
});

test('a foreign sale beside ours leaves ours ours', () => {
  is(settle(read([receipt({}, { amount: 1, invoice: '101' }), receipt({}, { invoice: '102' })])), 'ours');
});

test('two receipts that could be ours are undecidable', () => {
  is(settle(read([receipt({}, { invoice: '101' }), receipt({}, { invoice: '102' })])), 'undecidable');
});

test('a lost partial approval is ours with less; less without code 0010 is foreign', () => {
  is(settle(read([receipt({ verdict: 'partiallyApproved', code: '0010' }, { amount: 7500 })])), 'ours');
  is(settle(read([receipt({}, { amount: 7500 })])), 'notPerformed');
  is(
    settle(read([receipt({ verdict: 'partiallyApproved', code: '0010' }, { amount: 20000 })])),
    'notPerformed',
  );
});

test('a partial approval of nothing, of less than nothing or of everything is in doubt', () => {
  for (const amount of [0, -500, 10050])
    is(
      settle(read([receipt({ verdict: 'partiallyApproved', code: '0010' }, { amount })])),
      'undecidable',
      String(amount),
    );
});

test('a receipt that could be ours after an abort went out is undecidable', () => {
  is(settle(read([receipt()]), { abortSent: true }), 'undecidable');
});

test('nothing new after an abort went out is not performed', () => {
  is(settle(read([]), { abortSent: true }), 'notPerformed');
});

test('the window of time: from the start to 3 minutes after the last contact, with 2 minutes of slack', () => {
  const at = (ms: number) => [{ fromMs: ms, toMs: ms + 999 }];
  const endMs = lastContactMs + finishingMs + clockSlackMs;
  is(
    settle(read([receipt({ at: at(startMs - clockSlackMs) })])),
    'ours',
    'just within the slack before the start',
  );
  is(settle(read([receipt({ at: at(endMs) })])), 'ours', 'at the very end');
  is(settle(read([receipt({ at: at(endMs + 1) })])), 'notPerformed', 'after');
});

test('a receipt from before the start or from the future shows a wrong clock, and rules nothing out', () => {
  const at = (ms: number) => [{ fromMs: ms, toMs: ms + 999 }];
  const nowMs = startMs + 3_600_000;
  is(settle(read([receipt({ at: at(startMs - clockSlackMs - 1000) })])), 'undecidable', 'before');
  is(settle(read([receipt({ at: at(nowMs + clockSlackMs + 1) })])), 'undecidable', 'future');
  is(
    settle(read([receipt({ at: at(nowMs) })])),
    'notPerformed',
    'after the window, by a clock that may be right',
  );
});

test('a receipt of a terminal that was found at work after a long silence is in doubt', () => {
  const lateContactMs = startMs + 600_000;
  const at = (ms: number) => [{ fromMs: ms, toMs: ms + 999 }];
  const endMs = lateContactMs + finishingMs + clockSlackMs;
  is(settle(read([receipt({ at: at(lateContactMs) })])), 'notPerformed', 'it was idle when it came back');
  is(settle(read([receipt({ at: at(lateContactMs) })]), { lateContactMs }), 'undecidable');
  is(settle(read([receipt({ at: at(endMs) })]), { lateContactMs }), 'undecidable', 'at the very end');
  is(settle(read([receipt({ at: at(endMs + 1) })]), { lateContactMs }), 'notPerformed', 'after');
  is(settle(read([receipt({ at: at(lateContactMs) }, { amount: 1 })]), { lateContactMs }), 'notPerformed');
});

test('an ambiguous local time counts when one of its readings is within the window', () => {
  const hourMs = 3_600_000;
  const at = [-1, 0].map((shift) => ({
    fromMs: startMs + shift * hourMs,
    toMs: startMs + shift * hourMs + 999,
  }));
  is(settle(read([receipt({ at })])), 'ours');
});

test('a receipt without a time, an amount or a type of its own is in doubt, never credited', () => {
  is(settle(read([receipt({ at: null })])), 'undecidable');
  is(settle(read([receipt({}, { amount: null })])), 'undecidable');
  is(settle(read([receipt({ type: 'undefined' })])), 'undecidable');
});

test('a receipt of another type is foreign; one that was reversed may have been ours', () => {
  is(settle(read([receipt({ type: 'refund' })])), 'notPerformed');
  is(settle(read([receipt({ type: 'instalment' })])), 'notPerformed');
  is(settle(read([receipt({ type: 'reversal', reversed: true })])), 'undecidable');
  is(settle(read([receipt({ reversed: true })])), 'undecidable');
});

test('receipts that could not all be read prove nothing', () => {
  is(settle(read([receipt()], { complete: false })), 'undecidable');
  is(settle(read([receipt({}, { amount: 1 })], { complete: false })), 'undecidable');
});

test('an empty batch proves nothing', () => {
  is(settle(read([], { last: { kind: 'none' } })), 'undecidable', 'it was closed');
  is(settle(read([], { last: { kind: 'none' } }), {}, { baseline: { kind: 'none' } }), 'nothingSeen');
});

test('the first receipt of a batch can be ours, from the start on; a foreign one proves nothing', () => {
  const first = (receipts: ReceiptFacts[]) => settle(read(receipts), {}, { baseline: { kind: 'none' } });
  is(first([receipt()]), 'ours');
  is(first([receipt({ at: [{ fromMs: startMs - 2000, toMs: startMs - 1001 }] })]), 'undecidable');
  is(first([receipt({}, { amount: 1 })]), 'nothingSeen');
});

test('without a receipt look-up nothing is decided', () => {
  is(settle(read([], { last: { kind: 'unavailable' } })), 'undecidable');
  is(settle(read([receipt()]), {}, { baseline: { kind: 'unavailable' } }), 'undecidable');
});

test('our receipt with a code that does not tell is undecidable', () => {
  is(settle(read([receipt({ verdict: 'unclear', code: '1008' })])), 'undecidable');
});

for (const request of [
  { type: 'cashback', amount: 10050, cash: 5000, merchant: '1' },
  { type: 'preauthorization', amount: 10050, merchant: '1' },
  { type: 'completion', amount: 20000, finalAmount: 10050, authCode: '1', rrn: '123456', merchant: '1' },
  { type: 'instalmentRefund', amount: 10050, plan: 'parts', agreement: 'A1', partial: false, merchant: '1' },
] as const satisfies TerminalRequest[])
  test(`a ${request.type}, whose type no receipt names for certain, is never credited, only ruled out`, () => {
    is(settle(read([receipt({ type: 'payment' })]), {}, { request }), 'undecidable');
    is(settle(read([receipt({}, { amount: 31 })]), {}, { request }), 'notPerformed');
    is(settle(read([]), {}, { request }), 'notPerformed');
  });

test('a receipt for both sums of a cashback, or for the held sum of a completion, is in doubt', () => {
  const cashback: TerminalRequest = { type: 'cashback', amount: 10050, cash: 5000, merchant: '1' };
  is(settle(read([receipt({}, { amount: 15050 })]), {}, { request: cashback }), 'undecidable');
  const completion: TerminalRequest = {
    type: 'completion',
    amount: 20000,
    finalAmount: 100,
    authCode: '1',
    rrn: '1',
    merchant: '1',
  };
  is(settle(read([receipt({}, { amount: 20000 })]), {}, { request: completion }), 'undecidable');
});

test('refunds and instalments are credited by their own type', () => {
  const refund: TerminalRequest = { type: 'refund', amount: 10050, rrn: '083998389823', merchant: '1' };
  is(settle(read([receipt({ type: 'refund' })]), {}, { request: refund }), 'ours');
  is(settle(read([receipt()]), {}, { request: refund }), 'notPerformed');
  const instalment: TerminalRequest = {
    type: 'instalment',
    amount: 10050,
    plan: 'parts',
    parts: 3,
    merchant: '6',
  };
  is(settle(read([receipt({ type: 'instalment' })]), {}, { request: instalment }), 'ours');
});

const whole: TerminalRequest = {
  type: 'reversal',
  invoice: '99',
  amount: null,
  originalAmount: 10050,
  merchant: '1',
};
const part: TerminalRequest = { ...whole, amount: 3000 };
const original = (change: Partial<ReceiptFacts> = {}, amount = 10050): Evidence['original'] => ({
  kind: 'read',
  receipt: receipt(change, { invoice: '99', amount }),
});

test('a reversal is settled by the receipt of the original', () => {
  const verdict = settle(
    read([], { original: original({ reversed: true, type: 'reversal' }) }),
    {},
    { request: whole },
  );
  is(verdict, 'ours');
  is(settle(read([], { original: original() }), {}, { request: whole }), 'notPerformed');
});

test('a partial reversal is settled by what is left on the original', () => {
  is(settle(read([], { original: original({}, 7050) }), {}, { request: part }), 'ours');
  is(settle(read([], { original: original() }), {}, { request: part }), 'nothingSeen');
  is(settle(read([], { original: original({}, 1) }), {}, { request: part }), 'undecidable');
  is(settle(read([], { original: original({ reversed: true }) }), {}, { request: part }), 'undecidable');
});

test('a reversal whose original cannot be read, or beside which there are other reversals, is undecidable', () => {
  is(settle(read([], { original: { kind: 'notFound' } }), {}, { request: whole }), 'undecidable');
  const other = receipt({ type: 'reversal' }, { amount: 10050 });
  is(settle(read([other], { original: original() }), {}, { request: whole }), 'undecidable');
  is(
    settle(read([receipt({}, { amount: 5 })], { original: original() }), {}, { request: whole }),
    'notPerformed',
  );
});

test('a reversed original after an abort went out is undecidable', () => {
  const reversed = read([], { original: original({ reversed: true }) });
  is(settle(reversed, { abortSent: true }, { request: whole }), 'undecidable');
});

test.run();
