import { readFileSync } from 'node:fs';
import { CompiledQuery, Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import { messageOf, SwipeError } from '../../../gateway/seams/error.ts';
import type { Log } from '../../../gateway/seams/log.ts';
import type { DatabaseConfig } from '../config.ts';
import { Refusal } from '../refusal.ts';
import { withNamedStatements } from './postgres-statements.ts';
import type { OpenParts } from './sqlite.ts';
import { migrate, type Store } from './store.ts';
import type { Tables } from './tables.ts';

// Any number; every instance takes the same lock while it migrates.
const migrationLock = 0x53775231;
const int8 = 20;
/**
 * PostgreSQL's words for "try again": serialization_failure, deadlock_detected, lock_not_available; and
 * feature_not_supported, which is what it says of a statement that was read before a table was changed.
 */
const passing = new Set(['40001', '40P01', '55P03', '0A000']);
const triesMax = 5;
/** How long a request waits for one of the connections. */
const waitMaxMs = 15_000;

/** What {@link openPostgres} needs. */
export interface PostgresParts extends Omit<OpenParts, 'timers'> {
  config: Extract<DatabaseConfig, { kind: 'postgres' }>;
  log: Log;
}

/**
 * Opens a PostgreSQL database, which several instances may share, and brings it to the newest version.
 *
 * @throws SwipeError `registryUnfit` when it cannot be reached, or a newer version made it
 */
export async function openPostgres({ config, nowMs, newId, log }: PostgresParts): Promise<Store> {
  const pool = new pg.Pool({
    connectionString: config.url,
    ...(config.passwordFile === undefined
      ? {}
      : { password: readFileSync(config.passwordFile, 'utf8').trim() }),
    max: config.connections,
    connectionTimeoutMillis: waitMaxMs,
    application_name: 'swipe-registry',
    statement_timeout: 30_000,
    idle_in_transaction_session_timeout: 60_000,
    // Counts and times are below 2^53.
    types: { getTypeParser: (id, format) => (id === int8 ? Number : pg.types.getTypeParser(id, format)) },
  });
  // An idle connection that breaks is replaced by the next one; without a listener it would end the process.
  pool.on('error', (error) => log.warn('a connection to the database broke', { error: messageOf(error) }));
  // One that breaks within a transaction, between two statements, is nobody's until the next statement fails.
  pool.on('connect', (client) => client.on('error', () => {}));
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: withNamedStatements(pool) }) });
  try {
    await db.transaction().execute(async (tx) => {
      // A large table takes its time, and so does another instance that is at it.
      await sql`SET LOCAL statement_timeout = 0`.execute(tx);
      await sql`SELECT pg_advisory_xact_lock(${sql.lit(migrationLock)})`.execute(tx);
      await migrate(
        tx,
        { script: async (text) => void (await tx.executeQuery(CompiledQuery.raw(text))) },
        { dialect: 'postgres', nowMs, newId },
      );
    });
  } catch (cause) {
    await db.destroy();
    if (cause instanceof SwipeError) throw cause;
    throw new SwipeError('registryUnfit', `the database cannot be opened: ${messageOf(cause)}`, { cause });
  }
  return {
    dialect: 'postgres',
    reader: db,
    async write(work) {
      for (let tries = 1; ; tries += 1) {
        try {
          return await db.transaction().execute(work);
        } catch (error) {
          if (isPoolBusy(error))
            throw new Refusal('busy', undefined, { retryAfterMs: waitMaxMs, cause: error });
          if (tries >= triesMax || !passing.has((error as { code?: string }).code ?? '')) throw error;
        }
      }
    },
    close: () => db.destroy(),
  };
}

// pg-pool has no code for it.
const isPoolBusy = (error: unknown): boolean =>
  messageOf(error) === 'timeout exceeded when trying to connect';
