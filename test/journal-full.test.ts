/** No room, or a disk that takes nothing: nothing is changed, and what runs already still gets its outcome. */
import { spawnSync } from 'node:child_process';
import { fdatasyncSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readWitness } from '../gateway/journal/witness.ts';
import type { Journal, OperationRecord } from '../gateway/payments/journal-port.ts';
import { isStorageFull } from '../gateway/seams/error.ts';
import { MemoryJournal } from '../gateway/simulators/journal.ts';
import {
  accepted,
  carryOut,
  crashImage,
  finished,
  idOf,
  openIn,
  running,
  untold,
} from './support/fill-journal.ts';
import { startMs } from './support/records.ts';
import { tempDirs } from './support/temp.ts';

const test = suite('journal: full');
const tempDir = tempDirs(test);

const full = (run: () => unknown): void => assert.throws(run, isStorageFull);

/** All that can be seen of a journal. */
const seen = (journal: Journal): unknown => [
  journal.latest(1000),
  journal.open(),
  journal.undelivered(0, 1000),
  journal.latestTrustedMs(),
  journal.note('terminal'),
];

test('a database that may not grow: each write is refused as a whole, and goes through when there is room', () => {
  const directory = tempDir();
  const small = openIn(directory, { maxPages: 40 });
  let n = 0;
  let before: unknown;
  const big = 'x'.repeat(2000);
  try {
    for (;;) {
      n += 1;
      before = seen(small);
      small.accept(accepted(n, { contentHash: big }));
      assert.ok(n < 500, 'it fills up');
    }
  } catch (error) {
    if (!isStorageFull(error)) throw error;
    assert.match((error as Error).message, /SQLITE_FULL.*Nothing was recorded/);
  }
  assert.equal(seen(small), before);
  const record = accepted(1, { contentHash: big });
  const long: OperationRecord = {
    ...running(record),
    start: { ...running(record).start, terminal: big.repeat(9) } as never,
  };
  full(() => small.start(long));
  full(() => small.tell(finished(long), untold(record, { receipt: big.repeat(9) })));
  full(() => small.setNote('terminal', big.repeat(9)));
  assert.equal(seen(small), before);
  small.close();

  const roomy = openIn(directory);
  assert.equal(seen(roomy), before);
  roomy.accept(accepted(n, { contentHash: big }));
  roomy.start(long);
  assert.is(roomy.tell(finished(long), untold(record)).result?.sequence, 1);
  roomy.close();
  const again = openIn(directory);
  assert.is(again.latest(1)[0]?.id, idOf(n));
  again.close();
});

test('in memory: a full disk changes nothing either', () => {
  const journal = new MemoryJournal({ createdAtMs: startMs });
  journal.accept(accepted(1));
  journal.accept(accepted(2));
  journal.start(running(accepted(2)));
  const before = seen(journal);
  journal.isFull = true;
  full(() => journal.accept(accepted(3)));
  full(() => journal.start(running(accepted(1))));
  full(() => journal.update({ ...running(accepted(2)), abortSent: true }));
  full(() => journal.tell(finished(running(accepted(2))), untold(accepted(2))));
  full(() => journal.setNote('terminal', 'text'));
  full(() => journal.noteTrustedTime(startMs, 'atOnce'));
  assert.equal(seen(journal), before);
  journal.isFull = false;
  assert.is(journal.tell(finished(running(accepted(2))), untold(accepted(2))).result?.sequence, 1);
});

test('in memory: a crash loses what waited for the next record, and nothing else', () => {
  const journal = new MemoryJournal({ createdAtMs: startMs });
  const told = journal.tell(finished(accepted(1)), untold(accepted(1)));
  journal.delivered(1);
  journal.noteTrustedTime(startMs, 'withNextRecord');
  assert.equal(journal.undelivered(0, 9), []);
  journal.crash();
  assert.is(journal.undelivered(0, 9).length, 1);
  assert.is(journal.latestTrustedMs(), 0);
  assert.equal(journal.find(idOf(1)), told);
});

test('below the reserve nothing new is accepted, and what runs goes on', () => {
  let freeBytes = 8 * 1024 * 1024;
  const journal = openIn(tempDir(), { freeBytes: () => freeBytes });
  journal.accept(accepted(1));
  freeBytes -= 1;
  full(() => journal.accept(accepted(2)));
  assert.is(journal.find(idOf(2)), null);
  journal.start(running(accepted(1)));
  journal.update({ ...running(accepted(1)), abortSent: true });
  journal.tell(finished(running(accepted(1))), untold(accepted(1)));
  journal.tell(finished(accepted(3)), untold(accepted(3), { outcome: 'refused' }));
  freeBytes += 1;
  journal.accept(accepted(2));
  journal.close();
});

test('the file system itself refuses to write: storageFull, and the journal goes on with what it has', () => {
  const directory = tempDir();
  const journal = openIn(directory);
  carryOut(journal, 1);
  journal.close();
  const module = new URL('./support/fill-journal.ts', import.meta.url).href;
  const script = `import { carryOut, openIn } from '${module}';
    const journal = openIn(${JSON.stringify(directory)});
    let n = 1;
    try { for (;;) carryOut(journal, ++n); } catch (error) { console.log(error.code, n, journal.latest(1000).length); }
    try { journal.flush(); carryOut(journal, n + 1); } catch (error) { console.log(error.code); }
    console.log(journal.latest(1000).filter(({ stage }) => stage === 'finished').length);`;
  // A limit on the size of any file (in blocks of 512 bytes or 1 KiB): writing beyond fails with EFBIG.
  const { stdout, stderr } = spawnSync(
    '/bin/sh',
    [
      '-c',
      'ulimit -f 200; exec "$0" "$@"',
      process.execPath,
      '--import',
      'tsx',
      '--input-type=module',
      '-e',
      script,
    ],
    { encoding: 'utf8' },
  );
  const [first, second, third] = stdout.split('\n');
  assert.match(first ?? '', /^storageFull \d+ \d+$/, stderr);
  assert.is(second, 'storageFull');
  const completed = Number(first?.split(' ')[1]) - 1;
  assert.is(Number(third), completed);
  const after = openIn(directory);
  assert.is(after.latest(1000).filter(({ stage }) => stage === 'finished').length, completed);
  carryOut(after, 900);
  after.close();
});

/** A journal whose witness can be made to fail. */
function withFailingWitness(): {
  directory: string;
  journal: ReturnType<typeof openIn>;
  fail(does: boolean): void;
} {
  const directory = tempDir();
  let fails = false;
  const syncWitness = (descriptor: number): void => {
    if (fails) throw Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO' });
    fdatasyncSync(descriptor);
  };
  const journal = openIn(directory, { syncWitness });
  return {
    directory,
    journal,
    fail(does) {
      fails = does;
    },
  };
}

test('the witness cannot be written at a start: nothing may be sent, and the operation is as before', () => {
  const { directory, journal, fail } = withFailingWitness();
  journal.accept(accepted(1));
  fail(true);
  full(() => journal.start(running(accepted(1))));
  assert.equal(journal.find(idOf(1)), accepted(1));
  full(() => journal.accept(accepted(2)));
  full(() => journal.start(running(accepted(1))));
  const image = openIn(crashImage(directory, tempDir()));
  assert.equal(image.open(), [accepted(1)], 'a restart at this moment finds it unstarted');
  image.close();
  fail(false);
  journal.start(running(accepted(1)));
  journal.accept(accepted(2));
  journal.close();
});

test('the witness cannot be written at an outcome: the outcome stands, and nothing new starts until it can', () => {
  const { directory, journal, fail } = withFailingWitness();
  journal.accept(accepted(1));
  journal.accept(accepted(2));
  journal.start(running(accepted(1)));
  fail(true);
  const told = journal.tell(finished(running(accepted(1))), untold(accepted(1)));
  assert.is(told.result?.sequence, 1);
  assert.equal(journal.find(idOf(1)), told);
  full(() => journal.accept(accepted(3)));
  full(() => journal.start(running(accepted(2))));
  fail(false);
  journal.start(running(accepted(2)));
  assert.is(readWitness(join(directory, 'journal.witness')).testimony.sequence, 1);
  journal.close();
});

test.run();
