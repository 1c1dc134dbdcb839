/**
 * What happened, as somebody wrote it down who stood by: plain lists, in the order in which things were done. It is all
 * the oracle knows; nothing is read from the registry but the names that it gives (ids, numbers of documents).
 */

/** From when to when an identity was whose. */
export interface Stay {
  customer: string;
  fromMs: number;
  untilMs: number | null;
}

/** Days without a bill, at a customer's. */
export interface Rest {
  id: string;
  customer: string;
  from: string;
  to: string;
}

/** A price that was told. */
export interface ToldPrice {
  plan: string;
  fromMonth: string;
  price: number;
  trialDays: number;
}

/** A plan that was given to a customer, or to one identity of it. */
export interface Given {
  customer: string;
  identity: string | null;
  plan: string | null;
  fromMonth: string;
}

/** An invoice, as the oracle keeps it. */
export interface Bill {
  number: string;
  customer: string;
  currency: string;
  month: string;
  due: string;
  vat: number;
  total: number;
  open: number;
  /** Taken back by credit notes: with the tax, and of it the tax. */
  back: number;
  backVat: number;
}

/** A customer's money in one currency. */
export interface Purse {
  credit: number;
  /** All its invoices, oldest first. */
  bills: string[];
  /** What credit paid, by invoice; `last` grows: the latest is the highest. */
  byCredit: Map<string, { amount: number; last: number }>;
}

/** Money that was booked. */
export interface Booked {
  id: string;
  customer: string;
  currency: string;
  amount: number;
  parts: { invoice: string; amount: number }[];
  credit: number;
  reversed: boolean;
  /** The mark of the entry that it was; null: booked by hand. */
  mark: string | null;
}

/** Where somebody stands. */
export type Standing = 'active' | 'pastDue' | 'suspended';

/** A customer. */
export interface Customer {
  id: string;
  name: string;
  left: boolean;
  /** Its legal details as JSON; null: none were told. */
  buyer: string | null;
  state: Standing;
  since: string | null;
  /** Whether the registry itself put it to its state. */
  byRegistry: boolean;
  deferredUntil: string | null;
  purses: Map<string, Purse>;
}

/** A box that was claimed once. */
export interface KnownBox {
  customer: string;
  identity: string;
  status: 'claimed' | 'retired' | 'lost';
}

/** A line of a statement that the registry has taken. */
export interface TakenEntry {
  state: 'booked' | 'waiting' | 'setAside';
  why: string | null;
  customer: string | null;
}

/** Who the seller is for the tax: changes when the config does. */
export interface Tax {
  mode: 'included' | 'onTop' | 'none';
  rateBasisPoints: number;
}

/** Everything that was written down. Plain data: a backup is a copy. */
export interface Facts {
  currencies: Map<string, string>;
  prices: ToldPrice[];
  given: Map<string, Given[]>;
  standard: string | null;
  tax: Tax;
  stays: Map<string, Stay[]>;
  rests: Map<string, Rest[]>;
  customers: Map<string, Customer>;
  boxes: Map<string, KnownBox>;
  bills: Map<string, Bill>;
  /** Invoices with something open. */
  open: Set<string>;
  payments: Map<string, Booked>;
  /** By their mark, which stands in the purpose. */
  entries: Map<string, TakenEntry>;
  /** Reminders by invoice: how many days after the due day, and on which day. */
  reminders: Map<string, { after: number; day: string; open: number }[]>;
  /** Months that are billed, and how many boxes had no plan then. */
  billed: Map<string, number>;
  /** The day on which each of them was billed, or looked at again. */
  looked: Map<string, string>;
  /** How many credit uses there were: {@link Purse.byCredit}. */
  uses: number;
  moneyBack: number;
  notes: number;
}

/** Nothing has happened yet. */
export const noFacts = (standard: string | null, tax: Tax): Facts => ({
  currencies: new Map(),
  prices: [],
  given: new Map(),
  standard,
  tax,
  stays: new Map(),
  rests: new Map(),
  customers: new Map(),
  boxes: new Map(),
  bills: new Map(),
  open: new Set(),
  payments: new Map(),
  entries: new Map(),
  reminders: new Map(),
  billed: new Map(),
  looked: new Map(),
  uses: 0,
  moneyBack: 0,
  notes: 0,
});

/** A customer that must be there. */
export function customerOf({ customers }: Facts, id: string): Customer {
  const found = customers.get(id);
  if (found === undefined) throw new Error(`the oracle was never told of ${id}`);
  return found;
}

/** An invoice that must be there. */
export function billOf({ bills }: Facts, number: string): Bill {
  const found = bills.get(number);
  if (found === undefined) throw new Error(`the oracle was never told of ${number}`);
  return found;
}

/** A customer's purse, made where there is none. */
export function purseOf(facts: Facts, customer: string, currency: string): Purse {
  const { purses } = customerOf(facts, customer);
  let purse = purses.get(currency);
  if (purse === undefined) {
    purse = { credit: 0, bills: [], byCredit: new Map() };
    purses.set(currency, purse);
  }
  return purse;
}
