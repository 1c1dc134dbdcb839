/** A PostgreSQL server of its own for a test file: in a temporary directory, on a Unix socket, gone afterwards. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';

// Debian keeps the server's programs off PATH, in a directory by version.
const debian = '/usr/lib/postgresql';
if (existsSync(debian)) {
  const newest = readdirSync(debian).sort((one, other) => Number(other) - Number(one))[0] ?? '';
  process.env.PATH = `${process.env.PATH ?? ''}:${join(debian, newest, 'bin')}`;
}

/** A running server. */
export interface PostgresServer {
  /** Makes an empty database; its address. */
  database(): Promise<string>;
  stop(): Promise<void>;
}

// initdb refuses to run as root: it then runs as nobody, who owns nothing but this directory.
const nobody = 65_534;
const isRoot = process.getuid?.() === 0;
const as = isRoot ? { uid: nobody, gid: nobody } : {};

/** Starts a server. It syncs as a real one does, unless told that nothing need last. */
export async function startPostgres({ fsync = false } = {}): Promise<PostgresServer> {
  const directory = mkdtempSync(join(tmpdir(), 'swipe-pg-'));
  if (isRoot) chownSync(directory, nobody, nobody);
  const data = join(directory, 'data');
  let server: ChildProcess | null = null;
  const stop = async (): Promise<void> => {
    if (server !== null && server.exitCode === null) {
      server.kill('SIGINT');
      await once(server, 'exit');
    }
    rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
  };
  try {
    execFileSync('initdb', ['-D', data, '-U', 'registry', '-A', 'trust', '-E', 'UTF8', '--locale=C', '-N'], {
      ...as,
      cwd: directory,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const settings = ['listen_addresses=', `unix_socket_directories=${directory}`, 'max_connections=100'];
    if (!fsync) settings.push('fsync=off', 'synchronous_commit=off');
    const options = settings.flatMap((setting) => ['-c', setting]);
    server = spawn('postgres', ['-D', data, ...options], { ...as, cwd: directory, stdio: 'ignore' });
    await reachable(directory, server);
  } catch (error) {
    await stop();
    throw error;
  }
  let made = 0;
  return {
    async database() {
      made += 1;
      const name = `registry_${made}`;
      await ask(directory, 'postgres', `CREATE DATABASE ${name}`);
      return address(directory, name);
    },
    stop,
  };
}

const address = (directory: string, name: string): string =>
  `postgres://registry@/${name}?host=${encodeURIComponent(directory)}`;

async function ask(directory: string, database: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: address(directory, database) });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

async function reachable(directory: string, server: ChildProcess): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await ask(directory, 'postgres', 'SELECT 1');
    } catch (error) {
      if (server.exitCode !== null || tries > 600) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
