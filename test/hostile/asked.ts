/** The operations that hostile terminals answer. */
import fc from 'fast-check';
import type { OperationType } from '../../gateway/contract/command.ts';

/** The method that carries each type here, and the sum that an approval must name, in minor units. */
export const asked: Partial<Record<OperationType, { method: string; amount: number | null }>> = {
  payment: { method: 'Purchase', amount: 10050 },
  refund: { method: 'Refund', amount: 10050 },
  cashback: { method: 'Cashback', amount: 10050 },
  completion: { method: 'SaleCompletion', amount: 9000 },
  instalment: { method: 'ServicePbP', amount: 10050 },
  balance: { method: 'GetBalance', amount: null },
  totals: { method: 'Audit', amount: null },
  receipt: { method: 'GetReceiptInfo', amount: null },
  reconciliation: { method: 'Verify', amount: null },
};
const types = Object.keys(asked) as (keyof typeof asked & OperationType)[];
/** Any of them, mostly a payment. */
export const anyType = fc.oneof(
  { weight: 3, arbitrary: fc.constant('payment' as const) },
  { weight: 2, arbitrary: fc.constantFrom(...types) },
);
