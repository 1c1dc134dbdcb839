/** How a journal comes into being, whom it belongs to while it is open, and how it grows older. */
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Connection } from '../gateway/journal/connection.ts';
import { migrate } from '../gateway/journal/schema.ts';
import { isSwipeError } from '../gateway/seams/error.ts';
import { carryOut, fingerprints, idOf, openIn } from './support/fill-journal.ts';
import { tempDirs } from './support/temp.ts';

const test = suite('journal: files');
const tempDir = tempDirs(test);

const db = 'journal.db';
const wal = 'journal.db-wal';
const witness = 'journal.witness';

test('a new journal is two files that only their owner reads', () => {
  const directory = join(tempDir(), 'state', 'box');
  openIn(directory).close();
  assert.equal(Object.keys(fingerprints(directory)), [db, witness]);
  for (const name of [db, witness]) assert.is(statSync(join(directory, name)).mode & 0o777, 0o600);
});

test('a creation that was cut short is taken up', () => {
  const directory = tempDir();
  writeFileSync(join(directory, 'journal.db.new'), 'half');
  openIn(directory).close();
  rmSync(join(directory, witness));
  writeFileSync(join(directory, `${witness}.new`), 'half');
  const journal = openIn(directory);
  carryOut(journal, 1);
  journal.close();
  assert.equal(Object.keys(fingerprints(directory)), [db, witness]);
});

test('a second gateway is told at once that the journal is in use, and disturbs nobody', () => {
  const directory = tempDir();
  const journal = openIn(directory);
  carryOut(journal, 1);
  const module = new URL('./support/fill-journal.ts', import.meta.url).href;
  const second = `import { openIn } from '${module}';
    try { openIn(${JSON.stringify(directory)}); } catch (error) { console.log(error.code, error.message); }`;
  const { stdout } = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', second], {
    encoding: 'utf8',
  });
  assert.match(
    stdout,
    /^journalLocked Another process has the journal open: .*journal\.db.* stop the other one/,
  );
  assert.throws(
    () => openIn(directory),
    (error: unknown) => isSwipeError(error, 'journalLocked'),
  );
  carryOut(journal, 2);
  journal.close();
  const next = openIn(directory);
  assert.is(next.find(idOf(2))?.stage, 'finished');
  next.close();
});

test('an older file goes through the steps that it lacks, each as a whole', () => {
  const directory = tempDir();
  openIn(directory).close();
  const connection = new Connection(join(directory, db));
  const version = (): unknown => connection.row('PRAGMA user_version')?.[0];
  const done = 'a step that ran long ago: not SQL';
  const add = 'CREATE TABLE extra (a INTEGER) STRICT';
  assert.throws(() => migrate(connection, 1, [done, `${add}; not SQL`]));
  assert.is(version(), 1);
  migrate(connection, 1, [done, add, 'DROP TABLE extra']);
  assert.is(version(), 3);
  assert.is(connection.row("SELECT count(*) FROM sqlite_schema WHERE name = 'extra'")?.[0], 0);
  connection.close();
  assert.not(existsSync(join(directory, wal)));
});

test.run();
