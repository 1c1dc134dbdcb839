import { largestAmount } from '../../../../gateway/contract/primitives.ts';
import type { Day } from '../shapes.ts';
import { findNumbers } from './find-numbers.ts';
import type { StatementEntry } from './shapes.ts';
import { isCut } from './tidy.ts';

/** An invoice that may be named in a purpose; a paid one has nothing open. */
export interface KnownInvoice {
  number: string;
  customer: string;
  currency: string;
  /** What is left to pay, in minor units. */
  open: number;
  total: number;
}

/** What is known when a statement is booked. */
export interface MatchLookup {
  /** Accounts of the seller, as in {@link StatementEntry.account}. */
  accounts: ReadonlySet<string>;
  /** What the numbers of invoices begin with. */
  prefixes: readonly string[];
  invoice(number: string): KnownInvoice | undefined;
  /** Whether another movement of this account, of an earlier statement, bears this reference. */
  isTaken(account: string, reference: string): boolean;
  /** No money can have come later than on this day. */
  lastDay: Day;
}

/** An entry that names more invoices than this is a person's to look at. */
export const numbersMost = 20;

/**
 * Why an entry waits for a person. `double`: all that it names is paid, or its reference is that of another payment that
 * was booked by hand. `partial`, `over`: less or more than is open of what it names. `severalCustomers`: it names invoices
 * of more than one. `sameReference`: another movement bears its reference. `future`: its day is to come. `longPurpose`:
 * the purpose was cut off, or names more than {@link numbersMost} invoices. `reversed`: it was booked, and that payment
 * was reversed.
 */
export type WaitingReason =
  | 'double'
  | 'partial'
  | 'over'
  | 'foreignCurrency'
  | 'unknownNumber'
  | 'noNumber'
  | 'severalCustomers'
  | 'debit'
  | 'reversal'
  | 'otherAccount'
  | 'sameReference'
  | 'future'
  | 'longPurpose'
  | 'reversed';

/** What is to be done with an entry. */
export type Match = { entry: StatementEntry; numbers: readonly string[] } & (
  | { outcome: 'booked'; customer: string; payments: readonly { number: string; amount: number }[] }
  | { outcome: 'waiting'; why: WaitingReason }
);

/**
 * Matches entries with the invoices that their purposes name, in order. Booked is only what fits exactly: a credit to one
 * of the seller's accounts, not taken before, over just what is open of all the invoices that it names, in their
 * currency, of one customer. Nothing is guessed by amounts, names or accounts. What an entry pays is open no more for those after it.
 */
export function matchEntries(entries: readonly StatementEntry[], lookup: MatchLookup): Match[] {
  const paid = new Map<string, number>();
  const seen = new Set<string>();
  return entries.map((entry) => {
    const key = `${entry.account}\n${entry.reference}`;
    const isTaken = seen.has(key) || lookup.isTaken(entry.account, entry.reference);
    seen.add(key);
    const numbers = numbersIn(entry, lookup.prefixes);
    const why =
      isTaken && lookup.accounts.has(entry.account) ? 'sameReference' : hindranceOf(entry, numbers, lookup);
    if (why !== null) return { entry, numbers, outcome: 'waiting', why };
    const invoices = numbers
      .map((number) => lookup.invoice(number))
      .filter((invoice) => invoice !== undefined)
      .map((invoice) => ({ ...invoice, open: invoice.open - (paid.get(invoice.number) ?? 0) }));
    const fit = fitOf(entry, numbers, invoices);
    if (typeof fit === 'string') return { entry, numbers, outcome: 'waiting', why: fit };
    for (const { number, amount } of fit) paid.set(number, (paid.get(number) ?? 0) + amount);
    return { entry, numbers, outcome: 'booked', customer: invoices[0]?.customer ?? '', payments: fit };
  });
}

/** The numbers that an entry names: at most one more than are looked at. */
export const numbersIn = ({ purpose }: StatementEntry, prefixes: readonly string[]): string[] =>
  findNumbers(purpose, prefixes).slice(0, numbersMost + 1);

/** What keeps an entry from being looked at any further. */
function hindranceOf(
  { account, direction, reversal, day, purpose }: StatementEntry,
  numbers: readonly string[],
  { accounts, lastDay }: MatchLookup,
): WaitingReason | null {
  if (!accounts.has(account)) return 'otherAccount';
  if (reversal) return 'reversal';
  if (direction === 'debit') return 'debit';
  if (day > lastDay) return 'future';
  if (isCut(purpose) || numbers.length > numbersMost) return 'longPurpose';
  return numbers.length === 0 ? 'noNumber' : null;
}

/** What of which invoice an entry pays, or why it does not. */
function fitOf(
  { amount, currency }: StatementEntry,
  numbers: readonly string[],
  invoices: readonly KnownInvoice[],
): { number: string; amount: number }[] | WaitingReason {
  if (invoices.length < numbers.length) return 'unknownNumber';
  if (invoices.some((invoice) => invoice.currency !== currency)) return 'foreignCurrency';
  if (new Set(invoices.map(({ customer }) => customer)).size > 1) return 'severalCustomers';
  const open = invoices.reduce((sum, invoice) => sum + invoice.open, 0);
  if (open === 0) return 'double';
  if (amount > largestAmount) return 'over';
  if (amount !== open) return amount < open ? 'partial' : 'over';
  return invoices
    .filter((invoice) => invoice.open > 0)
    .map((invoice) => ({ number: invoice.number, amount: invoice.open }));
}
