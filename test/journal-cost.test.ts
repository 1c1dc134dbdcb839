/** A start costs what the open work costs, however many operations are finished. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Connection } from '../gateway/journal/connection.ts';
import { startSample } from '../gateway/journal/start-checks.ts';
import { startQueries, statements } from '../gateway/journal/statements.ts';
import { fillJournal, openIn } from './support/fill-journal.ts';
import { tempDirs } from './support/temp.ts';

const test = suite('journal: cost');
const tempDir = tempDirs(test);

test('no query walks over all rows', () => {
  const directory = tempDir();
  openIn(directory).close();
  const connection = new Connection(join(directory, 'journal.db'));
  // A walk over the open work is what it is for; one that stops at the first row costs one row.
  const bounded = /INDEX (operations_open|results_undelivered)\b/;
  for (const sql of [...new Set([...startQueries, ...statements])]) {
    const plan = connection.rows(`EXPLAIN QUERY PLAN ${sql}`).map((row) => String(row[3]));
    for (const step of plan) {
      const isFirstRowOnly = step.startsWith('SCAN') && sql.endsWith('LIMIT 1');
      assert.ok(step.startsWith('SEARCH') || bounded.test(step) || isFirstRowOnly, `${sql}: ${step}`);
      assert.not.match(step, /TEMP B-TREE/);
    }
  }
  connection.close();
});

/** Bytes that this process has asked the system for (proc(5), /proc/self/io), which no cache hides. */
function bytesRead(run: () => void): number {
  const count = (): number => Number(/rchar: (\d+)/.exec(readFileSync('/proc/self/io', 'utf8'))?.[1]);
  const before = count();
  run();
  return count() - before;
}

// Only Linux counts what a process reads.
const onLinux = existsSync('/proc/self/io');
if (!onLinux) process.stdout.write('skipped: needs Linux (/proc/self/io) - a start reads as much\n');

(onLinux ? test : test.skip)('a start reads as much with 8,000 operations as with 800', () => {
  const cost = (operations: number): number => {
    const directory = tempDir();
    fillJournal(directory, operations);
    let journal: ReturnType<typeof openIn> | undefined;
    const bytes = bytesRead(() => {
      journal = openIn(directory);
    });
    assert.is(journal?.latest(1).length, 1);
    journal?.close();
    return bytes;
  };
  const few = cost(800);
  const many = cost(8000);
  assert.ok(few > startSample * 500, 'the newest are read');
  assert.ok(many < few * 1.2, `${few} bytes with 800, ${many} with 8,000`);
});

test.run();
