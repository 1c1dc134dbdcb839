import { maskFullPan } from '../../contract/card-data.ts';
import { track1Of, track2Of } from './cards.ts';
import type { LocalTime } from './local-time.ts';
import { formatAmount } from './money.ts';
import type { Settled } from './orders.ts';
import { type Receipt, receiptText, txnTypes } from './receipt.ts';
import type { TerminalOptions } from './script.ts';

/** What response codes mean (ECR protocol JSON based v1.0.3.1 §4), in a terminal's words. */
const codeTexts: Readonly<Record<string, string>> = {
  '0000': '',
  '0010': 'Часткове схвалення',
  '1000': 'Загальна помилка',
  '1001': 'Скасовано користувачем',
  '1002': 'EMV відмова',
  '1003': 'Журнал заповнено, виконайте звірку',
  '1004': "Немає зв'язку з хостом",
  '1005': 'Немає паперу',
  '1006': 'Помилка ключів',
  '1007': 'Немає зчитувача карток',
  '1008': 'Транзакцію вже завершено',
};

/** The terminal's words for a code. */
export const textOfCode = (code: string): string => codeTexts[code] ?? `Відмова банку ${code}`;

/** A short answer: the code and nothing else (§4: from 1000 on there is no receipt). Nothing moved. */
export function shortAnswer(code: string, text: string = textOfCode(code)): Settled {
  return {
    code,
    error: code !== '0000',
    text,
    params: { responseCode: code },
    moved: false,
    invoice: null,
    undo: null,
  };
}

/** How this terminal writes answers. */
export interface AnswerStyle {
  options: TerminalOptions;
  localTime(atMs: number): LocalTime;
}

/** The receipt of a transaction as text. */
export const writtenReceipt = (receipt: Receipt, style: AnswerStyle): string =>
  receiptText(receipt, style.localTime(receipt.atMs), style.options.leaky);

/** The full financial answer (§5.1.2). */
export function financialParams(receipt: Receipt, style: AnswerStyle): Record<string, string> {
  const { leaky, bareAnswers } = style.options;
  const { card } = receipt;
  const full = {
    ...receiptFields(receipt, style),
    captureReference: '',
    cardExpiryDate: leaky ? card.expiry : '',
    cardHolderName: leaky ? card.holder : '',
    discount: '0.00',
    hstFld63Sf89: '',
    posConditionCode: '00',
    posEntryMode: card.contactless ? '071' : '051',
    processingCode: receipt.txnType === txnTypes.refund ? '200000' : '000000',
    rrnExt: '',
    terminalId: receipt.merchant.terminalId,
    track1: leaky ? track1Of(card) : '',
    track2: leaky ? track2Of(card) : '',
    trnStatus: receipt.trnStatus,
    adv: '',
    adv2p: '',
    subMerchant: '',
  };
  return bareAnswers ? onlyCode(full) : full;
}

// §5.1.2: what else is filled is set in the terminal's profile.
function onlyCode(full: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(full).map(([name, value]) => [name, name === 'responseCode' ? value : '']),
  );
}

/** What GetReceiptInfo tells of a receipt (§5.30). */
export function receiptFields(receipt: Receipt, style: AnswerStyle) {
  const { card } = receipt;
  const { date, time } = style.localTime(receipt.atMs);
  return {
    amount: formatAmount(receipt.amount),
    approvalCode: receipt.approvalCode,
    date,
    invoiceNumber: receipt.invoice,
    issuerName: card.issuer,
    merchant: receipt.merchant.merchantId,
    pan: style.options.leaky ? card.pan : maskFullPan(card.pan),
    receipt: writtenReceipt(receipt, style),
    responseCode: receipt.code,
    rrn: receipt.rrn,
    time,
    bankAcquirer: 'ПриватБанк',
    paymentSystem: card.scheme,
    signVerif: '0',
    txnType: receipt.txnType as string,
  };
}

/** The fields of {@link receiptFields}, all empty: there is no such receipt. */
export const noReceiptFields: Readonly<Record<string, string>> = Object.fromEntries(
  (
    [
      'amount',
      'approvalCode',
      'date',
      'invoiceNumber',
      'issuerName',
      'merchant',
      'pan',
      'receipt',
      'responseCode',
      'rrn',
      'time',
      'bankAcquirer',
      'paymentSystem',
      'signVerif',
      'txnType',
    ] satisfies (keyof ReturnType<typeof receiptFields>)[]
  ).map((name) => [name, '']),
);
