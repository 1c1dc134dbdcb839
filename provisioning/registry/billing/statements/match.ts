import { findNumbers } from './find-numbers.ts';
import type { StatementEntry } from './shapes.ts';

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
  /** Whether a movement of this account was taken from an earlier statement, booked or not. */
  isKnown(account: string, reference: string): boolean;
}

/**
 * Why an entry waits for a person. `double`: it was taken before, or all that it names is paid. `partial`, `over`: less or
 * more than is open of what it names. `severalCustomers`: it names invoices of more than one.
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
  | 'otherAccount';

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
    const isDouble = seen.has(key) || lookup.isKnown(entry.account, entry.reference);
    seen.add(key);
    const numbers = findNumbers(entry.purpose, lookup.prefixes);
    const why =
      isDouble && lookup.accounts.has(entry.account) ? 'double' : hindranceOf(entry, numbers, lookup);
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

/** What keeps an entry from being looked at any further. */
function hindranceOf(
  { account, direction, reversal }: StatementEntry,
  numbers: readonly string[],
  { accounts }: MatchLookup,
): WaitingReason | null {
  if (!accounts.has(account)) return 'otherAccount';
  if (reversal) return 'reversal';
  if (direction === 'debit') return 'debit';
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
  if (amount !== open) return amount < open ? 'partial' : 'over';
  return invoices
    .filter((invoice) => invoice.open > 0)
    .map((invoice) => ({ number: invoice.number, amount: invoice.open }));
}
