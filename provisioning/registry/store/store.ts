import { CompiledQuery, type Kysely, type Transaction } from 'kysely';
import { SwipeError } from '../../../gateway/seams/error.ts';
import { type Dialect, migrations } from './schema.ts';
import type { Tables } from './tables.ts';

/** A transaction. Whoever gets one can only change things together with whatever else is changed in it. */
export type Tx = Transaction<Tables>;

/** Where things are read: within a transaction, or as they stand now. */
export type Reader = Kysely<Tables>;

/** The registry's data. */
export interface Store {
  readonly dialect: Dialect;
  /** For reading what need not be locked. */
  readonly reader: Reader;
  /**
   * Runs `work` in a transaction; resolves once it is durable. When it throws, nothing was changed. It may run more
   * than once (deadlocks, lost races): it must change nothing but the database.
   */
  write<Answer>(work: (tx: Tx) => Promise<Answer>): Promise<Answer>;
  close(): Promise<void>;
}

/** What the migrations need of a connection. */
export interface MigrationConnection {
  /** Runs statements that have no parameters. */
  script(sql: string): Promise<void>;
}

/**
 * Brings the tables to the newest version within the given transaction, which must exclude every other migration.
 *
 * @param newId for a database that is made by this
 * @throws SwipeError `registryUnfit` when a newer version made it
 */
export async function migrate(
  tx: Tx,
  { script }: MigrationConnection,
  { dialect, nowMs, newId }: { dialect: Dialect; nowMs: number; newId: string },
): Promise<void> {
  await script('CREATE TABLE IF NOT EXISTS migrations (version BIGINT PRIMARY KEY, at_ms BIGINT NOT NULL)');
  const rows = await tx.executeQuery<{ version: number | null }>(
    CompiledQuery.raw('SELECT max(version) AS version FROM migrations'),
  );
  const from = Number(rows.rows[0]?.version ?? 0);
  if (from > migrations.length)
    throw new SwipeError(
      'registryUnfit',
      `the database is of version ${from}; this registry knows ${migrations.length} and goes no way back`,
    );
  for (const [at, step] of migrations.entries()) {
    if (at < from) continue;
    await script(step[dialect]);
    await script(`INSERT INTO migrations (version, at_ms) VALUES (${at + 1}, ${nowMs})`);
  }
  if (from > 0) return;
  await tx
    .insertInto('meta')
    .values({ only_row: 1, database_id: newId, mode: 'normal', created_at_ms: nowMs, crl_number: 0 })
    .execute();
}
