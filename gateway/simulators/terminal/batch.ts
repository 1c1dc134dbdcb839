import type { Merchant } from './merchants.ts';
import { type Receipt, trnStatuses, txnTypes } from './receipt.ts';

/** Count and sum, minor units. */
export interface Sum {
  count: number;
  amount: number;
}

/** What the open batch holds for one merchant. */
export interface MerchantTotals {
  merchant: Merchant;
  sales: Sum;
  refunds: Sum;
  reversed: Sum;
}

const withoutZeros = (invoice: string): string => invoice.replace(/^0+(?=.)/, '');

/** The receipts since the batch was last closed, and the counter that numbers them. */
export class Batch {
  readonly #limit: number;
  readonly #receipts = new Map<string, Receipt>();
  #last: Receipt | null = null;
  #next: number;

  /** @param options.firstInvoice the first receipt's number; `limit`: how many receipts fit */
  constructor(options: { firstInvoice: number; limit: number }) {
    this.#next = options.firstInvoice;
    this.#limit = options.limit;
  }

  isFull(): boolean {
    return this.#receipts.size >= this.#limit;
  }

  isEmpty(): boolean {
    return this.#receipts.size === 0;
  }

  /** Uses up the next receipt number. */
  nextInvoice(): string {
    const invoice = String(this.#next).padStart(6, '0');
    this.#next += 1;
    return invoice;
  }

  /** Keeps a new receipt; it is the last one now. */
  keep(receipt: Receipt): void {
    this.#receipts.set(withoutZeros(receipt.invoice), receipt);
    this.#last = receipt;
  }

  remove(receipt: Receipt): void {
    this.#receipts.delete(withoutZeros(receipt.invoice));
    if (this.#last === receipt) this.#last = [...this.#receipts.values()].at(-1) ?? null;
  }

  /** By number; `0` and nothing mean the last one. */
  find(invoice: string): Receipt | null {
    const number = withoutZeros(invoice);
    return number === '' || number === '0' ? this.#last : (this.#receipts.get(number) ?? null);
  }

  /** The receipts of one merchant, or of all, oldest first. */
  receipts(merchant: Merchant | null): readonly Receipt[] {
    return [...this.#receipts.values()].filter(
      (receipt) => merchant === null || receipt.merchant.index === merchant.index,
    );
  }

  /** Forgets the receipts of one merchant, or of all; the numbers may start again once none is left. */
  close(merchant: Merchant | null, restartNumbers: boolean): void {
    for (const receipt of this.receipts(merchant)) this.#receipts.delete(withoutZeros(receipt.invoice));
    this.#last = [...this.#receipts.values()].at(-1) ?? null;
    if (restartNumbers && this.isEmpty()) this.#next = 1;
  }

  /** What the open batch holds, merchant by merchant. */
  totals(merchant: Merchant | null): readonly MerchantTotals[] {
    const totals = new Map<string, MerchantTotals>();
    for (const receipt of this.receipts(merchant)) {
      const of = totals.get(receipt.merchant.index) ?? emptyTotals(receipt.merchant);
      totals.set(receipt.merchant.index, of);
      if (receipt.trnStatus === trnStatuses.declined) continue;
      const sum = sumOf(of, receipt);
      sum.count += 1;
      sum.amount += receipt.amount;
    }
    return [...totals.values()];
  }
}

const emptyTotals = (merchant: Merchant): MerchantTotals => ({
  merchant,
  sales: { count: 0, amount: 0 },
  refunds: { count: 0, amount: 0 },
  reversed: { count: 0, amount: 0 },
});

function sumOf(totals: MerchantTotals, { txnType, trnStatus }: Receipt): Sum {
  if (trnStatus === trnStatuses.reversed) return totals.reversed;
  return txnType === txnTypes.refund ? totals.refunds : totals.sales;
}
