import { formatAmount } from './money.ts';
import type { Order, Settled } from './orders.ts';

/** One operation that the terminal saw, for people and tests. */
export interface SeenOperation {
  /** The method; `keypad` for a sale that was keyed in on the terminal. */
  method: string;
  /** As it was asked, `100.50`; null where there is none. */
  amount: string | null;
  /**
   * What became of it on the terminal: `approved`, `partiallyApproved`, `declined`, `cancelled`, `failed`, `done`;
   * `reversed` (the terminal took it back), `lost` (it ended with the line or the power), `ignored`, `busy`,
   * `notImplemented`.
   */
  outcome: string;
  /** Four digits; null when it did not come to one. */
  code: string | null;
  invoice: string | null;
  /** Asked for over the link, not keyed in. */
  ours: boolean;
  /** An answer was sent. */
  answered: boolean;
}

/** A request that never became an operation. */
export const brushedOff = (
  method: string,
  amount: string | null,
  outcome: string,
  answered: boolean,
): SeenOperation => ({ method, amount, outcome, code: null, invoice: null, ours: true, answered });

/** An operation that has ended; `settled` null: it never came to the money. */
export function ended(
  operation: { method: string; order: Order; ours: boolean },
  settled: Settled | null,
  outcome: string,
  answered: boolean,
): SeenOperation {
  const { method, order, ours } = operation;
  const amount = 'amount' in order && order.amount !== null ? formatAmount(order.amount) : null;
  return {
    method,
    amount,
    outcome,
    code: settled?.code ?? null,
    invoice: settled?.invoice ?? null,
    ours,
    answered,
  };
}
