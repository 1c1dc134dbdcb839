import { chmodSync, closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { messageOf, SwipeError } from '../../../gateway/seams/error.ts';
import { applicationId } from '../store/sqlite.ts';
import { SqliteConnection } from '../store/sqlite-driver.ts';

/**
 * Copies a SQLite database while the registry goes on: one transaction's view of it, checked, and under its name only
 * when it is whole. To be run in a process of its own, since it takes as long as the disk does.
 *
 * @throws SwipeError `registryUnfit`
 */
export function backUpSqlite(from: string, to: string): void {
  if (!existsSync(from)) throw unfit(`there is no database ${from}`);
  if (existsSync(to)) throw unfit(`${to} is there already: it is not overwritten`);
  const unfinished = `${to}.new`;
  rmSync(unfinished, { force: true });
  try {
    using(from, (database) => database.script(`VACUUM INTO '${unfinished.replaceAll("'", "''")}'`));
    chmodSync(unfinished, 0o600);
    checkSqlite(unfinished);
    sync(unfinished);
    renameSync(unfinished, to);
    sync(dirname(to));
  } catch (cause) {
    rmSync(unfinished, { force: true });
    if (cause instanceof SwipeError) throw cause;
    throw unfit(`${from} could not be copied: ${messageOf(cause)}`, cause);
  }
}

/** @throws SwipeError `registryUnfit` unless the file is a whole database of a registry */
export function checkSqlite(path: string): void {
  using(path, (database) => {
    if (database.value('PRAGMA application_id') !== applicationId)
      throw unfit(`${path} is not a registry's database`);
    const found = database.value('PRAGMA integrity_check(1)');
    if (found !== 'ok') throw unfit(`${path} is damaged: ${String(found)}`);
  });
}

function using(path: string, use: (database: SqliteConnection) => void): void {
  const database = new SqliteConnection(path);
  try {
    use(database);
  } finally {
    database.close();
  }
}

function sync(path: string): void {
  const file = openSync(path, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

const unfit = (why: string, cause?: unknown): SwipeError => new SwipeError('registryUnfit', why, { cause });
