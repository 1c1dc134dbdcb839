/**
 * What bills are made of. Money is an integer of minor units and stands beside its currency (ISO 4217); days and months
 * are those of the operator's time zone, written as in ISO 8601.
 */

/** A calendar day, `YYYY-MM-DD`. Compares as text. */
export type Day = string;

/** A calendar month, `YYYY-MM`. Compares as text. */
export type Month = string;

/** Value added tax: how it is reckoned, and at which rate. */
export interface VatRule {
  /** `included`: prices hold it; `onTop`: it is added to their sum; `none`: the seller does not pay it. */
  mode: 'included' | 'onTop' | 'none';
  /** Hundredths of a per cent: 2000 is 20 %. 0 where there is none. */
  rateBasisPoints: number;
}

/** Somebody who sells or buys, as the law wants him named. Frozen on every document. */
export interface Party {
  name: string;
  /** ЄДРПОУ (8 digits), or РНОКПП of a sole trader (10 digits). */
  code: string | null;
  /** The number of a payer of VAT. */
  vatNumber: string | null;
  iban: string | null;
  bank: string | null;
  address: string | null;
  contract: { number: string; day: Day } | null;
}

/** What one box cost in one month. */
export interface InvoiceLine {
  /** The billing identity, {@link TenuresTable.billed_as}. */
  billedAs: string;
  plan: string;
  /** Per box and whole month. */
  price: number;
  days: number;
  daysOfMonth: number;
  /** price × days ÷ daysOfMonth, rounded half up. */
  amount: number;
}

/** Which papers there are; each has numbers of its own. */
export type DocumentKind = 'invoice' | 'act' | 'creditNote';

/** A paper as it was issued. Nothing on it ever changes. */
export interface BillingDocument {
  kind: DocumentKind;
  /** Such as `SW-2026-000123`: by seller, year and kind, without gaps. */
  number: string;
  customer: string;
  /** The day on it. An act's is the last day of the month. */
  day: Day;
  /** Until when an invoice is to be paid; null on others. */
  dueDay: Day | null;
  /** The month that it bills. */
  month: Month;
  currency: string;
  seller: Party;
  buyer: Party;
  lines: readonly InvoiceLine[];
  /** Without VAT, VAT, and with it. Of a credit note: what is taken back, above zero. */
  net: number;
  vat: VatRule & { amount: number };
  total: number;
  /** What the customer's credit paid of an invoice when it was issued: the rest is to pay. 0 on others. */
  creditUsed: number;
  /** The invoice that an act or a credit note belongs to. */
  invoice: string | null;
  /** Why, on a credit note. */
  reason: string | null;
}
