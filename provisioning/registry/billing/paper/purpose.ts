import type { BillingDocument } from '../shapes.ts';
import { dottedDay } from './days.ts';
import { decimalText } from './money.ts';
import { toPayOf } from './to-pay.ts';

/**
 * The purpose of payment that the buyer is asked to write, the same as in the QR code. In Ukrainian for hryvnias, whose
 * banks want VAT named in it; otherwise in English. It does not depend on the language of the paper: what arrives must be one thing.
 */
export function purposeOf(invoice: BillingDocument): string {
  return `${shortPurposeOf(invoice)}, ${vatOf(invoice)}`;
}

/** The purpose without VAT, where there is little room. */
export function shortPurposeOf({ number, day, currency }: BillingDocument): string {
  return currency === 'UAH'
    ? `Оплата за послуги, рахунок № ${number} від ${dottedDay(day)}`
    : `Payment for services, invoice ${number} of ${day}`;
}

function vatOf(invoice: BillingDocument): string {
  const { vat, currency } = invoice;
  const inHryvnias = currency === 'UAH';
  if (vat.mode === 'none') return inHryvnias ? 'без ПДВ' : 'no VAT';
  const amount = decimalText(toPayOf(invoice).vat, currency);
  const rate = shownRate(vat.rateBasisPoints).replace(' ', '');
  return inHryvnias ? `у т.ч. ПДВ ${rate} ${amount} грн` : `incl. VAT ${rate} ${amount} ${currency}`;
}

/** A rate of VAT: 2000 is `20 %`, 750 is `7.5 %`. */
export function shownRate(basisPoints: number, separator: '.' | ',' = '.'): string {
  const whole = (basisPoints - (basisPoints % 100)) / 100;
  const rest = String(basisPoints % 100)
    .padStart(2, '0')
    .replace(/0+$/, '');
  return `${whole}${rest === '' ? '' : `${separator}${rest}`} %`;
}
