/** Takes a bank's file: reads it whole, books what fits exactly, tells what became of every entry. */
import type { Actor, Core } from '../services/core.ts';
import type { Reader } from '../store/store.ts';
import type { Billing } from './billing.ts';
import { type ToldEntry, toldEntry } from './entries.ts';
import { type Imported, type TakenEntry, takeEntries } from './ledger/import-entries.ts';
import { mayWork } from './ledger/working.ts';
import { readCamt053 } from './statements/camt/read.ts';
import { generalCsv, privatBank } from './statements/csv/profiles.ts';
import { readStatementCsv } from './statements/csv/read.ts';
import type { Bytes, Statement } from './statements/shapes.ts';

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
  const { taken, ...done } = await takeEntries(core, billing, actor, entries);
  return { ...done, notBooked, entries: await told(core.store.reader, taken) };
}

/** Entries that are looked up together. */
const portionMax = 200;

/** What became of these entries, in the order in which they were taken. */
async function told(reader: Reader, taken: readonly TakenEntry[]): Promise<ImportedEntry[]> {
  const again = new Map(taken.map((one) => [one.id, one.again]));
  const ids = [...again.keys()].sort((one, other) => one - other);
  const found: ImportedEntry[] = [];
  for (let at = 0; at < ids.length; at += portionMax) {
    const rows = await reader
      .selectFrom('billing_entries')
      .selectAll()
      .where('id', 'in', ids.slice(at, at + portionMax))
      .orderBy('id')
      .execute();
    found.push(...rows.map((row) => ({ ...toldEntry(row), again: again.get(row.id) ?? false })));
  }
  return found;
}
