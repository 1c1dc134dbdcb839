/** Takes a bank's file: reads it whole, books what fits exactly, tells what became of every entry. */
import type { Actor, Core } from '../services/core.ts';
import type { Reader } from '../store/store.ts';
import type { EntryRow } from '../store/tables-billing.ts';
import type { Billing } from './billing.ts';
import { type ToldEntry, toldEntry } from './entries.ts';
import { type Imported, importEntries } from './ledger/statement-entries.ts';
import { mayWork } from './ledger/working.ts';
import { readCamt053 } from './statements/camt/read.ts';
import { generalCsv, privatBank } from './statements/csv/profiles.ts';
import { readStatementCsv } from './statements/csv/read.ts';
import type { Bytes, Statement, StatementEntry } from './statements/shapes.ts';

/** How a bank's file is written. */
export const statementFormats = ['camt', 'privatbank', 'csv'] as const;

/** One of {@link statementFormats}. */
export type StatementFormat = (typeof statementFormats)[number];

/** An entry of the file; `again`: an earlier import took it. */
export interface ImportedEntry extends ToldEntry {
  again: boolean;
}

/** What became of a file. */
export interface ImportedStatement extends Imported {
  /** Told by the bank, but not booked there yet: no money. */
  notBooked: number;
  entries: ImportedEntry[];
}

const readers: Readonly<Record<StatementFormat, (bytes: Bytes) => Promise<Statement>>> = {
  camt: readCamt053,
  privatbank: (bytes) => readStatementCsv(bytes, privatBank),
  csv: (bytes) => readStatementCsv(bytes, generalCsv),
};

/**
 * Imports a statement. Nothing of a file with a fault is taken; the same file again does nothing; interrupted and
 * repeated, it goes on. Reading holds the process for as long as it takes, up to some seconds for 20 MB.
 *
 * @throws Refusal `malformed` where the file has its fault; `tooLarge`, `forbidden`, `restored`
 */
export async function importStatement(
  core: Core,
  billing: Billing,
  actor: Actor,
  { bytes, format }: { bytes: Bytes; format: StatementFormat },
): Promise<ImportedStatement> {
  mayWork(core, actor);
  const { entries, notBooked } = await readers[format](bytes);
  if (entries.length === 0) return { booked: 0, waiting: 0, again: 0, notBooked, entries: [] };
  const before = new Set((await rowsOf(core.store.reader, entries)).map(({ id }) => id));
  const done = await importEntries(core, billing, actor, entries);
  const rows = await rowsOf(core.store.reader, entries);
  const told = rows.map((row) => ({ ...toldEntry(row), again: before.has(row.id) }));
  return { ...done, notBooked, entries: told };
}

/** Entries that are looked up together. */
const portionMax = 200;

/** What is known of these entries, in the order in which they were taken. */
async function rowsOf(reader: Reader, entries: readonly StatementEntry[]): Promise<EntryRow[]> {
  const found: EntryRow[] = [];
  for (let at = 0; at < entries.length; at += portionMax) {
    const portion = entries.slice(at, at + portionMax);
    const keys = new Set(portion.map(keyOf));
    const rows = await reader
      .selectFrom('billing_entries')
      .selectAll()
      .where('account', 'in', [...new Set(portion.map(({ account }) => account))])
      .where('reference', 'in', [...new Set(portion.map(({ reference }) => reference))])
      .execute();
    found.push(...rows.filter((row) => keys.has(keyOf(row))));
  }
  return found.sort((one, other) => one.id - other.id);
}

const keyOf = ({ account, reference }: Pick<StatementEntry, 'account' | 'reference'>): string =>
  `${account}\n${reference}`;
