/** The same tests on both databases. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog } from '../../gateway/seams/log.ts';
import { systemTime } from '../../gateway/system/time.ts';
import { openPostgres } from '../../provisioning/registry/store/postgres.ts';
import { openSqlite } from '../../provisioning/registry/store/sqlite.ts';
import type { Store } from '../../provisioning/registry/store/store.ts';
import { needing } from '../support/needs.ts';
import { type PostgresServer, startPostgres } from './postgres.ts';

/** One database, which may be opened more than once, as several instances do. */
export interface TestDatabase {
  kind: 'sqlite' | 'postgres';
  /** SQLite: the file; PostgreSQL: the address. */
  place: string;
  open(options?: { connections?: number }): Promise<Store>;
}

type Run = () => void | Promise<void>;

/** The part of a uvu suite that is used here. */
interface Suite {
  (name: string, run: Run): void;
  skip(name?: string, run?: Run): void;
  after(hook: () => Promise<void>): void;
}

/** When tests say it is, unless they say otherwise: 2026-11-21 08:00 UTC. */
export const testNowMs = Date.UTC(2026, 10, 21, 8);

/**
 * Gives a suite tests that run on SQLite and on PostgreSQL: `const both = onBoth(test)`, then
 * `both('name', async (database) => {…})`, or with `{ only: 'postgres' }` what the other one does not have. Stores that
 * were opened are closed, and all that was made is removed.
 */
export function onBoth(test: Suite) {
  let server: Promise<PostgresServer> | null = null;
  test.after(async () => {
    await (await server)?.stop();
  });

  async function withStores(
    kind: TestDatabase['kind'],
    place: string,
    run: (database: TestDatabase) => Promise<void>,
  ): Promise<void> {
    const opened: Store[] = [];
    const parts = () => ({ nowMs: testNowMs, newId: randomBytes(8).toString('hex') });
    try {
      await run({
        kind,
        place,
        async open({ connections = 10 } = {}) {
          const store =
            kind === 'sqlite'
              ? await openSqlite(place, { ...parts(), timers: systemTime })
              : await openPostgres({
                  ...parts(),
                  config: { kind: 'postgres', url: place, connections },
                  log: silentLog,
                });
          opened.push(store);
          return store;
        },
      });
    } finally {
      for (const store of opened) await store.close();
    }
  }

  return (
    name: string,
    run: (database: TestDatabase) => Promise<void>,
    { only }: { only?: TestDatabase['kind'] } = {},
  ): void => {
    if (only !== 'postgres') onSqlite(name, run);
    if (only !== 'sqlite') onPostgres(name, run);
  };

  function onSqlite(name: string, run: (database: TestDatabase) => Promise<void>): void {
    test(`SQLite: ${name}`, async () => {
      const directory = mkdtempSync(join(tmpdir(), 'swipe-registry-'));
      try {
        await withStores('sqlite', join(directory, 'registry.db'), run);
      } finally {
        rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
      }
    });
  }

  function onPostgres(name: string, run: (database: TestDatabase) => Promise<void>): void {
    needing(
      test,
      'postgres',
      'initdb',
    )(`PostgreSQL: ${name}`, async () => {
      server ??= startPostgres();
      await withStores('postgres', await (await server).database(), run);
    });
  }
}
