import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { Kysely, sql } from 'kysely';
import { messageOf, SwipeError } from '../../../gateway/seams/error.ts';
import { pause, type Timers } from '../../../gateway/seams/time.ts';
import { type Checkpoints, createCheckpoints } from './checkpoints.ts';
import { SqliteConnection, sqliteDialect } from './sqlite-driver.ts';
import { migrate, type Store, type Tx } from './store.ts';
import type { Tables } from './tables.ts';

/** Written into the SQLite header, so that no other program's database is taken for a registry: `SwR1`. */
export const applicationId = 0x53775231;

/** 64 MiB. */
const walPagesMax = 16_384;

/** What opening a database needs besides its place. */
export interface OpenParts {
  nowMs: number;
  /** The name of the database, if this makes it. */
  newId: string;
  timers: Timers;
}

/**
 * Opens the SQLite database, makes it where there is none, brings it to the newest version. Other processes (the
 * commands, a backup) may have it open at the same time.
 *
 * @throws SwipeError `registryUnfit` when it is another program's or a newer version's, or cannot be opened
 */
export async function openSqlite(path: string, { nowMs, newId, timers }: OpenParts): Promise<Store> {
  const writing = openConnection(path);
  const writer = new Kysely<Tables>({ dialect: sqliteDialect(writing, timers) });
  try {
    await writer.transaction().execute((tx) => {
      claimFile(writing, path);
      return migrate(
        tx,
        { script: async (text) => writing.script(text) },
        { dialect: 'sqlite', nowMs, newId },
      );
    });
  } catch (error) {
    await writer.destroy();
    throw error;
  }
  const reading = openConnection(path);
  reading.script('PRAGMA query_only = ON');
  const reader = new Kysely<Tables>({ dialect: sqliteDialect(reading, timers) });
  // Far behind the thread that sees to it: should that fail, the WAL still ends somewhere.
  writing.script(`PRAGMA wal_autocheckpoint = ${walPagesMax}`);
  const checkpoints = createCheckpoints(path);
  const write = inBatches(writer, timers, checkpoints);
  return {
    dialect: 'sqlite',
    reader,
    write,
    async close() {
      await checkpoints.close();
      await reader.destroy();
      await writer.destroy();
    },
  };
}

function openConnection(path: string): SqliteConnection {
  try {
    makeFile(path);
    const connection = new SqliteConnection(path);
    connection.script('PRAGMA synchronous = FULL; PRAGMA cache_size = -32768');
    if (connection.value('PRAGMA journal_mode') !== 'wal') connection.value('PRAGMA journal_mode = WAL');
    connection.script('PRAGMA busy_timeout = 0');
    return connection;
  } catch (cause) {
    if (cause instanceof SwipeError) throw cause;
    throw new SwipeError('registryUnfit', `the database ${path} cannot be opened: ${messageOf(cause)}`, {
      cause,
    });
  }
}

/**
 * Makes the file readable by nobody else. One that is there is not touched: to open and close it here would drop the
 * locks that this process holds on it by other connections (POSIX; sqlite.org/howtocorrupt.html §2.2).
 */
function makeFile(path: string): void {
  if (existsSync(path)) return;
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  closeSync(openSync(path, 'a', 0o600));
}

function claimFile(connection: SqliteConnection, path: string): void {
  const found = connection.value('PRAGMA application_id');
  if (found === applicationId) return;
  if (found !== 0 || connection.value('SELECT count(*) FROM sqlite_schema') !== 0)
    throw new SwipeError('registryUnfit', `${path} is not a registry's database`);
  connection.script(`PRAGMA application_id = ${applicationId}`);
}

interface Job {
  work: (tx: Tx) => Promise<unknown>;
  resolve: (answer: never) => void;
  reject: (error: unknown) => void;
}

/** Changes that share one transaction, and so one fsync. More would only let the first wait for the last. */
const batchMax = 64;

/**
 * Whoever waits to write while a transaction is being made durable shares the next one. Each change stands or falls
 * by itself (a savepoint); nobody is answered before the disk has it.
 */
function inBatches(db: Kysely<Tables>, timers: Timers, checkpoints: Checkpoints): Store['write'] {
  const queue: Job[] = [];
  let working = false;

  async function runBatch(jobs: readonly Job[]): Promise<void> {
    const settle: (() => void)[] = [];
    try {
      await db.transaction().execute(async (tx) => {
        for (const { work, resolve, reject } of jobs) {
          await sql`SAVEPOINT job`.execute(tx);
          try {
            const answer = await work(tx);
            await sql`RELEASE job`.execute(tx);
            settle.push(() => resolve(answer as never));
          } catch (error) {
            await sql`ROLLBACK TO job`.execute(tx);
            await sql`RELEASE job`.execute(tx);
            settle.push(() => reject(error));
          }
        }
      });
    } catch (error) {
      for (const { reject } of jobs) reject(error);
      return;
    }
    for (const done of settle) done();
    checkpoints.committed();
  }

  async function workOff(): Promise<void> {
    working = true;
    while (queue.length > 0) {
      // Whoever came while the last one was made durable comes along: without a pause nobody could come.
      await pause(timers, 0);
      await runBatch(queue.splice(0, batchMax));
    }
    working = false;
  }

  return (work) =>
    new Promise((resolve, reject) => {
      queue.push({ work, resolve, reject });
      if (!working) void workOff();
    });
}
