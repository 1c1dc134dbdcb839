/** Which entries of a statement were taken before: by their reference, and by what is told of them. */
import type { Tx } from '../../store/store.ts';
import type { BillingEntriesTable, EntryRow } from '../../store/tables-billing.ts';
import { hashOf } from '../statements/references.ts';
import type { StatementEntry } from '../statements/shapes.ts';

/** What was taken before of some entries. */
export interface KnownEntries {
  /** The row of this very movement, if it is not that of another entry of the statement; null: it is new. */
  find(entry: StatementEntry, told: ReadonlySet<number>): number | null;
  /** Whether a movement bears this reference, this one or another. */
  isTaken(account: string, reference: string): boolean;
}

type Known = Pick<
  EntryRow,
  | 'id'
  | 'account'
  | 'reference'
  | 'day'
  | 'amount'
  | 'currency'
  | 'purpose'
  | `payer_${'name' | 'iban' | 'code'}`
>;

const columns = [
  'id',
  'account',
  'reference',
  'day',
  'amount',
  'currency',
  'purpose',
  'payer_name',
  'payer_iban',
  'payer_code',
] as const satisfies readonly (keyof Known)[];

/**
 * The references that a movement may have here: its own, and where another movement bears that one, its own with a hash
 * of what is told of it.
 */
const referencesOf = (entry: StatementEntry): readonly [own: string, other: string] => [
  entry.reference,
  `${entry.reference}~${hashOf(entry).slice(0, 16)}`,
];

const keyOf = ({ account, reference }: Pick<StatementEntry, 'account' | 'reference'>): string =>
  `${account}\n${reference}`;

/** Whether both tell of one movement. One bank's formats do not all tell who paid; what is told must be the same. */
function isSame(row: Known, { day, amount, currency, purpose, payer }: StatementEntry): boolean {
  const agree = (one: string | null, other: string | null): boolean =>
    one === null || other === null || one === other;
  return (
    row.day === day &&
    row.amount === amount &&
    row.currency === currency &&
    row.purpose === purpose &&
    agree(row.payer_name, payer.name) &&
    agree(row.payer_iban, payer.iban) &&
    agree(row.payer_code, payer.code)
  );
}

/** What is known of these entries now: a few hundred at most. */
export async function knownEntries(tx: Tx, entries: readonly StatementEntry[]): Promise<KnownEntries> {
  const rows = await tx
    .selectFrom('billing_entries')
    .select(columns)
    .where('account', 'in', [...new Set(entries.map(({ account }) => account))])
    .where('reference', 'in', [...new Set(entries.flatMap(referencesOf))])
    .execute();
  const known = new Map(rows.map((row) => [keyOf(row), row]));
  return {
    find(entry, told) {
      // The one with a hash first: it tells of the payer exactly, also what it does not know of him.
      const [own, other] = referencesOf(entry).map((reference) => known.get(keyOf({ ...entry, reference })));
      const isIt = (row?: Known): boolean => row !== undefined && !told.has(row.id) && isSame(row, entry);
      return [other, own].find(isIt)?.id ?? null;
    },
    isTaken: (account, reference) => known.has(keyOf({ account, reference })),
  };
}

/** Where an entry was written down, or stood already. */
export interface PutEntry {
  id: number;
  /** It stood there: nothing was changed. */
  again: boolean;
  /** Another movement bears its reference: it has another one here, and waits. */
  isSecond: boolean;
}

/**
 * Writes an entry down as waiting, unless somebody else has: on PostgreSQL another import may come between what was read
 * and this. Whoever gets `again: false` has the entry to himself until his transaction ends.
 *
 * @param told rows of other entries of the same statement: two in one are two, also where only one of them tells who paid
 */
export async function putEntry(
  tx: Tx,
  entry: StatementEntry,
  {
    why,
    decidedBy,
    nowMs,
    told,
  }: { why: string; decidedBy: string; nowMs: number; told: ReadonlySet<number> },
): Promise<PutEntry> {
  const { account, day, amount, currency, direction, reversal, payer, purpose } = entry;
  const row: Omit<BillingEntriesTable, 'id' | 'reference'> = {
    account,
    day,
    amount,
    currency,
    direction,
    reversal: reversal ? 1 : 0,
    payer_name: payer.name,
    payer_iban: payer.iban,
    payer_code: payer.code,
    purpose,
    state: 'waiting',
    why,
    customer: null,
    payment: null,
    decided_by: decidedBy,
    decided_at_ms: nowMs,
    imported_at_ms: nowMs,
  };
  const [own, other] = referencesOf(entry);
  const first = await put(tx, { ...row, reference: own });
  if (first.isNew || (isSame(first, entry) && !told.has(first.id)))
    return { id: first.id, again: !first.isNew, isSecond: false };
  const second = await put(tx, { ...row, reference: other });
  return { id: second.id, again: !second.isNew, isSecond: true };
}

/** The row that has the reference now. */
async function put(tx: Tx, row: Omit<BillingEntriesTable, 'id'>): Promise<Known & { isNew: boolean }> {
  const made = await tx
    .insertInto('billing_entries')
    .values(row)
    .onConflict((conflict) => conflict.columns(['account', 'reference']).doNothing())
    .returning(columns)
    .executeTakeFirst();
  if (made !== undefined) return { ...made, isNew: true };
  const known = await tx
    .selectFrom('billing_entries')
    .select(columns)
    .where('account', '=', row.account)
    .where('reference', '=', row.reference)
    .executeTakeFirstOrThrow();
  return { ...known, isNew: false };
}
