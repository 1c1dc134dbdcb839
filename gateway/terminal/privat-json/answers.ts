/**
 * What is kept of an answer: an allow-list, field by field. Tracks, expiry, the holder's name, PIN blocks and
 * one-time passwords are never copied; the free text that might repeat them is scrubbed (invariant 7).
 */
import { maskPan, shortText } from '../../contract/card-data.ts';
import type {
  AnswerDetails,
  TerminalAnswer,
  TerminalRequest,
  Verdict,
} from '../../payments/terminal-port.ts';
import { readAmount } from './amounts.ts';
import { type Meaning, meaningOfMessage } from './codes.ts';
import { field, type Message, rawField } from './message.ts';
import { scrubTerminalText } from './terminal-text.ts';

/** A receipt is a few kilobytes (BPOS1: at most 32648 bytes). */
const receiptMaxLength = 32_768;

/** Details of an answer that told nothing. */
export const noDetails: AnswerDetails = {
  amount: null,
  card: null,
  rrn: null,
  authCode: null,
  invoice: null,
  terminal: null,
  agreement: null,
  signatureRequired: false,
  receipt: null,
};

/** The fields of a full financial answer that may be kept (ECR protocol JSON based v1.0.3.1 §5.1.2). */
export function detailsOf(message: Message): AnswerDetails {
  return {
    amount: readAmount(field(message, 'amount')),
    card: cardOf(message),
    rrn: referenceOf(message),
    authCode: authCodeOf(message),
    invoice: invoiceOf(message),
    // GetReceiptInfo has no terminalId; what an answer and its receipt are compared by must be in both.
    terminal: lineOf(message, 'merchant') ?? lineOf(message, 'terminalId'),
    agreement: wordOf(message, 'agreementNum', /^[\p{L}\p{N}_./-]{1,40}$/u),
    signatureRequired: field(message, 'signVerif') === '1',
    receipt: receiptText(message),
  };
}

/** The retrieval reference number; null when there is none. */
export const referenceOf = (message: Message): string | null => wordOf(message, 'rrn', /^[A-Za-z0-9]{1,20}$/);

/** The authorisation code; null when there is none. */
export const authCodeOf = (message: Message): string | null =>
  wordOf(message, 'approvalCode', /^[A-Za-z0-9]{1,10}$/);

/** The receipt's number; null when there is none. All zeros is the question's "last one", not a number. */
export function invoiceOf(message: Message): string | null {
  const invoice = wordOf(message, 'invoiceNumber', /^\d{1,20}$/);
  return invoice === null || /^0+$/.test(invoice) ? null : invoice;
}

/** The terminal's own words on what happened, fit for a log and for people: one line, no card data. */
export const describe = (message: Message): string =>
  shortText(scrubTerminalText(message.errorDescription, secretsOf(message)));

/** What the code says, held against what else the answer says about itself. */
function consistent(meaning: Meaning, message: Message, type: TerminalRequest['type']): Meaning {
  if (meaning.verdict !== 'approved' && meaning.verdict !== 'partiallyApproved') return meaning;
  const status = field(message, 'trnStatus');
  // 2 declined; 3 reversed and 4 cancelled, which is what a reversal wants (§5.1.2).
  const isUndone = (status === '3' || status === '4') && type !== 'reversal' && type !== 'instalmentRefund';
  return message.error === true || status === '2' || isUndone
    ? { ...meaning, verdict: 'unclear', text: 'the answer contradicts itself: approved, and not' }
    : meaning;
}

/** Reads the answer to an operation of `type`; `request` null when nobody waits for it any more. */
export function answerOf(
  message: Message,
  type: TerminalRequest['type'],
  request: TerminalRequest | null,
): TerminalAnswer {
  const told = meaningOfMessage(message);
  const meaning = movesNoMoney(type) ? withoutMoney(told, message, type) : consistent(told, message, type);
  const details = detailsOf(message);
  if (type === 'cashback') details.cashApproved = cashOf(message, request, meaning.verdict);
  if (type === 'balance') details.balance = readAmount(field(message, 'balance'));
  return toAnswer(meaning, message, details);
}

/** An answer from its parts; the terminal's own text is preferred. */
export function toAnswer(meaning: Meaning, message: Message | null, details: AnswerDetails): TerminalAnswer {
  const text = (message === null ? '' : describe(message)) || meaning.text;
  return { verdict: meaning.verdict, code: meaning.code, source: meaning.source, text, details };
}

const movesNoMoney = (type: TerminalRequest['type']): boolean =>
  type === 'reconciliation' || type === 'totals' || type === 'receipt' || type === 'balance';

function withoutMoney(meaning: Meaning, message: Message, type: TerminalRequest['type']): Meaning {
  const { verdict, code } = meaning;
  const isError = message.error === true;
  // Only a reconciliation leaves something behind on the terminal: the others have told what they had, or not.
  const isPart = verdict === 'partiallyApproved';
  if (type === 'reconciliation' && (code === '' || isPart || (isError && verdict === 'approved')))
    return { ...meaning, verdict: 'unclear' };
  if (code === '' || isPart || verdict === 'approved')
    return { ...meaning, verdict: isError ? 'failed' : 'done', text: '' };
  // "Cannot obtain receipt: log file is empty!" (§5.18): no host was asked.
  if (code === '0001' && type !== 'balance')
    return { ...meaning, verdict: 'failed', source: 'terminal', text: 'the log is empty' };
  return meaning;
}

/** Cash handed out, minor units (§5.16): `resultCashback` decides, code 10 alone means that it failed. */
function cashOf(message: Message, request: TerminalRequest | null, verdict: Verdict): number {
  const result = field(message, 'resultCashback')?.toLowerCase();
  const gaveCash = result === 'true' || (result !== 'false' && verdict === 'approved');
  if (!gaveCash || (verdict !== 'approved' && verdict !== 'partiallyApproved')) return 0;
  const told = readAmount(field(message, 'amountCash'));
  return told !== null && told >= 0 ? told : request?.type === 'cashback' ? request.cash : 0;
}

function cardOf(message: Message): AnswerDetails['card'] {
  const pan = maskPan(field(message, 'pan') ?? '');
  if (pan === null) return null;
  const scheme = lineOf(message, 'paymentSystem') ?? lineOf(message, 'issuerName');
  return { pan, scheme, entry: entryOf(field(message, 'posEntryMode')) };
}

// ISO 8583 field 22, first two digits.
const entries: Readonly<Record<string, string>> = {
  '01': 'manual',
  '02': 'magstripe',
  '05': 'chip',
  '07': 'contactless',
  '80': 'fallback',
  '90': 'magstripe',
  '91': 'contactless',
};

const entryOf = (posEntryMode: string | null): string | null =>
  entries[(posEntryMode ?? '').slice(0, 2)] ?? null;

function receiptText(message: Message): string | null {
  const text = rawField(message, 'receipt');
  if (text === null) return null;
  return scrubTerminalText(text.slice(0, receiptMaxLength).replace(/\r\n?/g, '\n'), secretsOf(message));
}

/** A card has one holder and two tracks with a name. */
const secretsMax = 8;

/** What must not appear in any text: the holder's name, as told and from the tracks; the PAN, should it come in full. */
function secretsOf(message: Message): string[] {
  const secrets = [field(message, 'cardHolderName') ?? ''];
  for (const [name, value] of message.params)
    if (name.startsWith('track')) secrets.push(...(/\^([^^]{2,40})\^/.exec(value)?.slice(1) ?? []));
  const pan = field(message, 'pan') ?? '';
  if (/^\d{11,}$/.test(pan)) secrets.push(pan);
  return secrets.filter((secret) => secret.trim() !== '').slice(0, secretsMax);
}

const lineOf = (message: Message, name: string): string | null =>
  shortText(field(message, name) ?? '', 64) || null;

/**
 * A parameter of the given form; null when it is not. Not scrubbed: one in ten reference numbers passes Luhn, and a
 * masked one could not be refunded. But the number of the card that the message names is no reference.
 */
export function wordOf(message: Message, name: string, pattern: RegExp): string | null {
  const word = field(message, name);
  if (word === null || !pattern.test(word)) return null;
  return isCardOf(message, word) ? null : word;
}

/** Whether a number can be that of the card that the message names, however much of it the terminal masks. */
function isCardOf(message: Message, number: string): boolean {
  const [, first = '', last = ''] = /^(\d*)\*+(\d*)$/.exec(maskPan(field(message, 'pan') ?? '') ?? '') ?? [];
  const fits = number.startsWith(first) && number.endsWith(last) && first.length + last.length >= 4;
  return fits && /^\d{13,19}$/.test(number);
}
