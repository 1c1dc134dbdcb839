import type { Day } from '../shapes.ts';
import { keptMost } from './tidy.ts';

/** Which way money went, seen from the account. */
export type Direction = 'credit' | 'debit';

/** Who is on the other side: who paid a credit, who got a debit. What the bank does not tell is null. */
export interface Counterparty {
  name: string | null;
  iban: string | null;
  /** ЄДРПОУ or РНОКПП. */
  code: string | null;
}

/** One booked movement of money on an account, as a bank's statement tells it. */
export interface StatementEntry {
  /** The account's IBAN, or the bank's own number of it. */
  account: string;
  /**
   * The same for the same movement in every statement that tells it: {@link referenceFrom}. Of two movements that have
   * the same one the content says that they are two.
   */
  reference: string;
  /**
   * Where the reference is from: `bank`, what the bank says identifies it; `content`, a hash over all that is told of
   * it; either with a count where several are the same in everything.
   */
  referenceFrom: 'bank' | 'content';
  /** The day of booking. */
  day: Day;
  /** Minor units, above zero. */
  amount: number;
  currency: string;
  direction: Direction;
  /** It takes back an earlier movement. Its direction is its own. */
  reversal: boolean;
  payer: Counterparty;
  purpose: string;
}

/** What a file holds, all of it: a file with one fault in it is refused as a whole. */
export interface Statement {
  entries: readonly StatementEntry[];
  /** Entries that were told but are not booked, and so are no money. */
  notBooked: number;
}

/** How much a file may hold. */
export interface StatementLimits {
  bytes: number;
  entries: number;
  /** Characters of one text. Of what a payer or a bank writes freely only so many are kept (tidy.ts). */
  text: number;
}

/** 20 MB, 100,000 entries, 2,000 characters. */
export const defaultStatementLimits: StatementLimits = {
  bytes: 20_000_000,
  entries: 100_000,
  text: keptMost,
};

/** A file as it comes: as a whole, or piece by piece. */
export type Bytes = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
