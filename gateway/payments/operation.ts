/**
 * The life of one operation as data: what it can be in, what can happen to it, what is to be done then.
 * No input or output here, no timer, no clock: a time-out is an input like any other (see transitions.ts).
 */

import type { CommandOf } from '../contract/command.ts';
import type { BoxReason, Outcome, Reason } from '../contract/result.ts';
import type { EvidenceVerdict } from './evidence.ts';
import type { JudgedAnswer } from './judge.ts';
import type { AnswerDetails, BreakCause, TerminalAnswer } from './terminal-port.ts';

/** What an operation does to the world, which decides how a break in its middle is treated. */
export type OperationKind =
  /** It can move money: a break is settled by evidence. */
  | 'money'
  /** Reconciliation, printing: no money of a customer, but what a break left behind cannot be told. */
  | 'batch'
  /** It only asks: a break is a failure. */
  | 'inquiry';

/** Why an operation is not settled by a plain answer. */
export type BreakReason = BreakCause | 'contradicted';

/** Where an operation is. */
export type OperationState =
  /** Promised to the sender and on disk; nothing was sent. */
  | { name: 'accepted' }
  /** Look-ups before the start: the original of a reversal, the baseline. Nothing was sent that could move money. */
  | { name: 'preparing' }
  /** On disk as started; the request was sent. */
  | { name: 'running' }
  /** The terminal says that nothing was done; its receipts have to agree before that is told. */
  | { name: 'confirming'; said: TerminalAnswer }
  /** The answer cannot be counted on; the receipts decide. `said`: an answer that was not believed alone. */
  | { name: 'recovering'; cause: BreakReason; said: TerminalAnswer | null }
  /** `unknown` was told. It may become final once; when `exhausted`, by a late answer or a person only. */
  | { name: 'unresolved'; cause: BreakReason; said: TerminalAnswer | null; exhausted: boolean }
  | { name: 'finished' };

/** Every state's name, in the order of a life. */
export const stateNames = [
  'accepted',
  'preparing',
  'running',
  'confirming',
  'recovering',
  'unresolved',
  'finished',
] as const satisfies readonly OperationState['name'][];

/** What can happen to an operation. */
export type OperationInput =
  /** The gate let it through. */
  | { name: 'admitted' }
  /** It cannot start, for this reason. */
  | { name: 'refused'; reason: BoxReason; text: string }
  /** The look-ups are done and the deadline has not passed. */
  | { name: 'prepared' }
  | { name: 'answered'; answer: JudgedAnswer }
  | { name: 'broke'; cause: BreakCause }
  | { name: 'evidence'; verdict: EvidenceVerdict }
  /** As long after the break as a sender is left without any outcome. */
  | { name: 'patienceEnded' }
  /** The terminal has not come back for so long that a person may decide. */
  | { name: 'givenUp' }
  | { name: 'abortAsked' }
  | { name: 'resolved'; command: CommandOf<'resolve'>; kid: string }
  /** The gateway was restarted and found the operation on disk. */
  | { name: 'restarted' };

/** Every input's name. */
export const inputNames = [
  'admitted',
  'refused',
  'prepared',
  'answered',
  'broke',
  'evidence',
  'patienceEnded',
  'givenUp',
  'abortAsked',
  'resolved',
  'restarted',
] as const satisfies readonly OperationInput['name'][];

/** An outcome before it is written as a result. */
export interface Ending {
  outcome: Outcome;
  reason: Reason;
  /** What the terminal's answer or receipt says; null when there is none. */
  details: AnswerDetails | null;
  /** Settled from evidence. */
  recovered: boolean;
  /** Set when a person decided. */
  resolved: { by: string; kid: string; approvedAmount: number | null } | null;
}

/** What is to be done, in order. */
export type Effect =
  /** Look up the original and the baseline, then feed `prepared` or `refused`. */
  | { name: 'prepare' }
  /** Write the start down, then send the first byte. */
  | { name: 'start' }
  /** Write down that an abort goes out, then ask the terminal to stop. */
  | { name: 'interrupt' }
  /** Write the break down and gather evidence until there is a verdict. */
  | { name: 'settle' }
  /** Write down and tell an outcome. */
  | { name: 'tell'; ending: Ending }
  /** Write down the cause: an answer that contradicts has to outlive a restart. */
  | { name: 'noteBreak' }
  /** Write down that nothing more can be learned from the terminal. */
  | { name: 'noteExhausted' };

/** A step: where the operation is now, and what is to be done. */
export interface Transition {
  next: OperationState;
  effects: readonly Effect[];
}
