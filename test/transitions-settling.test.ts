import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { step } from '../gateway/payments/transitions.ts';
import { receipt } from './support/records.ts';
import {
  answered,
  approved,
  blind,
  cancelled,
  clear,
  confirming,
  contradicted,
  contradiction,
  declined,
  ends,
  evidence,
  failed,
  goes,
  money,
  nothingMoved,
  nothingSeen,
  notPerformed,
  other,
  ours,
  plain,
  recovering,
  resolved,
  running,
  told,
  unclear,
  undecidable,
  unresolved,
} from './support/steps.ts';

const test = suite('transitions-settling');

test('confirming: the receipts agree, or there are none to ask', () => {
  for (const said of [cancelled, failed])
    for (const input of [notPerformed, nothingSeen]) {
      const ending = ends(confirming(said), input);
      assert.equal([ending.outcome, ending.reason.code], [said.verdict, said.code]);
      assert.is(ending.recovered, false);
    }
});

test('confirming: a receipt of ours outweighs what the terminal said', () => {
  const ending = ends(confirming(), ours);
  assert.equal([ending.outcome, ending.recovered], ['approved', true]);
  assert.is(ending.details?.invoice, '101');
});

test('confirming: receipts that contradict make it unknown, and a person has to decide', () => {
  const { ending, next } = told(confirming(), undecidable);
  assert.is(ending.outcome, 'unknown');
  assert.equal(ending.reason, { source: 'terminal', code: '1001', text: 'several receipts could be ours' });
  assert.equal(next, { name: 'unresolved', cause: 'contradicted', said: cancelled, exhausted: true });
});

test('confirming: out of patience it is unknown, and settling goes on', () => {
  const { ending, next } = told(confirming(), plain('patienceEnded'));
  assert.is(ending.outcome, 'unknown');
  assert.equal(next, { name: 'unresolved', cause: 'contradicted', said: cancelled, exhausted: false });
});

test('recovering: what was said and agrees with the receipts is told', () => {
  const ending = ends(recovering(cancelled), notPerformed);
  assert.equal([ending.outcome, ending.reason.code, ending.recovered], ['cancelled', '1001', true]);
});

test('recovering: to each end', () => {
  const approvedEnding = ends(recovering(), ours);
  assert.equal([approvedEnding.outcome, approvedEnding.recovered], ['approved', true]);
  const declinedReceipt = receipt({ verdict: 'declined', code: '0005' });
  assert.is(ends(recovering(), evidence({ kind: 'ours', receipt: declinedReceipt })).outcome, 'declined');
  const failedEnding = ends(recovering(), notPerformed);
  assert.equal([failedEnding.outcome, failedEnding.reason.code], ['failed', 'notPerformed']);
  assert.equal([failedEnding.reason.source, failedEnding.recovered], ['box', true]);
});

test('recovering: what evidence does not decide is unknown, first class', () => {
  for (const input of [undecidable, nothingSeen]) {
    const { ending, next } = told(recovering(), input);
    assert.equal([ending.outcome, ending.reason.code], ['unknown', 'linkLost']);
    assert.is(ending.details, null);
    assert.equal(next, unresolved(true));
  }
});

test('recovering: out of patience it is unknown, and settling goes on', () => {
  const { ending, next } = told(recovering(), plain('patienceEnded'));
  assert.equal([ending.outcome, ending.reason.code], ['unknown', 'linkLost']);
  assert.equal(next, unresolved(false));
});

test('recovering: a restart begins settling again', () => {
  assert.equal(goes(recovering(), plain('restarted')), [recovering(), ['settle']]);
});

test('an approval that could not be believed is never told as failed', () => {
  for (const state of [contradicted(other), recovering(other), contradicted(null)]) {
    const { ending, next } = told(state, notPerformed);
    assert.is(ending.outcome, 'unknown');
    assert.ok(next.name === 'unresolved' && next.exhausted);
  }
  assert.equal(goes(unresolved(false, other), notPerformed), [unresolved(true, other), ['noteExhausted']]);
  assert.is(ends(contradicted(unclear), notPerformed).outcome, 'failed', 'code 1008 said nothing');
  assert.is(ends(contradicted(other), ours).outcome, 'approved', 'a receipt of ours decides');
});

test('a late approval that cannot be believed is not forgotten', () => {
  const late = answered(contradiction(other));
  assert.equal(goes(confirming(), late), [contradicted(other), ['settle']]);
  for (const state of [recovering(), recovering(cancelled)])
    assert.equal(goes(state, late), [contradicted(other), ['noteBreak']]);
  assert.equal(goes(unresolved(false), late), [
    { ...unresolved(false, other), cause: 'contradicted' },
    ['noteBreak'],
  ]);
  for (const said of [cancelled, failed])
    assert.equal(goes(recovering(other), answered(nothingMoved(said))), [recovering(other), []]);
  assert.equal(goes(recovering(other), answered(clear(declined))), [recovering(other), []]);
  assert.is(ends(recovering(other), answered(clear(approved))).outcome, 'approved');
});

test('a late answer settles what is still open', () => {
  for (const state of [
    confirming(),
    recovering(),
    recovering(cancelled),
    unresolved(false),
    unresolved(true),
  ])
    for (const said of [approved, declined]) {
      const ending = ends(state, answered(clear(said)));
      assert.equal([ending.outcome, ending.recovered], [said.verdict, true], state.name);
    }
});

test('a late answer that nothing moved is kept until the receipts agree', () => {
  assert.equal(goes(recovering(), answered(nothingMoved(cancelled))), [recovering(cancelled), []]);
  assert.equal(goes(unresolved(false), answered(nothingMoved(failed))), [unresolved(false, failed), []]);
  assert.equal(goes(confirming(), answered(nothingMoved(failed))), [confirming(), []]);
  assert.is(ends(recovering(), answered(nothingMoved(cancelled)), blind).outcome, 'cancelled');
});

test('a late answer that tells nothing changes nothing', () => {
  for (const state of [confirming(), recovering(), unresolved(true)])
    assert.equal(goes(state, answered(contradiction(unclear))), [state, []]);
});

test('unresolved: evidence may still make it final', () => {
  assert.is(ends(unresolved(false), ours).outcome, 'approved');
  assert.is(ends(unresolved(false), notPerformed).outcome, 'failed');
  assert.is(ends(unresolved(false, cancelled), notPerformed).outcome, 'cancelled');
  for (const input of [undecidable, nothingSeen, plain('givenUp')])
    assert.equal(goes(unresolved(false), input), [unresolved(true), ['noteExhausted']]);
});

test('unresolved: unknown is told once, not again by time or a restart', () => {
  for (const state of [unresolved(false), unresolved(true)])
    assert.is(step(state, plain('patienceEnded'), money), null);
  assert.equal(goes(unresolved(false), plain('restarted')), [unresolved(false), ['settle']]);
  assert.equal(goes(unresolved(true), plain('restarted')), [unresolved(true), ['settle']]);
});

test('a person resolves what is exhausted, and only that', () => {
  const approvedEnding = ends(unresolved(true), resolved('approved'));
  assert.is(approvedEnding.outcome, 'approved');
  assert.equal(approvedEnding.resolved, { by: 'Olena', kid: 'office', approvedAmount: 10050 });
  assert.equal([approvedEnding.details?.rrn, approvedEnding.details?.invoice], ['083998389823', '101']);
  const failedEnding = ends(unresolved(true), resolved('failed'));
  assert.equal([failedEnding.outcome, failedEnding.reason.code], ['failed', 'notPerformed']);
  assert.equal(failedEnding.resolved, { by: 'Olena', kid: 'office', approvedAmount: null });

  assert.equal(goes(unresolved(false), resolved('approved')), [unresolved(false), []]);
  for (const state of [
    { name: 'accepted' },
    running,
    confirming(),
    recovering(),
    { name: 'finished' },
  ] as const)
    assert.is(step(state, resolved('approved'), money), null, state.name);
});

test.run();
