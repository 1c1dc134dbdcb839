import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { EvidenceVerdict } from '../gateway/payments/evidence.ts';
import {
  type Effect,
  inputNames,
  type OperationInput,
  type OperationKind,
  type OperationState,
  stateNames,
} from '../gateway/payments/operation.ts';
import { type OperationFacts, step, transitions } from '../gateway/payments/transitions.ts';
import { answer, receipt } from './support/records.ts';
import {
  answered,
  approved,
  batch,
  blind,
  broke,
  cancelled,
  clear,
  confirming,
  contradicted,
  contradiction,
  declined,
  effectsOf,
  ends,
  evidence,
  failed,
  goes,
  inquiry,
  money,
  nothingMoved,
  other,
  plain,
  recovering,
  refused,
  resolved,
  running,
  unclear,
  unresolved,
} from './support/steps.ts';

const test = suite('transitions');

test('the table has these cells and no others', () => {
  const cells = Object.fromEntries(
    stateNames.map((state) => [state, inputNames.filter((input) => transitions[state][input] !== undefined)]),
  );
  assert.equal(cells, {
    accepted: ['admitted', 'refused', 'abortAsked', 'restarted'],
    preparing: ['refused', 'prepared', 'abortAsked'],
    running: ['refused', 'answered', 'broke', 'abortAsked', 'restarted'],
    confirming: ['answered', 'evidence', 'patienceEnded'],
    recovering: ['answered', 'evidence', 'patienceEnded', 'restarted'],
    unresolved: ['answered', 'evidence', 'givenUp', 'resolved', 'restarted'],
    finished: [],
  });
  assert.equal(Object.keys(transitions), [...stateNames], 'every state is listed');
  for (const state of stateNames)
    for (const input of Object.keys(transitions[state]))
      assert.ok((inputNames as readonly string[]).includes(input), input);
});

test('a plain life: admitted, prepared, started, answered', () => {
  assert.equal(goes({ name: 'accepted' }, plain('admitted')), [{ name: 'preparing' }, ['prepare']]);
  assert.equal(goes({ name: 'preparing' }, plain('prepared')), [running, ['start']]);
  const ending = ends(running, answered(clear(approved)));
  assert.is(ending.outcome, 'approved');
  assert.is(ending.recovered, false);
  assert.equal(ending.details, approved.details);
  assert.equal(ending.reason, { source: 'terminal', code: '0000', text: '' });
});

test('what does not start is refused for the reason given', () => {
  for (const state of [{ name: 'accepted' }, { name: 'preparing' }, running] as const) {
    const ending = ends(state, refused);
    assert.is(ending.outcome, 'refused');
    assert.equal(ending.reason, { source: 'box', code: 'terminalAbsent', text: 'no answer' });
  }
  const restarted = ends({ name: 'accepted' }, plain('restarted'));
  assert.equal([restarted.outcome, restarted.reason.code], ['refused', 'restarted']);
});

test('an abort before the start refuses; while it runs it is passed on; later it is too late', () => {
  for (const state of [{ name: 'accepted' }, { name: 'preparing' }] as const) {
    const ending = ends(state, plain('abortAsked'));
    assert.equal([ending.outcome, ending.reason.code], ['refused', 'aborted']);
  }
  assert.equal(goes(running, plain('abortAsked')), [running, ['interrupt']]);
  for (const state of [
    confirming(),
    recovering(),
    unresolved(false),
    unresolved(true),
    { name: 'finished' },
  ] as const)
    assert.is(step(state, plain('abortAsked'), money), null, state.name);
});

test('a break of a money operation is settled by evidence, by its cause, and nothing is told yet', () => {
  assert.equal(goes(running, broke), [recovering(), ['settle']]);
  assert.equal(goes(running, { name: 'broke', cause: 'timeout' }), [
    { name: 'recovering', cause: 'timeout', said: null },
    ['settle'],
  ]);
  assert.equal(goes(running, plain('restarted')), [
    { name: 'recovering', cause: 'restarted', said: null },
    ['settle'],
  ]);
});

test('without a look-up, too, a break of a money operation is no failure', () => {
  assert.equal(goes(running, broke, blind), [recovering(), ['settle']]);
});

test('a broken reconciliation is unknown for good, a broken inquiry has failed', () => {
  const outcomes = (facts: OperationFacts) =>
    [broke, plain('restarted'), answered(contradiction(unclear))].map((input) => {
      const { outcome, reason } = ends(running, input, facts);
      return [outcome, reason.code];
    });
  const codes = ['linkLost', 'restarted', '1008'];
  assert.equal(
    outcomes(batch),
    codes.map((code) => ['unknown', code]),
  );
  assert.equal(
    outcomes(inquiry),
    codes.map((code) => ['failed', code]),
  );
});

test('answers without money end what has none', () => {
  for (const facts of [batch, inquiry]) {
    assert.is(ends(running, answered(clear(answer('done', '0000'))), facts).outcome, 'done');
    assert.is(ends(running, answered(nothingMoved(failed)), facts).outcome, 'failed');
    assert.is(ends(running, answered(clear(declined)), facts).outcome, 'declined');
  }
});

test('that nothing moved is told when the receipts agree; without look-up it is told at once', () => {
  for (const said of [cancelled, failed]) {
    assert.equal(goes(running, answered(nothingMoved(said))), [confirming(said), ['settle']]);
    const ending = ends(running, answered(nothingMoved(said)), blind);
    assert.equal([ending.outcome, ending.recovered], [said.verdict, false]);
  }
});

test('a clear answer ends it at once, with or without a look-up', () => {
  for (const facts of [money, blind])
    for (const said of [approved, declined, answer('partiallyApproved', '0010', { amount: 5000 })])
      assert.is(ends(running, answered(clear(said)), facts).outcome, said.verdict);
});

test('an answer that cannot be believed is settled by evidence', () => {
  for (const said of [unclear, other])
    assert.equal(goes(running, answered(contradiction(said))), [contradicted(said), ['settle']]);
});

const verdicts = [
  { kind: 'ours', receipt: receipt() },
  { kind: 'ours', receipt: receipt({ verdict: 'declined', code: '0005' }) },
  { kind: 'notPerformed' },
  { kind: 'nothingSeen' },
  { kind: 'undecidable', why: 'in doubt' },
] as const satisfies EvidenceVerdict[];

const judgedAnswers = [
  ...[approved, declined].map(clear),
  ...[cancelled, failed].map(nothingMoved),
  ...[unclear, other].map(contradiction),
];

const anyInput: fc.Arbitrary<OperationInput> = fc.oneof(
  fc.constantFrom(
    ...(['admitted', 'prepared', 'patienceEnded', 'givenUp', 'abortAsked', 'restarted'] as const).map(plain),
    refused,
    broke,
    resolved('approved'),
    resolved('failed'),
  ),
  fc.constantFrom(...judgedAnswers.map(answered)),
  fc.constantFrom(...verdicts.map(evidence)),
);
const anyFacts = fc.record({
  kind: fc.constantFrom<OperationKind>('money', 'batch', 'inquiry'),
  hasLookUp: fc.boolean(),
});
const usualBeginning: OperationInput[] = [plain('admitted'), plain('prepared')];

test('in any order of inputs: one final outcome at most, one unknown before it, one start, no abort ahead of it', () => {
  fc.assert(
    fc.property(fc.boolean(), fc.array(anyInput, { maxLength: 30 }), anyFacts, (usual, later, facts) => {
      let state: OperationState = { name: 'accepted' };
      const effects: Effect[] = [];
      let approvedSeen = false;
      for (const input of usual ? [...usualBeginning, ...later] : later) {
        const transition = step(state, input, facts);
        if (transition === null) continue;
        assert.is.not(state.name, 'finished', 'nothing leaves finished');
        approvedSeen ||= input.name === 'answered' && input.answer.answer.verdict === 'approved';
        effects.push(...transition.effects);
        state = transition.next;
        const tells = transition.effects.filter(({ name }) => name === 'tell');
        assert.is(tells.length, state.name === 'finished' || tells.length > 0 ? 1 : 0, 'an end is told');
        const [tell] = tells;
        if (approvedSeen && tell?.name === 'tell' && tell.ending.resolved === null)
          assert.not.ok(
            facts.kind === 'money' && tell.ending.outcome === 'failed',
            'failed after an approval',
          );
      }
      const names = effectsOf(effects);
      const endings = effects.flatMap((effect) => (effect.name === 'tell' ? [effect.ending] : []));
      const finals = endings.filter(({ outcome }) => outcome !== 'unknown');
      assert.ok(finals.length <= 1, 'one final outcome');
      assert.ok(endings.length - finals.length <= 1, 'one unknown');
      if (finals.length === 1) assert.is(endings.at(-1), finals[0], 'the final outcome comes last');
      assert.ok(names.filter((name) => name === 'start').length <= 1, 'started once');
      for (const name of ['interrupt', 'settle', 'noteExhausted'])
        assert.ok(
          !names.includes(name) || names.indexOf(name) > names.indexOf('start'),
          `${name} after the start`,
        );
      assert.ok(!names.includes('interrupt') || names.includes('start'), 'no interrupt without a start');
    }),
    { numRuns: 3000 },
  );
});

test.run();
