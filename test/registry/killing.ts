/** A store whose process dies, or whose connection breaks, after a given statement. */
import { type KyselyPlugin, sql } from 'kysely';
import type { Store, Tx } from '../../provisioning/registry/store/store.ts';

/** What is thrown where a process would be gone. */
export class Killed extends Error {
  constructor() {
    super('killed');
    this.name = 'Killed';
  }
}

/** A store that is killed. */
export interface KilledStore {
  store: Store;
  /** Whether it came to that. */
  wasKilled(): boolean;
}

/**
 * The same data through a process that dies once so many statements of transactions are done: the last transaction is
 * rolled back, and whatever is asked for later fails. SQLite: it throws, since SQLite's own crashes are another test's.
 * PostgreSQL: the server ends the connection.
 *
 * @param statements 0: before the first one
 */
export function killAfter(real: Store, statements: number): KilledStore {
  let left = statements;
  let killed = false;
  const die = async (pid: number): Promise<void> => {
    killed = true;
    if (real.dialect === 'sqlite') throw new Killed();
    await sql`SELECT pg_terminate_backend(${sql.lit(pid)})`.execute(real.reader);
  };
  return {
    wasKilled: () => killed,
    store: {
      dialect: real.dialect,
      reader: real.reader,
      close: () => real.close(),
      write(work) {
        if (killed) throw new Killed();
        return real.write(async (tx) => {
          const pid = await processOf(real, tx);
          const plugin: KyselyPlugin = {
            transformQuery: ({ node }) => node,
            async transformResult({ result }) {
              left -= 1;
              if (left === 0) await die(pid);
              return result;
            },
          };
          if (left === 0) await die(pid);
          return work(tx.withPlugin(plugin) as Tx);
        });
      },
    },
  };
}

/** The server's process that works for a transaction. */
async function processOf({ dialect }: Store, tx: Tx): Promise<number> {
  if (dialect === 'sqlite') return 0;
  const { rows } = await sql<{ pid: number }>`SELECT pg_backend_pid() AS pid`.execute(tx);
  return rows[0]?.pid ?? 0;
}

/** The same through a process that dies once so many transactions are durable, before anybody is told. */
export function killAfterCommits(real: Store, commits: number): KilledStore {
  let left = commits;
  return {
    wasKilled: () => left <= 0,
    store: {
      dialect: real.dialect,
      reader: real.reader,
      close: () => real.close(),
      async write(work) {
        if (left <= 0) throw new Killed();
        const answer = await real.write(work);
        left -= 1;
        if (left <= 0) throw new Killed();
        return answer;
      },
    },
  };
}
