/** The life of an operation as a table: state × input → state and effects. Pure; a missing cell ignores the input. */

import { answered, fromReceipt, notPerformed, refusal, resolution, uncertain } from './endings.ts';
import type { EvidenceVerdict } from './evidence.ts';
import type { JudgedAnswer } from './judge.ts';
import type {
  BreakReason,
  Effect,
  Ending,
  OperationInput,
  OperationKind,
  OperationState,
  Transition,
} from './operation.ts';
import type { TerminalAnswer } from './terminal-port.ts';

/** What does not change while an operation lives. */
export interface OperationFacts {
  kind: OperationKind;
  /** The terminal has receipts to look up: evidence can be had. */
  hasLookUp: boolean;
}

type StateNamed<Name extends OperationState['name']> = Extract<OperationState, { name: Name }>;
type InputNamed<Name extends OperationInput['name']> = Extract<OperationInput, { name: Name }>;

type Table = {
  [State in OperationState['name']]: {
    [Input in OperationInput['name']]?: (
      state: StateNamed<State>,
      input: InputNamed<Input>,
      facts: OperationFacts,
    ) => Transition;
  };
};

const go = (next: OperationState, ...effects: Effect[]): Transition => ({ next, effects });
const finish = (ending: Ending): Transition => go({ name: 'finished' }, { name: 'tell', ending });
const settle: Effect = { name: 'settle' };

/** `unknown` is told; settling goes on unless nothing more can be learned. */
const tellUnknown = (
  open: { cause: BreakReason; said: TerminalAnswer | null },
  exhausted: boolean,
  why: string,
): Transition =>
  go(
    { name: 'unresolved', cause: open.cause, said: open.said, exhausted },
    { name: 'tell', ending: uncertain(open.cause, open.said, why) },
  );

/** Contact was lost, or the answer is not to be believed, after the request was sent. */
function broken(
  cause: BreakReason,
  said: TerminalAnswer | null,
  why: string,
  facts: OperationFacts,
): Transition {
  if (facts.kind === 'money') return go({ name: 'recovering', cause, said }, settle);
  return finish(uncertain(cause, said, why, facts.kind === 'inquiry' ? 'failed' : 'unknown'));
}

function answerWhileRunning(judged: JudgedAnswer, facts: OperationFacts): Transition {
  const { answer } = judged;
  if (judged.kind === 'contradiction') return broken('contradicted', answer, judged.why, facts);
  if (judged.kind === 'nothingMoved' && facts.kind === 'money' && facts.hasLookUp)
    return go({ name: 'confirming', said: answer }, settle);
  return finish(answered(answer, false));
}

/** The terminal has said that money moved, in an answer that could not be believed as it stood. */
const saidApproved = (said: TerminalAnswer | null): boolean =>
  said?.verdict === 'approved' || said?.verdict === 'partiallyApproved';

/** As above; of an answer from before a restart only that it contradicted is known. */
const mayBeApproved = (open: { cause: BreakReason; said: TerminalAnswer | null }): boolean =>
  open.said === null ? open.cause === 'contradicted' : saidApproved(open.said);

/** A late answer settles an operation that is still open, unless it leaves as much doubt as there was. */
function lateAnswer(
  state: StateNamed<'confirming' | 'recovering' | 'unresolved'>,
  judged: JudgedAnswer,
  facts: OperationFacts,
): Transition {
  const { kind, answer: said } = judged;
  if (kind === 'contradiction') {
    if (!saidApproved(said)) return go(state);
    // An approval that cannot be believed cannot be forgotten either: receipts without it contradict it.
    return state.name === 'confirming'
      ? go({ name: 'recovering', cause: 'contradicted', said }, settle)
      : go({ ...state, cause: 'contradicted', said }, { name: 'noteBreak' });
  }
  if (saidApproved(state.said) && !saidApproved(said)) return go(state);
  if (kind === 'clear') return finish(answered(said, true));
  if (state.name === 'confirming') return go(state);
  return facts.hasLookUp ? go({ ...state, said }) : finish(answered(said, true));
}

/** What evidence ends an operation with; null when it ends nothing. */
function endingOf(
  verdict: EvidenceVerdict,
  open: { cause: BreakReason; said: TerminalAnswer | null },
  recovered: boolean,
): Ending | null {
  const { said } = open;
  switch (verdict.kind) {
    case 'ours':
      return fromReceipt(verdict.receipt);
    case 'notPerformed':
      if (mayBeApproved(open)) return null;
      return agreedWith(said) ? answered(said, recovered) : notPerformed();
    default:
      return null;
  }
}

const agreedWith = (said: TerminalAnswer | null): said is TerminalAnswer =>
  said?.verdict === 'cancelled' || said?.verdict === 'failed';

function whyOf(verdict: EvidenceVerdict): string {
  if (verdict.kind === 'undecidable') return verdict.why;
  return verdict.kind === 'notPerformed'
    ? 'the answer and the receipts contradict each other'
    : 'the receipts show no trace of it, which proves nothing here';
}

/** The table. Every cell is a rule of the contract; what may not happen has none. */
export const transitions: Table = {
  accepted: {
    admitted: () => go({ name: 'preparing' }, { name: 'prepare' }),
    refused: (_, { reason, text }) => finish(refusal(reason, text)),
    abortAsked: () => finish(refusal('aborted', 'aborted before it started')),
    restarted: () => finish(refusal('restarted', 'the box restarted before the operation started')),
  },
  preparing: {
    prepared: () => go({ name: 'running' }, { name: 'start' }),
    refused: (_, { reason, text }) => finish(refusal(reason, text)),
    abortAsked: () => finish(refusal('aborted', 'aborted before it started')),
  },
  running: {
    // The start could not be written down, so nothing was sent.
    refused: (_, { reason, text }) => finish(refusal(reason, text)),
    answered: (_, { answer }, facts) => answerWhileRunning(answer, facts),
    broke: (_, { cause }, facts) => broken(cause, null, 'contact with the terminal was lost', facts),
    restarted: (_, __, facts) => broken('restarted', null, 'the box restarted during the operation', facts),
    abortAsked: (state) => go(state, { name: 'interrupt' }),
  },
  confirming: {
    answered: (state, { answer }, facts) => lateAnswer(state, answer, facts),
    evidence: (state, { verdict }) => {
      if (verdict.kind === 'nothingSeen') return finish(answered(state.said, false));
      const open = { cause: 'contradicted', said: state.said } as const;
      const ending = endingOf(verdict, open, false);
      return ending ? finish(ending) : tellUnknown(open, true, whyOf(verdict));
    },
    patienceEnded: (state) =>
      tellUnknown(
        { cause: 'contradicted', said: state.said },
        false,
        'the receipts could not be read in time',
      ),
  },
  recovering: {
    answered: (state, { answer }, facts) => lateAnswer(state, answer, facts),
    evidence: (state, { verdict }) => {
      const ending = endingOf(verdict, state, true);
      return ending ? finish(ending) : tellUnknown(state, true, whyOf(verdict));
    },
    patienceEnded: (state) => tellUnknown(state, false, 'the terminal has not shown what happened yet'),
    restarted: (state) => go(state, settle),
  },
  unresolved: {
    answered: (state, { answer }, facts) => lateAnswer(state, answer, facts),
    evidence: (state, { verdict }) => {
      const ending = endingOf(verdict, state, true);
      return ending ? finish(ending) : go({ ...state, exhausted: true }, { name: 'noteExhausted' });
    },
    givenUp: (state) => go({ ...state, exhausted: true }, { name: 'noteExhausted' }),
    resolved: (state, { command, kid }) => (state.exhausted ? finish(resolution(command, kid)) : go(state)),
    // Whatever was exhausted before: a terminal that was away may show it now.
    restarted: (state) => go(state, settle),
  },
  finished: {},
};

/** Takes one step; null when the table has no cell for it and nothing happens. */
export function step(state: OperationState, input: OperationInput, facts: OperationFacts): Transition | null {
  const cell = transitions[state.name][input.name] as
    | ((state: OperationState, input: OperationInput, facts: OperationFacts) => Transition)
    | undefined;
  return cell === undefined ? null : cell(state, input, facts);
}
