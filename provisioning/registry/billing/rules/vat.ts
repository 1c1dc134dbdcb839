import type { VatRule } from '../shapes.ts';

/** A sum, split. */
export interface Taxed {
  net: number;
  vat: number;
  total: number;
}

/** Whole divided by parts, rounded half up; exact whatever the size of the product. Nothing is below zero here. */
export const halfUp = (numerator: bigint, denominator: bigint): number =>
  Number((2n * numerator + denominator) / (2n * denominator));

/**
 * Value added tax of the sum of an invoice's lines, once per total, rounded half up.
 *
 * @param sum minor units: with the tax in it where the mode is `included`, without it otherwise
 */
export function taxed(sum: number, { mode, rateBasisPoints }: VatRule): Taxed {
  const rate = BigInt(rateBasisPoints);
  switch (mode) {
    case 'included': {
      const vat = halfUp(BigInt(sum) * rate, 10_000n + rate);
      return { net: sum - vat, vat, total: sum };
    }
    case 'onTop': {
      const vat = halfUp(BigInt(sum) * rate, 10_000n);
      return { net: sum, vat, total: sum + vat };
    }
    case 'none':
      return { net: sum, vat: 0, total: sum };
  }
}

/**
 * The tax in a part of an invoice that is taken back. The parts' taxes together are never more than the invoice's, and
 * exactly that once all of it is taken back.
 *
 * @param before what earlier credit notes took back, with the tax
 * @param total what this one takes back, with the tax
 */
export function taxTakenBack(invoice: Taxed, before: number, total: number): Taxed {
  const until = (sum: number): number => halfUp(BigInt(invoice.vat) * BigInt(sum), BigInt(invoice.total));
  const vat = until(before + total) - until(before);
  return { net: total - vat, vat, total };
}
