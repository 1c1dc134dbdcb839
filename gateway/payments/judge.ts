/** Holds the terminal's answer against what was asked. Pure. */
import type { PrintRequest } from './journal-port.ts';
import type { Baseline, TerminalAnswer, TerminalRequest } from './terminal-port.ts';

/** What an answer is worth. */
export type JudgedAnswer =
  /** The answer decides. */
  | { kind: 'clear'; answer: TerminalAnswer }
  /** It says that nothing was done; told only when the receipts agree (docs/contract.md). */
  | { kind: 'nothingMoved'; answer: TerminalAnswer }
  /** It does not tell, or it cannot be the answer to what was asked: the receipts decide. */
  | { kind: 'contradiction'; answer: TerminalAnswer; why: string };

/** The sum that an approved answer must name, in minor units; null where the operation has none. */
export function expectedAmount(request: TerminalRequest | PrintRequest): number | null {
  switch (request.type) {
    case 'completion':
      return request.finalAmount;
    case 'reversal':
      return request.amount ?? request.originalAmount;
    case 'reconciliation':
    case 'totals':
    case 'receipt':
    case 'balance':
    case 'print':
      return null;
    default:
      return request.amount;
  }
}

/** Leading zeros do not count: an answer and a look-up may write one number in two ways. */
const isSameNumber = (one: string | null, other: string): boolean =>
  one !== null && one.replace(/^0+/, '') === other.replace(/^0+/, '');

/**
 * Judges an answer. A `late` one, which came after the link had broken, must name its amount to be believed:
 * with no transaction id in the protocol that is all that ties it to the request.
 */
export function judgeAnswer(
  request: TerminalRequest,
  baseline: Baseline,
  answer: TerminalAnswer,
  late: boolean,
): JudgedAnswer {
  const contradiction = (why: string): JudgedAnswer => ({ kind: 'contradiction', answer, why });
  const { verdict, details } = answer;
  if (verdict === 'unclear') return contradiction('the answer does not tell whether money moved');
  if (verdict === 'cancelled' || verdict === 'failed') return { kind: 'nothingMoved', answer };
  const expected = expectedAmount(request);
  if (verdict === 'done' || expected === null) return { kind: 'clear', answer };
  // A decline need not name a sum; one that names another sum is somebody else's, or one from the past.
  if (verdict === 'declined')
    return (details.amount ?? 0) === 0 || details.amount === expected
      ? { kind: 'clear', answer }
      : contradiction('a decline of another amount than was asked');
  if (
    request.type !== 'reversal' &&
    baseline.kind === 'receipt' &&
    isSameNumber(details.invoice, baseline.invoice)
  )
    // An approval of something earlier says nothing of this operation.
    return {
      kind: 'contradiction',
      answer: { ...answer, verdict: 'unclear' },
      why: 'the answer carries the number of a receipt from before the operation',
    };
  if (verdict === 'partiallyApproved') {
    const { amount } = details;
    const cashOnly = request.type === 'cashback' && amount === expected;
    if (amount === null || amount <= 0) return contradiction('a partial approval without its amount');
    if (amount >= expected && !cashOnly) return contradiction('a partial approval of more than was asked');
    return { kind: 'clear', answer };
  }
  if (details.amount === null)
    return late ? contradiction('a late approval without its amount') : { kind: 'clear', answer };
  return details.amount === expected
    ? { kind: 'clear', answer }
    : contradiction('an approval of another amount than was asked');
}
