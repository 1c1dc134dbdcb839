/** Writes an ending as the result that is told. Pure: the same record and ending give the same result. */

import type { Outcome, Result } from '../contract/result.ts';
import { isoTime } from '../contract/time.ts';
import type { OperationRecord, UntoldResult } from './journal-port.ts';
import { expectedAmount } from './judge.ts';
import type { Ending } from './operation.ts';
import { isForTerminal, kindOf, merchantOf, type Terms } from './requests.ts';

/** What the result says beyond the operation itself. */
export interface ResultFrame {
  box: string;
  terms: Terms;
  finishedAtMs: number;
  /** The terminal's id where the answer names none. */
  terminalId: string | null;
}

/** The result of an operation, its sequence still to be given by the journal. */
export function resultOf(record: OperationRecord, ending: Ending, frame: ResultFrame): UntoldResult {
  const { command, start } = record;
  const { details, resolved } = ending;
  const atTerminal = command !== null && isForTerminal(command) ? command : null;
  const money = atTerminal !== null && kindOf(atTerminal.type) === 'money';
  const asked = start === null ? null : expectedAmount(start.request);
  const outcome = outcomeOf(ending, asked);
  const result: UntoldResult = {
    id: record.id,
    box: frame.box,
    type: record.type,
    outcome,
    reason: ending.reason,
    amount: command !== null && 'amount' in command ? (command.amount ?? asked) : asked,
    approvedAmount: approvedAmount(record, outcome, ending, asked),
    currency: money ? frame.terms.currency : null,
    merchant: atTerminal === null ? null : (merchantOf(atTerminal, frame.terms)?.name ?? null),
    order: command?.order ?? null,
    card: details?.card ?? null,
    rrn: details?.rrn ?? null,
    authCode: details?.authCode ?? null,
    invoice: details?.invoice ?? null,
    terminal: details?.terminal ?? (start === null || atTerminal === null ? null : frame.terminalId),
    agreement: details?.agreement ?? null,
    signatureRequired: details?.signatureRequired ?? false,
    receipt: details?.receipt ?? null,
    startedAt: start === null ? null : isoTime(start.atMs),
    finishedAt: isoTime(frame.finishedAtMs),
    recovered: ending.recovered,
    resolved:
      resolved === null ? null : { by: resolved.by, kid: resolved.kid, at: isoTime(frame.finishedAtMs) },
  };
  if (record.type === 'cashback' && hasMoney(outcome)) result.cashApproved = cashApproved(record, ending);
  if (record.type === 'balance') result.balance = details?.balance ?? null;
  if (record.type === 'receipt') result.transaction = details?.transaction ?? null;
  return result;
}

const hasMoney = (outcome: Outcome): boolean => outcome === 'approved' || outcome === 'partiallyApproved';

/** A person may have approved less than was asked. */
function outcomeOf({ outcome, resolved }: Ending, asked: number | null): Outcome {
  const approved = resolved?.approvedAmount ?? null;
  return approved !== null && asked !== null && approved < asked ? 'partiallyApproved' : outcome;
}

function approvedAmount(
  record: OperationRecord,
  outcome: Outcome,
  ending: Ending,
  asked: number | null,
): number | null {
  if (!hasMoney(outcome)) return null;
  // The original's receipt shows what it was for or what is left of it, not what was given back.
  if (record.type === 'reversal' && outcome === 'approved' && ending.resolved === null) return asked;
  return ending.details?.amount ?? asked;
}

function cashApproved(record: OperationRecord, ending: Ending): number {
  const asked = record.start?.request.type === 'cashback' ? record.start.request.cash : 0;
  return ending.details?.cashApproved ?? (ending.outcome === 'approved' ? asked : 0);
}

/** A result as it stands in another one's `target`: without its own target. */
export function asTarget(result: Result | null): Omit<Result, 'target'> | null {
  if (result === null) return null;
  const { target: _target, ...plain } = result;
  return plain;
}
