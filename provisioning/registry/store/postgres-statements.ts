/** Statements that PostgreSQL reads once for each connection, and not each time: kysely gives it texts only. */
import type { PostgresPool, PostgresPoolClient } from 'kysely';
import type pg from 'pg';

/** Of texts that differ by the length of a list there are many, and each takes up room in every connection. */
const namedMax = 300;
const parametersMax = 16;
/** feature_not_supported: a table was changed since the statement was read, by an instance of a newer version. */
const planIsOld = '0A000';

/** The pool as kysely takes it, with a name for each statement that comes again and again. */
export function withNamedStatements(pool: pg.Pool): PostgresPool {
  const clients = new WeakMap<pg.PoolClient, PostgresPoolClient>();
  const names = new Map<string, string>();
  let number = 0;

  function nameOf(text: string): string | undefined {
    const known = names.get(text);
    if (known !== undefined || names.size >= namedMax) return known;
    number += 1;
    const name = `s${number}`;
    names.set(text, name);
    return name;
  }

  function naming(client: pg.PoolClient): PostgresPoolClient {
    const query = async (text: string, parameters: readonly unknown[] = []) => {
      const values = [...parameters];
      const name = values.length > 0 && values.length <= parametersMax ? nameOf(text) : undefined;
      if (name === undefined) return client.query(text, values);
      try {
        return await client.query({ name, text, values });
      } catch (error) {
        // Under new names all are read anew.
        if ((error as { code?: string }).code === planIsOld) names.clear();
        throw error;
      }
    };
    return { query: query as unknown as PostgresPoolClient['query'], release: () => client.release() };
  }

  return {
    async connect() {
      const client = await pool.connect();
      const known = clients.get(client) ?? naming(client);
      clients.set(client, known);
      return known;
    },
    end: () => pool.end(),
  };
}
