/** The slip of a payment: what the terminal would have printed. Pure. */
import type { PrintElement } from '../contract/print-document.ts';
import type { Result } from '../contract/result.ts';
import { parseIsoTime } from '../contract/time.ts';

/** Which slips, and in whose time. */
export interface SlipOptions {
  copies: 0 | 1 | 2;
  /** Of the date on a slip that is built from fields; absent: this machine's. */
  timeZone?: string;
}

const titles: Readonly<Record<string, string>> = {
  payment: 'ОПЛАТА',
  refund: 'ПОВЕРНЕННЯ',
  reversal: 'СКАСУВАННЯ',
  cashback: 'ОПЛАТА З ВИДАЧЕЮ ГОТІВКИ',
  preauthorization: 'ПОПЕРЕДНЯ АВТОРИЗАЦІЯ',
  completion: 'ЗАВЕРШЕННЯ РОЗРАХУНКУ',
  instalment: 'ОПЛАТА ЧАСТИНАМИ',
  instalmentRefund: 'ПОВЕРНЕННЯ ОПЛАТИ ЧАСТИНАМИ',
};

/**
 * The slips of a result, one after the other: the merchant's first, with a line to sign on where the terminal asks for
 * a signature, then the customer's. Of one alone the cashier keeps what was signed, so it has the line too. Empty when
 * no money moved.
 */
export function slipsOf(result: Result, { copies, timeZone }: SlipOptions): PrintElement[] {
  if (result.outcome !== 'approved' && result.outcome !== 'partiallyApproved') return [];
  const body = result.receipt === null ? fieldLines(result, timeZone) : receiptLines(result.receipt);
  const sign = result.signatureRequired ? signature : [];
  if (copies === 1) return [...body, ...sign, { kind: 'cut' }];
  if (copies === 0) return [];
  return [
    ...body,
    ...sign,
    centred('ПРИМІРНИК ТОРГІВЦЯ'),
    { kind: 'cut' },
    ...body,
    centred('ПРИМІРНИК КЛІЄНТА'),
    { kind: 'cut' },
  ];
}

const line = (text: string): PrintElement => ({ kind: 'text', text, align: 'left', bold: false, size: 1 });
const centred = (text: string): PrintElement => ({
  kind: 'text',
  text,
  align: 'center',
  bold: true,
  size: 1,
});

const signature: PrintElement[] = [
  { kind: 'feed', lines: 2 },
  line('ПІДПИС ______________________'),
  { kind: 'feed', lines: 1 },
];

/** A terminal's receipt has some dozens of lines; what it says is not known to be bounded. */
const linesMax = 200;

/** The terminal's own text, line by line as it laid it out. */
function receiptLines(receipt: string): PrintElement[] {
  const lines = receipt.replace(/\s+$/, '').split(/\r\n|\r|\n/);
  return lines.slice(0, linesMax).map((text) => line(text.replaceAll('\t', '  ')));
}

function fieldLines(result: Result, timeZone: string | undefined): PrintElement[] {
  const { type, terminal, invoice, card, rrn, authCode, approvedAmount, currency, order } = result;
  const fields: [label: string, value: string | null | undefined][] = [
    ['ТЕРМІНАЛ', terminal],
    ['ЧЕК', invoice],
    ['КАРТКА', card?.pan],
    ['СИСТЕМА', card?.scheme],
    ['RRN', rrn],
    ['КОД АВТ.', authCode],
    ['ЗАМОВЛЕННЯ', order],
    ['ДАТА', timeText(result.finishedAt, timeZone)],
  ];
  const sum: PrintElement[] =
    approvedAmount === null
      ? []
      : [{ kind: 'total', label: `СУМА ${currency ?? ''}`.trim(), sum: approvedAmount, bold: true, size: 2 }];
  return [
    centred(titles[type] ?? type),
    ...fields.flatMap(([label, value]) => (value ? [line(`${label} ${value}`)] : [])),
    ...sum,
    centred(result.outcome === 'approved' ? 'СХВАЛЕНО' : 'СХВАЛЕНО ЧАСТКОВО'),
  ];
}

/** `21.11.2026, 12:00:05`. */
function timeText(iso: string, timeZone: string | undefined): string {
  const format = new Intl.DateTimeFormat('uk-UA', {
    ...({ day: '2-digit', month: '2-digit', year: 'numeric' } as const),
    ...({ hour: '2-digit', minute: '2-digit', second: '2-digit' } as const),
    ...(timeZone === undefined ? {} : { timeZone }),
  });
  return format.format(parseIsoTime(iso));
}
