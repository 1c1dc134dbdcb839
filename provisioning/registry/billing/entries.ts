/** Entries of bank statements as people and programs are told of them. */
import type { Actor, Core } from '../services/core.ts';
import type { EntryRow } from '../store/tables-billing.ts';
import { seesAll } from './everybodys.ts';
import { statementEntries } from './ledger/statement-entries.ts';
import type { Day } from './shapes.ts';

/** What may become of an entry. */
export const entryStates = ['booked', 'waiting', 'setAside'] as const satisfies readonly EntryRow['state'][];

/** An entry, and what became of it. */
export interface ToldEntry {
  entry: number;
  state: EntryRow['state'];
  /** Why it waits, or was set aside. */
  why: string | null;
  day: Day;
  /** Minor units. */
  amount: number;
  currency: string;
  direction: 'credit' | 'debit';
  reversal: boolean;
  payer: { name: string | null; iban: string | null; code: string | null };
  purpose: string;
  account: string;
  reference: string;
  /** Whose money it was, once it is booked. */
  customer: string | null;
  payment: string | null;
  decidedBy: string;
}

/** An entry as it is told. */
export const toldEntry = (row: EntryRow): ToldEntry => ({
  entry: row.id,
  state: row.state,
  why: row.why,
  day: row.day,
  amount: row.amount,
  currency: row.currency,
  direction: row.direction,
  reversal: row.reversal === 1,
  payer: { name: row.payer_name, iban: row.payer_iban, code: row.payer_code },
  purpose: row.purpose,
  account: row.account,
  reference: row.reference,
  customer: row.customer,
  payment: row.payment,
  decidedBy: row.decided_by,
});

/**
 * Entries in the order in which they came. A statement is everybody's money, so nobody who sees one customer alone
 * sees them.
 *
 * @throws Refusal `forbidden`
 */
export async function listEntries(
  core: Core,
  actor: Actor,
  page: { after?: number | undefined; limit: number; state?: EntryRow['state'] | undefined },
): Promise<ToldEntry[]> {
  seesAll(actor);
  return (await statementEntries(core, page)).map(toldEntry);
}
