/** A registry on a database of its own: directory, config, database, process. */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'libsql';
import pg from 'pg';
import { silentLog } from '../../../gateway/seams/log.ts';
import { type RegistryConfig, registryConfigOf } from '../../../provisioning/registry/config.ts';
import { type OpenRegistry, openRegistry } from '../../../provisioning/registry/main.ts';
import type { Dialect } from '../../../provisioning/registry/store/schema.ts';
import { startPostgres } from '../../registry/postgres.ts';
import { type Child, startChild } from '../children.ts';
import { usedMs } from './processors.ts';

const fromRoot = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url));

/** A process that answers over HTTP. */
export interface Served {
  child: Child;
  url: string;
}

/** Where a registry lives. */
export interface Site {
  dialect: Dialect;
  directory: string;
  config: RegistryConfig;
  /** For people: which database, how it is run. */
  database: string;
  /** The registry's parts in this process. */
  open(): Promise<OpenRegistry>;
  /** Starts the real one in a process of its own; resolves when it is ready to answer, and says how long that took. */
  start(options?: { profile?: string | undefined }): Promise<Served & { tookMs: number }>;
  /** Starts the bare loop. */
  startBare(): Promise<Served>;
  /** Runs statements without parameters on a connection of their own. */
  script(statements: readonly string[]): Promise<void>;
  /** The processor time of the database's own processes; 0 where it has none. */
  databaseMs(): number;
  close(): Promise<void>;
}

/** Bundles a process as `npm run build` does; the launcher's path. */
export function bundle(directory: string, name: string, entry: string): string {
  const out = join(directory, name);
  execFileSync(process.execPath, [fromRoot('.ci/build.mjs'), '--entry', fromRoot(entry), '--out', out]);
  return join(out, 'swipe');
}

/** The bench's directory, where bundles find packages with native code. */
export function openDirectory(disk: string): { directory: string; remove(): void } {
  const directory = mkdtempSync(join(disk, 'swipe-bench-registry-'));
  const remove = () => rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
  process.on('exit', remove);
  symlinkSync(fromRoot('node_modules'), join(directory, 'node_modules'));
  return { directory, remove };
}

/** What runs at a site: launchers of bundles. */
export interface Programs {
  swipe: string;
  bare: string;
}

/** Makes a new site. Nothing is in its database yet. */
export async function openSite(
  directory: string,
  dialect: Dialect,
  programs: Programs,
  died: (error: Error) => void,
): Promise<Site> {
  const own = join(directory, `${dialect}-${randomBytes(4).toString('hex')}`);
  mkdirSync(own, { mode: 0o700 });
  const server = dialect === 'postgres' ? await startPostgres({ fsync: true }) : null;
  const url = await server?.database();
  const config = registryConfigOf(
    {
      // The proxy of the bench, which says whom it saw.
      listen: { port: 0, proxies: ['127.0.0.1'] },
      database:
        url === undefined ? { kind: 'sqlite', path: join(own, 'registry.db') } : { kind: 'postgres', url },
      masterKeyFile: join(own, 'master.key'),
      authorityDir: join(own, 'authority'),
      logLevel: 'info',
    },
    'bench',
  );
  const configFile = join(own, 'registry.json');
  writeFileSync(configFile, JSON.stringify(config), { mode: 0o600 });
  let started = 0;

  async function serve(command: string, args: string[]): Promise<Served & { tookMs: number }> {
    started += 1;
    const logFile = join(own, `process-${started}.log`);
    const beganMs = performance.now();
    const child = startChild({ command, args, logFile, died });
    const listening = await told(logFile);
    return { child, url: listening, tookMs: performance.now() - beganMs };
  }

  return {
    dialect,
    directory: own,
    config,
    database: url === undefined ? 'SQLite (libsql)' : `${version()}, its own defaults, fsync on, Unix socket`,
    open: () => openRegistry(config, { log: silentLog }),
    start({ profile } = {}) {
      const args = ['registry', '--config', configFile];
      if (profile === undefined) return serve(programs.swipe, args);
      // What the launcher runs; --cpu-prof is not taken from the environment.
      const node = ['--cpu-prof', `--cpu-prof-dir=${profile}`, '--max-semi-space-size=2'];
      return serve(process.execPath, [...node, `${programs.swipe}.js`, ...args]);
    },
    startBare: () => serve(programs.bare, [configFile]),
    async script(statements) {
      if (url === undefined) runSqlite(join(own, 'registry.db'), statements);
      else await runPostgres(url, statements);
    },
    databaseMs: () => (url === undefined ? 0 : usedMs(postmasterOf(url))),
    async close() {
      await server?.stop();
      rmSync(own, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

const lookMs = 5;
const startMaxMs = 60_000;

/** The address that stands in a log once the process listens. */
async function told(logFile: string): Promise<string> {
  const untilMs = performance.now() + startMaxMs;
  while (performance.now() < untilMs) {
    const url = /"url":"(http[^"]+)"/.exec(readFileSync(logFile, 'utf8'))?.[1];
    if (url !== undefined) return url;
    await new Promise((resolve) => setTimeout(resolve, lookMs));
  }
  throw new Error(`it does not listen: ${readFileSync(logFile, 'utf8').slice(-1000)}`);
}

function runSqlite(path: string, statements: readonly string[]): void {
  const database = new Database(path);
  try {
    database.exec('PRAGMA synchronous = OFF; PRAGMA cache_size = -1048576');
    for (const statement of statements) database.exec(statement);
    database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  } finally {
    database.close();
  }
}

async function runPostgres(url: string, statements: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

const version = (): string =>
  execFileSync('postgres', ['--version'], { encoding: 'utf8' }).replace(
    /^postgres \((\w+)\) (\S+).*\s*$/s,
    '$1 $2',
  );

/** The server's first process, by the file that it writes (PostgreSQL documentation, pg_ctl). */
function postmasterOf(url: string): number {
  const directory = new URL(url.replace('@/', '@localhost/')).searchParams.get('host') ?? '';
  return Number(readFileSync(join(directory, 'data', 'postmaster.pid'), 'utf8').split('\n', 1)[0]);
}
