import type { Merchant } from './merchants.ts';

/** A request's parameters as they came; members that are not text are left out. */
export type Params = Readonly<Record<string, string>>;

/** What moves money. Amounts in minor units. */
export type MoneyOrder =
  | { kind: 'sale'; amount: number; merchant: Merchant }
  | { kind: 'cashback'; amount: number; cash: number; merchant: Merchant }
  | { kind: 'refund'; amount: number; merchant: Merchant }
  | { kind: 'preauthorization'; amount: number; merchant: Merchant }
  | { kind: 'completion'; amount: number; merchant: Merchant }
  | { kind: 'instalment'; amount: number; parts: string; merchant: Merchant }
  | { kind: 'instalmentRefund'; amount: number; agreement: string; merchant: Merchant }
  /** `amount` null: the whole receipt. */
  | { kind: 'withdrawal'; amount: number | null; invoice: string };

/** What only asks. `merchant` null: all of them. */
export type Query =
  | { kind: 'ping' }
  | { kind: 'info' }
  | { kind: 'hostTest' }
  | { kind: 'balance' }
  | { kind: 'totals'; merchant: Merchant | null }
  | { kind: 'closeBatch'; merchant: Merchant | null }
  | { kind: 'journal'; merchant: Merchant | null }
  | { kind: 'receiptInfo'; invoice: string }
  | { kind: 'receiptCopy'; invoice: string };

/** What a request comes to. */
export type Order = MoneyOrder | Query;

const queryKinds: ReadonlySet<string> = new Set<Query['kind']>([
  'ping',
  'info',
  'hostTest',
  'balance',
  'totals',
  'closeBatch',
  'journal',
  'receiptInfo',
  'receiptCopy',
]);

/** Whether an order only asks. */
export const isQuery = (order: Order): order is Query => queryKinds.has(order.kind);

/** What the terminal and its host have to say to an order. */
export type Verdict =
  | { kind: 'approve' }
  /** Code 0010: less than asked, minor units (null: half), or for a cashback the sale without the cash. */
  | { kind: 'partial'; amount: number | null }
  | { kind: 'refuse'; code: string; text: string };

/** How an order ended. */
export interface Settled {
  /** The transaction's response code, four digits. */
  code: string;
  /** The answer's `error`: that of the method. */
  error: boolean;
  /** The answer's `errorDescription`. */
  text: string;
  params: Record<string, string>;
  /** Money moved. */
  moved: boolean;
  invoice: string | null;
  /** Takes the operation back, as a terminal does by itself after an interrupt; null where there is nothing to take back. */
  undo: (() => void) | null;
}
