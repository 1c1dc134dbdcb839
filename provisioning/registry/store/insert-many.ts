/** Many rows in few statements: what a run writes by the million. */
import { CompiledQuery } from 'kysely';
import type { Dialect } from './schema.ts';
import type { Tx } from './store.ts';

/** A table and the columns that are written, each with its kind. */
export interface Bulk<Row> {
  table: string;
  columns: Readonly<Record<keyof Row & string, 'text' | 'int'>>;
  /** Rows whose key is there already are left out. */
  unlessThere?: true;
}

/** Rows in one statement: SQLite takes 32,766 parameters, and PostgreSQL arrays of any length. */
const rowsMax: Readonly<Record<Dialect, number>> = { sqlite: 256, postgres: 5000 };

/** Writes the rows, in portions, in their order. */
export async function insertMany<Row extends { [Name in keyof Row]: string | number | null }>(
  tx: Tx,
  dialect: Dialect,
  bulk: Bulk<Row>,
  rows: readonly Row[],
): Promise<void> {
  const names = Object.keys(bulk.columns) as (keyof Row & string)[];
  for (let at = 0; at < rows.length; ) {
    const left = Math.min(rows.length - at, rowsMax[dialect]);
    // SQLite compiles a statement for every number of rows, and keeps it: powers of two are few.
    const portion = dialect === 'sqlite' ? 2 ** Math.floor(Math.log2(left)) : left;
    const values: unknown[] = [];
    if (dialect === 'sqlite')
      for (let row = at; row < at + portion; row += 1)
        for (const name of names) values.push((rows[row] as Row)[name]);
    else for (const name of names) values.push(rows.slice(at, at + portion).map((row) => row[name]));
    await tx.executeQuery(CompiledQuery.raw(statementOf(dialect, bulk, names, portion), values));
    at += portion;
  }
}

const known = new Map<string, string>();

function statementOf<Row>(
  dialect: Dialect,
  { table, columns, unlessThere }: Bulk<Row>,
  names: readonly (keyof Row & string)[],
  rows: number,
): string {
  const key = `${dialect} ${table} ${dialect === 'sqlite' ? rows : 0} ${unlessThere === true} ${names.join()}`;
  const before = known.get(key);
  if (before !== undefined) return before;
  const one = `(${names.map(() => '?').join(', ')})`;
  const source =
    dialect === 'sqlite'
      ? `VALUES ${Array.from({ length: rows }, () => one).join(', ')}`
      : `SELECT * FROM unnest(${names.map((name, at) => `$${at + 1}::${columns[name] === 'int' ? 'bigint' : 'text'}[]`).join(', ')})`;
  const tail = unlessThere === true ? ' ON CONFLICT DO NOTHING' : '';
  const statement = `INSERT INTO ${table} (${names.join(', ')}) ${source}${tail}`;
  known.set(key, statement);
  return statement;
}
