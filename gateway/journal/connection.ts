/** One connection to SQLite, alone on its file, with every statement compiled once. */
import { rmSync, statSync } from 'node:fs';
import Database from 'libsql';

/** A value in a row. */
export type Cell = string | number | null;

/** A row by position, as its statement lists the columns. */
export type Row = readonly (Cell | Uint8Array)[];

// Pages of 4 KiB. The WAL is read as a whole at a start after a crash, so it must stay small.
const checkpointPages = 1000;
const cacheKiB = 2048;

/**
 * Connections whose journal did not pass its checks. They are never closed, nor collected: closing one would copy
 * the WAL into the database or remove it, and with it what a person could still read. The process is to end.
 */
const abandoned: Database.Database[] = [];

const sizeOf = (path: string): number | null => statSync(path, { throwIfNoEntry: false })?.size ?? null;

/**
 * A connection that holds the file's exclusive lock from the first moment. Until {@link Connection.goLive} is
 * called nothing in the files changes (a switch of the journal mode that a crash cut off excepted: SQLite undoes
 * that one). Errors are those of SQLite; faults.ts translates them.
 */
export class Connection {
  readonly path: string;
  readonly #database: Database.Database;
  readonly #walBefore: number | null;
  #locked = false;
  readonly #statements = new Map<string, Database.Statement<[Cell[]]>>();

  constructor(path: string) {
    this.path = path;
    this.#walBefore = sizeOf(`${path}-wal`);
    // `timeout` 0: a lock that somebody else holds is an answer, not a reason to wait.
    this.#database = new Database(path, { timeout: 0 });
    try {
      // Before anything is read: so SQLite keeps the WAL's index in its own memory and needs no -shm file.
      this.execute('PRAGMA locking_mode = EXCLUSIVE');
      this.execute('BEGIN EXCLUSIVE; ROLLBACK');
      this.#locked = true;
      this.execute('PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF');
      this.execute(`PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0; PRAGMA cache_size = -${cacheKiB}`);
    } catch (error) {
      this.abandon();
      throw error;
    }
  }

  /** Begins to write: switches to WAL. `maxPages`: how far the file may grow, in pages of 4 KiB. */
  goLive(maxPages: number | null): void {
    const [mode] = this.row('PRAGMA journal_mode = WAL') ?? [];
    if (mode !== 'wal') throw new Error(`SQLite stays in journal mode ${mode}`);
    this.row(`PRAGMA wal_autocheckpoint = ${checkpointPages}`);
    if (maxPages !== null) this.row(`PRAGMA max_page_count = ${maxPages}`);
  }

  /** Compiles statements ahead: one that does not fit the tables of this file throws. */
  compile(statements: readonly string[]): void {
    for (const sql of statements) this.#statement(sql);
  }

  /** Runs statements that have neither parameters nor an answer. */
  execute(sql: string): void {
    this.#database.exec(sql);
  }

  /** Runs one statement; how many rows it changed. */
  run(sql: string, ...values: Cell[]): number {
    return this.#statement(sql).run(values).changes;
  }

  /** The first row of an answer. */
  row(sql: string, ...values: Cell[]): Row | undefined {
    try {
      return this.#statement(sql).get(values) as Row | undefined;
    } catch (error) {
      // After an error libsql 0.5 does not reset the statement: its next `get` would answer for these values again.
      this.#statements.delete(sql);
      throw error;
    }
  }

  /** All rows of an answer. */
  rows(sql: string, ...values: Cell[]): Row[] {
    return this.#statement(sql).all(values) as Row[];
  }

  /** Runs `work` in one transaction: durable when this returns; when it throws, nothing was changed. */
  atomically<Answer>(work: () => Answer): Answer {
    this.run('BEGIN IMMEDIATE');
    try {
      const answer = work();
      this.run('COMMIT');
      return answer;
    } catch (error) {
      // SQLite has rolled back by itself after most errors of the disk, and a second ROLLBACK would throw.
      if (this.#database.inTransaction) this.execute('ROLLBACK');
      throw error;
    }
  }

  /** Copies what the WAL holds into the database file. */
  checkpoint(): void {
    this.row('PRAGMA wal_checkpoint(TRUNCATE)');
  }

  /**
   * Closes the file: one plain database without a WAL, its lock released. libsql keeps the connection until the last
   * compiled statement is garbage-collected, so closing alone would leave it locked.
   */
  close(): void {
    this.checkpoint();
    this.row('PRAGMA journal_mode = DELETE');
    this.row('PRAGMA locking_mode = NORMAL');
    this.row('SELECT count(*) FROM sqlite_schema');
    this.#statements.clear();
    this.#database.close();
  }

  /** Lets go of a journal that must not be used, leaving its files as they were found. */
  abandon(): void {
    // Should it be closed after all, at the end of the process: an interrupted connection copies nothing.
    (this.#database as Database.Database & { interrupt(): void }).interrupt();
    abandoned.push(this.#database);
    const wal = `${this.path}-wal`;
    // An empty WAL that came with this opening goes with it; without the lock it may be another process's.
    if (this.#locked && this.#walBefore === null && sizeOf(wal) === 0) rmSync(wal, { force: true });
  }

  #statement(sql: string): Database.Statement<[Cell[]]> {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#database.prepare<[Cell[]]>(sql) as Database.Statement<[Cell[]]>;
    // As arrays: `get()` would add a member `_metadata` to an object. Only for statements that have an answer.
    if (statement.reader) statement.raw();
    this.#statements.set(sql, statement);
    return statement;
  }
}
