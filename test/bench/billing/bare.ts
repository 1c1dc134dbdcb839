/** What the run is compared with: its rows, written by one statement for each table. */
import Database from 'libsql';
import pg from 'pg';
import type { DatabaseConfig } from './site.ts';

/** The tables that a run writes by the million. */
const tables = ['billing_documents', 'billing_lines', 'billing_open', 'billing_ledger'] as const;

/** How long it took, and how many rows there were. */
export interface Bare {
  tookMs: number;
  rows: number;
}

/** Writes the rows anew, durably, in one transaction: into tables with the same keys, and also the same indexes. */
export const copyRows = (database: DatabaseConfig, indexes: boolean): Promise<Bare> =>
  database.kind === 'sqlite'
    ? Promise.resolve(inSqlite(database.path, indexes))
    : inPostgres(database.url, indexes);

const copy = (table: string): string => `INSERT INTO bare_${table} SELECT * FROM ${table}`;

function inSqlite(path: string, indexes: boolean): Bare {
  const database = new Database(path);
  try {
    database.exec('PRAGMA synchronous = FULL; PRAGMA cache_size = -65536');
    for (const table of tables) {
      const made = database
        .prepare('SELECT type, name, sql FROM sqlite_schema WHERE tbl_name = ? AND sql IS NOT NULL')
        .all(table) as { type: string; name: string; sql: string }[];
      for (const { type, name, sql } of made) {
        if (type === 'table')
          database.exec(
            sql
              .replace(`CREATE TABLE ${table}`, `CREATE TABLE bare_${table}`)
              .replace(/REFERENCES \w+ \(\w+\)/g, ''),
          );
        if (type === 'index' && indexes)
          database.exec(sql.replace(name, `bare_${name}`).replace(` ON ${table} `, ` ON bare_${table} `));
      }
    }
    const beganMs = performance.now();
    let rows = 0;
    database.exec('BEGIN IMMEDIATE');
    for (const table of tables) rows += database.prepare(copy(table)).run().changes;
    database.exec('COMMIT');
    const tookMs = performance.now() - beganMs;
    for (const table of tables) database.exec(`DROP TABLE bare_${table}`);
    return { tookMs, rows };
  } finally {
    database.close();
  }
}

async function inPostgres(url: string, indexes: boolean): Promise<Bare> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    for (const table of tables)
      await client.query(
        `CREATE TABLE bare_${table} (LIKE ${table} INCLUDING DEFAULTS INCLUDING CONSTRAINTS${indexes ? ' INCLUDING INDEXES' : ''})`,
      );
    if (!indexes)
      for (const [table, key] of Object.entries(keys))
        await client.query(`ALTER TABLE bare_${table} ADD PRIMARY KEY (${key})`);
    const beganMs = performance.now();
    let rows = 0;
    await client.query('BEGIN');
    for (const table of tables) rows += (await client.query(copy(table))).rowCount ?? 0;
    await client.query('COMMIT');
    const tookMs = performance.now() - beganMs;
    for (const table of tables) await client.query(`DROP TABLE bare_${table}`);
    return { tookMs, rows };
  } finally {
    await client.end();
  }
}

const keys: Readonly<Record<(typeof tables)[number], string>> = {
  billing_documents: 'number',
  billing_lines: 'invoice, billed_as',
  billing_open: 'invoice',
  billing_ledger: 'id',
};
