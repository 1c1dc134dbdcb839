/** What can happen to an operation, and where it can be, for tests of its table; and what the table makes of it. */
import * as assert from 'uvu/assert';
import type { EvidenceVerdict } from '../../gateway/payments/evidence.ts';
import type { JudgedAnswer } from '../../gateway/payments/judge.ts';
import type { Effect, Ending, OperationInput, OperationState } from '../../gateway/payments/operation.ts';
import type { TerminalAnswer } from '../../gateway/payments/terminal-port.ts';
import { type OperationFacts, step } from '../../gateway/payments/transitions.ts';
import { answer, receipt } from './records.ts';

export const money: OperationFacts = { kind: 'money', hasLookUp: true };
export const blind: OperationFacts = { kind: 'money', hasLookUp: false };
export const batch: OperationFacts = { kind: 'batch', hasLookUp: false };
export const inquiry: OperationFacts = { kind: 'inquiry', hasLookUp: false };

export const approved = answer('approved', '0000');
export const declined = answer('declined', '0005');
export const cancelled = answer('cancelled', '1001');
export const failed = answer('failed', '1004');
export const unclear = answer('unclear', '1008');
export const other = answer('approved', '0000', { amount: 9000 });

export const clear = (one: TerminalAnswer): JudgedAnswer => ({ kind: 'clear', answer: one });
export const nothingMoved = (one: TerminalAnswer): JudgedAnswer => ({ kind: 'nothingMoved', answer: one });
export const contradiction = (one: TerminalAnswer): JudgedAnswer => ({
  kind: 'contradiction',
  answer: one,
  why: 'the answer is not to be believed',
});

export const answered = (judged: JudgedAnswer): OperationInput => ({ name: 'answered', answer: judged });
export const evidence = (verdict: EvidenceVerdict): OperationInput => ({ name: 'evidence', verdict });
export const broke: OperationInput = { name: 'broke', cause: 'linkLost' };
export const plain = (
  name: 'admitted' | 'prepared' | 'patienceEnded' | 'givenUp' | 'abortAsked' | 'restarted',
) => ({ name }) as OperationInput;
export const refused: OperationInput = { name: 'refused', reason: 'terminalAbsent', text: 'no answer' };

export const ours = evidence({ kind: 'ours', receipt: receipt() });
export const notPerformed = evidence({ kind: 'notPerformed' });
export const nothingSeen = evidence({ kind: 'nothingSeen' });
export const undecidable = evidence({ kind: 'undecidable', why: 'several receipts could be ours' });

export const resolved = (outcome: 'approved' | 'failed'): OperationInput => ({
  name: 'resolved',
  kid: 'office',
  command: {
    id: 'resolve-0001',
    box: 'SW-7K3M9QXA2BCD',
    type: 'resolve',
    issuedAt: '2026-11-21T10:00:00.000Z',
    expiresAt: '2026-11-21T10:02:00.000Z',
    target: '01JDAX5N3T7Q4V8B2R6W9YKZHM',
    by: 'Olena',
    ...(outcome === 'failed'
      ? { outcome }
      : { outcome, approvedAmount: 10050, rrn: '083998389823', invoice: '101' }),
  },
});

export const running: OperationState = { name: 'running' };
export const confirming = (said = cancelled): OperationState => ({ name: 'confirming', said });
export const recovering = (said: TerminalAnswer | null = null): OperationState => ({
  name: 'recovering',
  cause: 'linkLost',
  said,
});
export const contradicted = (said: TerminalAnswer | null): OperationState => ({
  name: 'recovering',
  cause: 'contradicted',
  said,
});
export const unresolved = (exhausted: boolean, said: TerminalAnswer | null = null): OperationState => ({
  name: 'unresolved',
  cause: 'linkLost',
  said,
  exhausted,
});

export const effectsOf = (effects: readonly Effect[]): string[] => effects.map(({ name }) => name);

/** What is told when this happens; fails when nothing is. */
export function told(
  state: OperationState,
  input: OperationInput,
  facts = money,
): { ending: Ending; next: OperationState } {
  const transition = step(state, input, facts);
  const effect = transition?.effects.find(({ name }) => name === 'tell');
  if (transition === null || effect?.name !== 'tell')
    throw new Error(`nothing is told: ${JSON.stringify(transition)}`);
  return { ending: effect.ending, next: transition.next };
}

/** It ends here, and for good. */
export function ends(state: OperationState, input: OperationInput, facts = money): Ending {
  const { ending, next } = told(state, input, facts);
  assert.equal(next, { name: 'finished' });
  return ending;
}

/** Where it goes, and what is done; nothing is told. */
export function goes(
  state: OperationState,
  input: OperationInput,
  facts = money,
): [OperationState, string[]] {
  const transition = step(state, input, facts);
  if (transition === null) throw new Error('there is no such cell');
  const effects = effectsOf(transition.effects);
  assert.not.ok(effects.includes('tell'), 'something is told');
  return [transition.next, effects];
}
