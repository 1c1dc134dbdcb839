/**
 * Run by hand when a version of the tables is released: keeps a dump of a registry that has lived on it, on both
 * databases, and the hashes of all steps, which must never change again.
 *
 *     node --import tsx test/registry/release-schema.ts
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog } from '../../gateway/seams/log.ts';
import { systemTime } from '../../gateway/system/time.ts';
import { openPostgres } from '../../provisioning/registry/store/postgres.ts';
import { type Dialect, migrations } from '../../provisioning/registry/store/schema.ts';
import { openSqlite } from '../../provisioning/registry/store/sqlite.ts';
import { dumpPath, dumpSqlite, hashOf, releasedPath } from './dumps.ts';
import { type Held, liveIn } from './lived-in.ts';
import { startPostgres } from './postgres.ts';
import { testNowMs } from './stores.ts';
import { World } from './world.ts';

const version = migrations.length;
const parts = { nowMs: testNowMs, newId: `version-${version}` };

function keep(dialect: Dialect, held: Held, sql: string): void {
  const head = `-- Version ${version} of the registry's tables. Made by test/registry/release-schema.ts; never edited.\n`;
  writeFileSync(dumpPath(version, dialect), `${head}-- held: ${JSON.stringify(held)}\n${sql}`);
}

const directory = mkdtempSync(join(tmpdir(), 'swipe-release-'));
const server = await startPostgres();
try {
  const path = join(directory, 'registry.db');
  const sqlite = await openSqlite(path, { ...parts, timers: systemTime });
  const inSqlite = await liveIn(new World(sqlite));
  await sqlite.close();
  keep('sqlite', inSqlite, dumpSqlite(path));

  const url = await server.database();
  const config = { kind: 'postgres', url, connections: 4 } as const;
  const postgres = await openPostgres({ ...parts, config, log: silentLog });
  const inPostgres = await liveIn(new World(postgres));
  await postgres.close();
  const dump = execFileSync('pg_dump', ['--column-inserts', '--no-owner', '--no-privileges', url], {
    encoding: 'utf8',
  });
  // Words to psql, and settings that older servers do not know.
  keep('postgres', inPostgres, dump.replace(/^(\\.*|SET transaction_timeout .*)\n/gm, ''));

  writeFileSync(releasedPath, `${JSON.stringify(migrations.map(hashOf), null, 2)}\n`);
} finally {
  await server.stop();
  rmSync(directory, { recursive: true, force: true });
}
