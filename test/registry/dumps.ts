/** Dumps of registries' databases as SQL text: how they are made, how one is brought back without the registry. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import Database from 'libsql';
import pg from 'pg';
import type { Dialect } from '../../provisioning/registry/store/schema.ts';
import type { Held } from './lived-in.ts';

/** Where the dumps of released versions are. */
export const dumpsFolder = fileURLToPath(new URL('../fixtures/registry/', import.meta.url));

/** The file of a version's dump. */
export const dumpPath = (version: number, dialect: Dialect): string =>
  `${dumpsFolder}version-${version}.${dialect}.sql`;

/** The file that names what was released: for each step the hash of its texts. */
export const releasedPath = `${dumpsFolder}released.json`;

/** What a step of the migrations is known by. */
export const hashOf = ({ sqlite, postgres }: Readonly<Record<Dialect, string>>): string =>
  createHash('sha256')
    .update(JSON.stringify([sqlite, postgres]))
    .digest('hex');

/** A dump, and what was held of that registry when it was made. */
export function readDump(version: number, dialect: Dialect): { sql: string; held: Held } {
  const sql = readFileSync(dumpPath(version, dialect), 'utf8');
  const [, held = ''] = /^-- held: (.*)$/m.exec(sql) ?? [];
  return { sql, held: JSON.parse(held) as Held };
}

/** Rows by table, each as its columns' values. */
export type Rows = Record<string, Record<string, unknown>[]>;

/** Makes a SQLite database out of a dump. */
export function loadSqlite(path: string, sql: string): void {
  const database = new Database(path);
  try {
    database.exec(sql);
  } finally {
    database.close();
  }
}

/** All that stands in a SQLite database. */
export function rowsOfSqlite(path: string): Rows {
  const database = new Database(path, { readonly: true });
  try {
    return Object.fromEntries(
      tablesOf(database).map(({ name }) => [
        name,
        database.prepare(`SELECT * FROM "${name}"`).all() as Record<string, unknown>[],
      ]),
    );
  } finally {
    database.close();
  }
}

/** Makes a PostgreSQL database out of a dump. */
export const loadPostgres = (url: string, sql: string): Promise<void> =>
  usingPostgres(url, async (client) => void (await client.query(sql)));

/** All that stands in a PostgreSQL database. */
export const rowsOfPostgres = (url: string): Promise<Rows> =>
  usingPostgres(url, async (client) => {
    const { rows } = await client.query<{ name: string }>(
      "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1",
    );
    const all: Rows = {};
    for (const { name } of rows) all[name] = (await client.query(`SELECT * FROM public."${name}"`)).rows;
    return all;
  });

/** Does something with a connection of its own. */
export async function usingPostgres<Answer>(
  url: string,
  use: (client: pg.Client) => Promise<Answer>,
): Promise<Answer> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

interface Made {
  type: string;
  name: string;
  sql: string;
}

const tablesOf = (database: Database.Database): Made[] =>
  (database.prepare('SELECT type, name, sql FROM sqlite_schema ORDER BY rowid').all() as Made[]).filter(
    ({ type, name }) => type === 'table' && !name.startsWith('sqlite_'),
  );

/** A SQLite database as SQL text: tables, rows, then indexes and triggers. */
export function dumpSqlite(path: string): string {
  const database = new Database(path, { readonly: true });
  try {
    const value = (sql: string): unknown => (database.prepare(sql).raw().all()[0] as unknown[])[0];
    const made = database
      .prepare('SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid')
      .all() as Made[];
    const tables = tablesOf(database);
    const rows = [...tables.map(({ name }) => name), 'sqlite_sequence'].flatMap((table) =>
      (database.prepare(`SELECT * FROM "${table}"`).raw().all() as unknown[][]).map(
        (row) => `INSERT INTO "${table}" VALUES (${row.map(literal).join(', ')});`,
      ),
    );
    return [
      `PRAGMA application_id = ${value('PRAGMA application_id')};`,
      'BEGIN;',
      ...tables.map(({ sql }) => `${sql};`),
      ...rows,
      ...made.filter(({ type }) => type !== 'table').map(({ sql }) => `${sql};`),
      'COMMIT;',
      '',
    ].join('\n');
  } finally {
    database.close();
  }
}

function literal(value: unknown): string {
  if (value === null) return 'NULL';
  if (typeof value === 'number') return String(value);
  return `'${String(value).replaceAll("'", "''")}'`;
}
