/** kysely on libsql 0.5: its own SQLite driver minds neither libsql's traps nor a long queue. */
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  type SelectModifierNode,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import Database from 'libsql';
import { pause, type Timers } from '../../../gateway/seams/time.ts';

/** One connection. Statements are compiled once; there are a few dozen of them. */
export class SqliteConnection implements DatabaseConnection {
  readonly #database: Database.Database;
  readonly #statements = new Map<string, Database.Statement<[unknown[]]>>();

  constructor(path: string) {
    this.#database = new Database(path, { timeout: openingMs });
    this.script('PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON');
  }

  /** Runs statements without parameters. */
  script(sql: string): void {
    this.#database.exec(sql);
  }

  /** The first column of the first row: for PRAGMAs. */
  value(sql: string): unknown {
    return (this.#database.prepare(sql).raw().all()[0] as unknown[] | undefined)?.[0];
  }

  get inTransaction(): boolean {
    return this.#database.inTransaction;
  }

  async executeQuery<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    const values = parameters.map(bindable);
    const statement = this.#statement(sql);
    try {
      if (statement.reader) return { rows: statement.all(values) as Row[] };
      const { changes } = statement.run(values);
      return { rows: [], numAffectedRows: BigInt(changes) };
    } catch (error) {
      // After an error libsql does not reset the statement.
      this.#statements.delete(sql);
      throw error;
    }
  }

  // biome-ignore lint/correctness/useYield: it has nothing to yield
  async *streamQuery<Row>(): AsyncIterableIterator<QueryResult<Row>> {
    throw new Error('SQLite is read in portions, not as a stream');
  }

  close(): void {
    this.#statements.clear();
    this.#database.close();
  }

  #statement(sql: string): Database.Statement<[unknown[]]> {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#database.prepare<[unknown[]]>(sql) as Database.Statement<[unknown[]]>;
    if (this.#statements.size >= statementsMax) this.#statements.clear();
    this.#statements.set(sql, statement);
    return statement;
  }
}

const statementsMax = 500;
// Only while it is opened: SQLite would wait with the whole process standing still.
const openingMs = 5000;

/** libsql 0.5 aborts the process on a boolean, and takes undefined for a value. */
function bindable(value: unknown): string | number | null | Uint8Array {
  if (value === null || typeof value === 'string' || value instanceof Uint8Array) return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw new TypeError(`SQLite is not given a ${typeof value}`);
}

/**
 * A dialect on one connection that is open already. Its users wait for each other in the order in which they came, and
 * for other processes (a command of an operator) without holding up anything else.
 */
export function sqliteDialect(connection: SqliteConnection, timers: Timers): Dialect {
  return {
    createAdapter: () => new SqliteAdapter(),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new LocklessQueryCompiler(),
    createDriver: () => new OneConnectionDriver(connection, timers),
  };
}

/** A transaction has the whole database for itself: rows need no locks, and SQLite has no words for them. */
class LocklessQueryCompiler extends SqliteQueryCompiler {
  protected override visitSelectModifier(node: SelectModifierNode): void {
    if (node.modifier !== 'ForUpdate' && node.modifier !== 'SkipLocked') super.visitSelectModifier(node);
  }
}

class OneConnectionDriver implements Driver {
  readonly #connection: SqliteConnection;
  readonly #timers: Timers;
  readonly #waiting: (() => void)[] = [];
  #taken = false;

  constructor(connection: SqliteConnection, timers: Timers) {
    this.#connection = connection;
    this.#timers = timers;
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    if (this.#taken) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#taken = true;
    return this.#connection;
  }

  async releaseConnection(): Promise<void> {
    const next = this.#waiting.shift();
    if (next === undefined) this.#taken = false;
    else next();
  }

  async beginTransaction(): Promise<void> {
    for (let waitedMs = 0; ; waitedMs += retryMs) {
      try {
        // A transaction that reads before it writes could not become a writer once another process has written.
        // As a script: a compiled statement that found the database busy would count as one in progress for ever.
        return this.#connection.script('BEGIN IMMEDIATE');
      } catch (error) {
        if (!isBusy(error) || waitedMs >= waitMaxMs) throw error;
        await pause(this.#timers, retryMs);
      }
    }
  }

  async commitTransaction(): Promise<void> {
    this.#connection.script('COMMIT');
  }

  async rollbackTransaction(): Promise<void> {
    // SQLite has rolled back by itself after most errors of the disk, and a second ROLLBACK would throw.
    if (this.#connection.inTransaction) this.#connection.script('ROLLBACK');
  }

  async destroy(): Promise<void> {
    this.#connection.close();
  }
}

const retryMs = 5;
const waitMaxMs = 30_000;

const isBusy = (error: unknown): boolean =>
  String((error as { code?: unknown }).code ?? '').startsWith('SQLITE_BUSY');
