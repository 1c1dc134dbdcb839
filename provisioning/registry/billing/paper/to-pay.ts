import { type Taxed, taxTakenBack } from '../rules/vat.ts';
import type { BillingDocument } from '../shapes.ts';

/** What an invoice asks for: its total without what credit paid when it was issued, and the tax in that part. */
export function toPayOf({ net, vat, total, creditUsed }: BillingDocument): Taxed {
  if (creditUsed === 0) return { net, vat: vat.amount, total };
  return taxTakenBack({ net, vat: vat.amount, total }, creditUsed, total - creditUsed);
}
