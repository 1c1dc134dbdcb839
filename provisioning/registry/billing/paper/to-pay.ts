import { type Taxed, taxTakenBack } from '../rules/vat.ts';
import type { BillingDocument } from '../shapes.ts';

/** What an invoice asks for: its total without what credit paid when it was issued, and the tax in that part. */
export function toPayOf({ net, vat, total, creditUsed }: BillingDocument): Taxed {
  if (creditUsed === 0) return { net, vat: vat.amount, total };
  return taxTakenBack({ net, vat: vat.amount, total }, creditUsed, total - creditUsed);
}

/**
 * The invoice as it asks for all that is open of it, where that is more than it asked for when it was issued: credit
 * that had paid for it was taken back since. Null: it is not so.
 *
 * @param open what is open of it now
 */
export const askedAgain = (invoice: BillingDocument, open: number): BillingDocument | null =>
  open > invoice.total - invoice.creditUsed ? { ...invoice, creditUsed: invoice.total - open } : null;
