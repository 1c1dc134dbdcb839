/** Receipts on the terminal: the answer to GetReceiptInfo (ECR protocol JSON based v1.0.3.1 §5.30). */

import { shortText } from '../../contract/card-data.ts';
import type { TransactionType } from '../../contract/result.ts';
import { isoTime } from '../../contract/time.ts';
import type { Baseline, ReceiptFacts, ReceiptReading, TerminalAnswer } from '../../payments/terminal-port.ts';
import { readAmount } from './amounts.ts';
import {
  authCodeOf,
  describe,
  detailsOf,
  invoiceOf,
  noDetails,
  referenceOf,
  toAnswer,
  wordOf,
} from './answers.ts';
import { meaningOf, meaningOfMessage } from './codes.ts';
import type { LocalTime } from './local-time.ts';
import { field, type Message } from './message.ts';

const types: ReadonlyMap<string, TransactionType> = new Map([
  ['1', 'payment'],
  ['2', 'refund'],
  ['3', 'reversal'],
  ['4', 'instalment'],
]);

/**
 * The facts on a receipt. Here `responseCode` is the transaction's, `error` that of the look-up, so that a declined
 * sale comes with `error` false.
 */
export function receiptFactsOf(message: Message, localTime: LocalTime): ReceiptFacts {
  const meaning = meaningOfMessage(message);
  const type = types.get(field(message, 'txnType') ?? '') ?? 'undefined';
  const status = field(message, 'trnStatus');
  const approved = meaning.verdict === 'approved' || meaning.verdict === 'partiallyApproved';
  return {
    // trnStatus 2 declined, 4 cancelled: with an approving code that is a contradiction.
    verdict: approved && (status === '2' || status === '4') ? 'unclear' : meaning.verdict,
    code: meaning.code,
    text: describe(message) || meaning.text,
    type,
    reversed: type === 'reversal' || status === '3',
    at: localTime(field(message, 'date'), field(message, 'time')),
    details: detailsOf(message),
  };
}

/**
 * Tells a receipt from another one with its number: receipt numbers may start again after a batch is closed. It is
 * kept in the journal: whatever a terminal puts into these fields, only what looks like one of their kind.
 */
export function markOf(message: Message): string {
  const amount = readAmount(field(message, 'amount'));
  const [date, time] = ['date', 'time'].map((name) => wordOf(message, name, /^[\d ./:-]{1,20}$/));
  const words = [
    referenceOf(message),
    amount,
    date && shortText(date),
    time && shortText(time),
    authCodeOf(message),
  ];
  return words.map((word) => word ?? '').join('|');
}

/**
 * The last receipt, from the answer to a question for number 0. `none` when the terminal says in error that it has
 * no such receipt; an answer without a number that is no error can be told from nothing: `unavailable`. One whose
 * number is no number was `garbled` on its way.
 */
export function baselineOf(message: Message): Baseline | { kind: 'garbled' } {
  const invoice = invoiceOf(message);
  if (invoice !== null) return { kind: 'receipt', invoice, mark: markOf(message) };
  if (!/^[\s0]*$/.test(field(message, 'invoiceNumber') ?? '')) return { kind: 'garbled' };
  return { kind: message.error === true ? 'none' : 'unavailable' };
}

/** The receipt of the given number, from the answer to a question for it. Another one is not taken for it. */
export function readingOf(message: Message, invoice: string, localTime: LocalTime): ReceiptReading {
  const found = invoiceOf(message);
  return found !== null && isSameNumber(found, invoice)
    ? { kind: 'read', receipt: receiptFactsOf(message, localTime) }
    : { kind: 'notFound' };
}

/** Whether two receipt numbers are one: leading zeros do not count. */
export const isSameNumber = (one: string, other: string): boolean =>
  withoutZeros(one) === withoutZeros(other);

const withoutZeros = (digits: string): string => digits.replace(/^0+(?=\d)/, '');

/** The answer to a `receipt` operation: `invoice` null asked for the last one. */
export function receiptAnswerOf(
  message: Message,
  invoice: string | null,
  localTime: LocalTime,
): TerminalAnswer {
  const found = invoiceOf(message);
  const isAsked = found !== null && (invoice === null || isSameNumber(found, invoice));
  if (message.error === true || !isAsked) {
    const { verdict, ...meaning } = meaningOf(field(message, 'responseCode') ?? field(message, 'code'));
    const text =
      message.error === true ? meaning.text : 'the terminal answered with another receipt, or none';
    const isRefusal = verdict === 'declined' || verdict === 'cancelled';
    const answer = { ...meaning, verdict: isRefusal ? verdict : ('failed' as const), text };
    return toAnswer(answer, message, { ...noDetails, transaction: null });
  }
  const { type, code, at, details } = receiptFactsOf(message, localTime);
  const [span] = at ?? [];
  const transaction = {
    type,
    code,
    // What was given back may stand there with its sign; the contract has none here.
    amount: details.amount !== null && details.amount < 0 ? null : details.amount,
    at: span === undefined ? null : isoTime(span.fromMs),
  };
  const meaning = { code: '0000', verdict: 'done' as const, source: 'terminal' as const, text: '' };
  return toAnswer(meaning, message, { ...details, transaction });
}
