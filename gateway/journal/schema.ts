/** The tables, and how an older file becomes a newer one. */
import type { Connection } from './connection.ts';

/** Written into the SQLite header, so that no other program's database is taken for a journal: `SwJ1`. */
export const applicationId = 0x53774a31;

const first = `
  CREATE TABLE meta (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    journal TEXT NOT NULL,
    box TEXT NOT NULL,
    machine TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    last_number INTEGER NOT NULL,
    last_sequence INTEGER NOT NULL,
    open_count INTEGER NOT NULL,
    undelivered_count INTEGER NOT NULL,
    pruned_number INTEGER NOT NULL,
    trusted_ms INTEGER NOT NULL,
    checksum TEXT NOT NULL
  ) STRICT;

  CREATE TABLE operations (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    kid TEXT NOT NULL,
    type TEXT NOT NULL,
    content_hash TEXT NOT NULL,
    stage TEXT NOT NULL,
    accepted_at_ms INTEGER NOT NULL,
    ended_at_ms INTEGER,
    original TEXT,
    revision INTEGER NOT NULL,
    result_sequence INTEGER,
    body TEXT NOT NULL,
    checksum TEXT NOT NULL
  ) STRICT;
  CREATE INDEX operations_open ON operations (number) WHERE stage NOT IN ('finished', 'refusedAhead');
  CREATE INDEX operations_original ON operations (original, number) WHERE original IS NOT NULL;

  CREATE TABLE results (
    sequence INTEGER PRIMARY KEY,
    number INTEGER NOT NULL REFERENCES operations (number),
    id TEXT NOT NULL,
    kid TEXT NOT NULL,
    revision INTEGER NOT NULL,
    payload TEXT NOT NULL,
    checksum TEXT NOT NULL,
    delivered INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX results_number ON results (number);
  CREATE INDEX results_undelivered ON results (sequence) WHERE delivered = 0;

  CREATE TABLE notes (
    name TEXT PRIMARY KEY,
    text TEXT NOT NULL,
    revision INTEGER NOT NULL,
    checksum TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
`;

const integers = new Set([...first.matchAll(/^ {4}(\w+) INTEGER/gm)].map(([, name]) => name));

/**
 * A list of columns to read: texts as bytes, and what is declared an integer as an integer whatever stands there. On
 * a text that a bad bit made malformed, and any cell of a damaged row may be one, libsql 0.5 aborts the process.
 */
export const readable = (columns: string): string =>
  columns
    .split(', ')
    .map((name) => `CAST(${name} AS ${integers.has(name) ? 'INTEGER' : 'BLOB'})`)
    .join(', ');

/**
 * What to run, in order, on a file of version 0, 1, 2 …; `user_version` counts those that ran. Never change one
 * that was released: add another. Table `meta` keeps its shape for ever, since it is read before any migration.
 */
export const migrations: readonly string[] = [first];

/** Brings an open journal from its version to the newest, one transaction per step. */
export function migrate(connection: Connection, from: number, steps: readonly string[] = migrations): void {
  for (const [at, step] of steps.entries()) {
    if (at < from) continue;
    connection.atomically(() => connection.execute(`${step}; PRAGMA user_version = ${at + 1}`));
  }
}
