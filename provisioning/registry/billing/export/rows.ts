import { decimalText } from '../paper/money.ts';
import type { BillingDocument, InvoiceLine } from '../shapes.ts';

/** How amounts are written. */
export type Decimal = '.' | ',';

type Row<Of> = readonly (readonly [name: string, value: (of: Of, decimal: Decimal) => string])[];

const amountOf =
  (pick: (document: BillingDocument) => number) =>
  (document: BillingDocument, decimal: Decimal): string =>
    decimalText(pick(document), document.currency, decimal);

const toPay = amountOf(({ total, creditUsed }) => total - creditUsed);

/** The columns of documents. Amounts of a credit note are above zero: its kind says that they are taken back. */
export const documentColumns: Row<BillingDocument> = [
  ['kind', ({ kind }) => kind],
  ['number', ({ number }) => number],
  ['day', ({ day }) => day],
  ['dueDay', ({ dueDay }) => dueDay ?? ''],
  ['month', ({ month }) => month],
  ['invoice', ({ invoice }) => invoice ?? ''],
  ['customer', ({ customer }) => customer],
  ['buyer', ({ buyer }) => buyer.name],
  ['buyerCode', ({ buyer }) => buyer.code ?? ''],
  ['buyerVatNumber', ({ buyer }) => buyer.vatNumber ?? ''],
  ['buyerIban', ({ buyer }) => buyer.iban ?? ''],
  ['contract', ({ buyer }) => buyer.contract?.number ?? ''],
  ['contractDay', ({ buyer }) => buyer.contract?.day ?? ''],
  ['sellerCode', ({ seller }) => seller.code ?? ''],
  ['sellerIban', ({ seller }) => seller.iban ?? ''],
  ['currency', ({ currency }) => currency],
  ['net', amountOf(({ net }) => net)],
  ['vatMode', ({ vat }) => vat.mode],
  ['vatPercent', ({ vat }, decimal) => percent(vat.rateBasisPoints, decimal)],
  ['vat', amountOf(({ vat }) => vat.amount)],
  ['total', amountOf(({ total }) => total)],
  ['creditUsed', amountOf(({ creditUsed }) => creditUsed)],
  ['toPay', (document, decimal) => (document.kind === 'invoice' ? toPay(document, decimal) : '')],
  ['lines', ({ lines }) => String(lines.length)],
  ['reason', ({ reason }) => reason ?? ''],
];

/** A line with the document that it stands on. */
export interface LineOf {
  document: BillingDocument;
  line: InvoiceLine;
  /** From 1. */
  position: number;
}

const lineAmount =
  (pick: (line: InvoiceLine) => number) =>
  ({ document, line }: LineOf, decimal: Decimal): string =>
    decimalText(pick(line), document.currency, decimal);

/** The columns of lines. */
export const lineColumns: Row<LineOf> = [
  ['kind', ({ document }) => document.kind],
  ['number', ({ document }) => document.number],
  ['position', ({ position }) => String(position)],
  ['month', ({ document }) => document.month],
  ['customer', ({ document }) => document.customer],
  ['box', ({ line }) => line.billedAs],
  ['plan', ({ line }) => line.plan],
  ['days', ({ line }) => String(line.days)],
  ['daysOfMonth', ({ line }) => String(line.daysOfMonth)],
  ['currency', ({ document }) => document.currency],
  ['price', lineAmount(({ price }) => price)],
  ['amount', lineAmount(({ amount }) => amount)],
];

/** Hundredths of a per cent as per cent: 2000 is `20.00`. */
const percent = (basisPoints: number, decimal: Decimal): string =>
  `${(basisPoints - (basisPoints % 100)) / 100}${decimal}${String(basisPoints % 100).padStart(2, '0')}`;
