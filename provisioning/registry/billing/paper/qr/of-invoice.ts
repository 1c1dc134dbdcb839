import type { BillingDocument } from '../../shapes.ts';
import { purposeOf, shortPurposeOf } from '../purpose.ts';
import { toPayOf } from '../to-pay.ts';
import {
  largestQrAmount,
  linkStarts,
  longest,
  longestQrData,
  type PaymentQr,
  type QrFormat,
} from './fields.ts';
import { isUkrainianIban } from './iban.ts';
import { paymentLink } from './link.ts';
import { forbiddenIn, withLikes } from './windows-1251.ts';

/** How an operator wants his codes. */
export interface PaymentQrRules {
  /** 003 since 1 November 2025; 002 for payers whose banks do not read it yet. */
  format: QrFormat;
  /** Field 10 of 003, `CCCC/PPPP`. */
  category: string;
}

/** `SUPP`: a payment to a supplier (ISO 20022 external code sets), as in example 1 of the rules. */
export const defaultQrRules: PaymentQrRules = { format: '003', category: 'SUPP/SUPP' };

/** Why an invoice has no payment QR code. The rules know hryvnias and Ukrainian accounts only. */
export type NoQr =
  | 'notAnInvoice'
  | 'nothingToPay'
  | 'notHryvnias'
  | 'amountTooLarge'
  | 'noAccount'
  | 'noCode'
  | 'characters'
  | 'tooLong';

/** What stands in the code, and the link that it is made of; or why there is none. */
export type InvoiceQr = { payment: PaymentQr; link: string } | { why: NoQr };

/** The payment QR code of an invoice: what is to pay, to the seller's account, with the number in the purpose. */
export function invoiceQr(invoice: BillingDocument, rules: PaymentQrRules = defaultQrRules): InvoiceQr {
  const { seller } = invoice;
  const why = hindranceOf(invoice);
  if (why !== null) return { why };
  const is003 = rules.format === '003';
  const base: PaymentQr = {
    format: rules.format,
    // One byte per letter: the rules want the encoding that takes less room (Annex 1, I.3).
    encoding: 'windows-1251',
    function: 'UCT',
    recipient: withLikes(seller.name),
    iban: seller.iban ?? '',
    amount: toPayOf(invoice).total,
    recipientCode: seller.code ?? '',
    category: is003 ? rules.category : null,
    reference: is003 && isReference(invoice.number) ? invoice.number : null,
    purpose: '',
    display: null,
    // All of them: read from bit 0 or from bit 1, it is the same mask.
    lock: is003 ? 'FFFF' : null,
    // Invoices are paid late, too: with a time in field 15, banks refuse the code from then on.
    validUntil: null,
    createdAt: null,
  };
  for (const purpose of [purposeOf(invoice), shortPurposeOf(invoice)].map(withLikes)) {
    if (forbiddenIn(base.recipient + base.recipientCode + purpose) !== undefined)
      return { why: 'characters' };
    const payment = { ...base, purpose };
    const link = paymentLink(payment);
    if (fits(payment, link)) return { payment, link };
  }
  return { why: 'tooLong' };
}

const isReference = (number: string): boolean => /^[!-~]{1,35}$/.test(number);

function hindranceOf(invoice: BillingDocument): NoQr | null {
  const { kind, currency, seller } = invoice;
  if (kind !== 'invoice') return 'notAnInvoice';
  const { total } = toPayOf(invoice);
  if (total <= 0) return 'nothingToPay';
  if (currency !== 'UAH') return 'notHryvnias';
  if (total > largestQrAmount) return 'amountTooLarge';
  if (seller.iban === null || !isUkrainianIban(seller.iban)) return 'noAccount';
  return seller.code === null || !/^\d{8,10}$/.test(seller.code) ? 'noCode' : null;
}

function fits({ format, recipient, purpose }: PaymentQr, link: string): boolean {
  return (
    recipient !== '' &&
    recipient.length <= longest.recipient &&
    purpose.length <= longest.purpose &&
    link.length - linkStarts[format].length <= longestQrData
  );
}
