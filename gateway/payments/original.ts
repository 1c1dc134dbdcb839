/**
 * Which receipt a reversal is about, and whether the terminal still has that very one. Pure.
 * Receipt numbers may start again after a batch is closed, so the number alone proves nothing (docs/contract.md).
 */
import type { CommandOf } from '../contract/command.ts';
import type { OperationRecord } from './journal-port.ts';
import type { OriginalReceipt } from './requests.ts';
import type { ReceiptFacts } from './terminal-port.ts';

/** What the receipt must say. Null fields are not compared. Amounts in minor units. */
export interface ExpectedOriginal {
  invoice: string;
  rrn: string | null;
  authCode: string | null;
  terminal: string | null;
  /** What may stand on it: the amount that was approved, or what earlier partial reversals have left. */
  amounts: readonly number[];
  /** The most that may still be given back. */
  left: number;
}

/** Why a reversal cannot be. */
export interface NoOriginal {
  reason: 'originalNotFound' | 'invalid';
  text: string;
}

const notFound = (text: string): NoOriginal => ({ reason: 'originalNotFound', text });

/** What the original must look like, from the journal (`operation`) or from the command (`invoice`). */
export function expectedOriginal(
  command: CommandOf<'reversal'>,
  original: OperationRecord | null,
  earlier: readonly OperationRecord[],
): ExpectedOriginal | NoOriginal {
  if (command.operation === undefined) {
    const amount = command.originalAmount ?? 0;
    const { invoice = '', rrn = null } = command;
    return checkPart(command, {
      invoice,
      rrn,
      authCode: null,
      terminal: null,
      amounts: [amount],
      left: amount,
    });
  }
  const result = original?.result ?? null;
  if (result === null || original?.stage !== 'finished')
    return notFound('no finished operation of this id is known');
  if (result.outcome !== 'approved' && result.outcome !== 'partiallyApproved')
    return notFound(`that operation ended as ${result.outcome}`);
  if (result.type === 'reversal') return notFound('a reversal cannot be reversed');
  if (result.invoice === null || result.approvedAmount === null)
    return notFound('the terminal gave no receipt number for that operation');
  if (result.rrn === null && result.authCode === null)
    return notFound('nothing but its number tells the receipt of that operation from another one');
  const given = earlier.reduce((sum, { result }) => sum + (result?.approvedAmount ?? 0), 0);
  const left = result.approvedAmount - given;
  const { invoice, rrn, authCode } = result;
  return checkPart(command, {
    invoice,
    rrn,
    authCode,
    // A person who resolved it named no terminal, and the box's own name for it stands on no receipt.
    terminal: result.resolved === null ? result.terminal : null,
    amounts: [result.approvedAmount, left],
    left,
  });
}

function checkPart(
  command: CommandOf<'reversal'>,
  expected: ExpectedOriginal,
): ExpectedOriginal | NoOriginal {
  if (expected.left <= 0) return notFound('nothing of that operation is left to reverse');
  return (command.amount ?? 0) > expected.left
    ? { reason: 'invalid', text: `amount: found ${command.amount}, allowed: at most ${expected.left}` }
    : expected;
}

/** Whether the receipt read from the terminal is the expected one. */
export function compareOriginal(
  expected: ExpectedOriginal,
  receipt: ReceiptFacts,
): OriginalReceipt | NoOriginal {
  const { details } = receipt;
  if (receipt.reversed || receipt.type === 'reversal') return notFound('that receipt is reversed already');
  if (receipt.verdict !== 'approved' && receipt.verdict !== 'partiallyApproved')
    return notFound('that receipt is not of an approved operation');
  if (details.amount === null || !expected.amounts.includes(details.amount))
    return notFound('the receipt of that number is for another amount');
  if (!same(expected.rrn, details.rrn)) return notFound('the receipt of that number has another rrn');
  if (!same(expected.authCode, details.authCode))
    return notFound('the receipt of that number has another authorisation code');
  if (!same(expected.terminal, details.terminal))
    return notFound('the receipt of that number is of another terminal');
  return { invoice: expected.invoice, amount: details.amount, left: expected.left };
}

const same = (expected: string | null, found: string | null): boolean =>
  expected === null || expected === found;

/** Whether looking for the original failed. */
export const isNoOriginal = (found: object): found is NoOriginal => 'reason' in found;
