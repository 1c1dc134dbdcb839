/** Whatever byte of a journal goes bad: it starts with all that was synced, or it stops and says why. */
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Connection } from '../gateway/journal/connection.ts';
import type { OperationRecord } from '../gateway/payments/journal-port.ts';
import { isSwipeError, type SwipeError } from '../gateway/seams/error.ts';
import {
  accepted,
  carryOut,
  crashImage,
  fillJournal,
  fingerprints,
  idOf,
  openIn,
  running,
  untold,
} from './support/fill-journal.ts';
import { paymentCommand } from './support/records.ts';
import { tempDirs } from './support/temp.ts';

const test = suite('journal: damage');
const tempDir = tempDirs(test);

/** What was written, and synced, before the damage. */
interface Written {
  directory: string;
  records: OperationRecord[];
}

function written(cutOff: boolean): Written {
  const directory = tempDir();
  const journal = openIn(directory);
  const records = [1, 2, 3, 4, 5, 6].map((n) => carryOut(journal, n));
  journal.setNote('terminal', 'S1260S6Y');
  journal.accept(accepted(7));
  journal.start(running(accepted(7)));
  const unknown = { ...running(accepted(7)), stage: 'unresolved' } as const;
  records.push(journal.tell(unknown, untold(accepted(7), { outcome: 'unknown' })));
  if (!cutOff) journal.close();
  return { directory: cutOff ? crashImage(directory, tempDir()) : directory, records };
}

/** Opens a damaged copy. Whether it started; if it did not, nothing was touched. */
function starts({ directory, records }: Written, spoil: (copy: string) => void, what: string): boolean {
  const copy = crashImage(directory, tempDir());
  spoil(copy);
  const before = fingerprints(copy);
  let journal: ReturnType<typeof openIn>;
  try {
    journal = openIn(copy);
  } catch (error) {
    const { code, message } = error as SwipeError;
    assert.ok(/^journal(Damaged|Forgot|Newer|Foreign)$/.test(code), `${what}: ${code} ${message}`);
    assert.equal(fingerprints(copy), before, `${what}: ${code}`);
    return false;
  }
  for (const record of records) assert.equal(journal.find(record.id), record, what);
  assert.equal(
    journal.open().map(({ id }) => id),
    [idOf(7)],
    what,
  );
  assert.equal(
    journal.undelivered(0, 10).map(({ sequence }) => sequence),
    [1, 2, 3, 4, 5, 6, 7],
    what,
  );
  assert.ok([null, 'S1260S6Y'].includes(damagedAsNull(() => journal.note('terminal'))), what);
  journal.close();
  return true;
}

function damagedAsNull<Answer>(read: () => Answer): Answer | null {
  try {
    return read();
  } catch (error) {
    if (isSwipeError(error, 'journalDamaged')) return null;
    throw error;
  }
}

const flipAt = (path: string, at: number): void => {
  const bytes = readFileSync(path);
  bytes[at] = (bytes[at] ?? 0) ^ (1 << (at % 8));
  writeFileSync(path, bytes);
};

for (const [kind, cutOff, file, cases] of [
  ['the database, cleanly closed', false, 'journal.db', 160],
  ['the database after a crash', true, 'journal.db', 20],
  ['the WAL after a crash', true, 'journal.db-wal', 120],
] as const) {
  test(`a flipped bit in ${kind}`, () => {
    const image = written(cutOff);
    const { length } = readFileSync(join(image.directory, file));
    let stopped = 0;
    for (let k = 0; k < cases; k += 1) {
      const at = Math.floor((k * length) / cases) + (k % 7);
      if (!starts(image, (copy) => flipAt(join(copy, file), at), `bit ${at % 8} of byte ${at}`)) stopped += 1;
    }
    // After a crash the WAL covers every page of the database, so that nothing there counts.
    assert.is(stopped > 0, !cutOff || file === 'journal.db-wal', `${stopped} stops`);
  });

  test(`a cut in ${kind}`, () => {
    const image = written(cutOff);
    const { length } = readFileSync(join(image.directory, file));
    for (let k = 0; k < 24; k += 1) {
      const size = Math.floor((k * length) / 24);
      starts(image, (copy) => truncateSync(join(copy, file), size), `cut to ${size} bytes`);
    }
  });
}

test('every byte of the header of a closed database', () => {
  const image = written(false);
  for (let at = 0; at < 100; at += 1)
    starts(image, (copy) => flipAt(join(copy, 'journal.db'), at), `byte ${at} of the header`);
});

test('a flipped bit in one slot of the witness never stops the start', () => {
  const image = written(true);
  for (let at = 0; at < 60; at += 3)
    for (const slot of [0, 4096])
      assert.ok(starts(image, (copy) => flipAt(join(copy, 'journal.witness'), slot + at), `slot byte ${at}`));
});

test('a bad bit in the index of ids hides no operation: none is taken for new', () => {
  const directory = tempDir();
  const count = 300;
  fillJournal(directory, count);
  const bytes = readFileSync(join(directory, 'journal.db'));
  const records = new Map(
    openIn(directory)
      .latest(count)
      .map((record) => [record.id, record]),
  );
  // A leaf of an index begins with 10 (sqlite.org/fileformat2.html §1.6); this one holds ids.
  const leaf = Array.from({ length: bytes.length / 4096 }, (_, page) => page * 4096).find(
    (at) => bytes[at] === 10 && bytes.subarray(at, at + 4096).includes(idOf(5)),
  );
  assert.ok(leaf !== undefined);
  let found = 0;
  for (let k = 0; k < 200; k += 1) {
    // Its first 100 bytes tell where the entries are, its last ones are entries.
    const at = leaf + (k < 100 ? k : 4095 - (k - 100) * 7);
    const copy = crashImage(directory, tempDir());
    flipAt(join(copy, 'journal.db'), at);
    try {
      const journal = openIn(copy);
      for (const [id, record] of records) assert.equal(journal.find(id), record, `byte ${at - leaf}: ${id}`);
      journal.close();
    } catch (error) {
      if (!isSwipeError(error, 'journalDamaged')) throw error;
      found += 1;
    }
  }
  assert.ok(found > 50, `${found} found`);
});

test('a page that SQLite has found malformed is not read again as if it were sound', () => {
  const directory = tempDir();
  fillJournal(directory, 700);
  const path = join(directory, 'journal.db');
  const bytes = readFileSync(path);
  // The pointer to an entry of a leaf of table `operations`: SQLite notices, but only once.
  const leaf = Array.from({ length: bytes.length / 4096 }, (_, page) => page * 4096).find(
    (at) => bytes[at] === 13 && bytes.subarray(at, at + 4096).includes(`hash-${300}`),
  );
  assert.ok(leaf !== undefined);
  bytes[leaf + 12] = (bytes[leaf + 12] ?? 0) ^ 0x10;
  writeFileSync(path, bytes);
  const journal = openIn(directory);
  const refuses = (call: () => unknown): void =>
    assert.throws(call, (error: unknown) => isSwipeError(error, 'journalDamaged'));
  const errors = Array.from({ length: 700 }, (_, n) => n + 1).filter((n) => {
    try {
      return journal.find(idOf(n))?.id !== idOf(n);
    } catch {
      return true;
    }
  });
  assert.ok(errors.length > 0);
  refuses(() => journal.find(idOf(1)));
  refuses(() => journal.accept(accepted(701)));
});

test('after an error a statement answers for its new values', () => {
  const connection = new Connection(join(tempDir(), 'other.db'));
  const sql = 'SELECT json(?)';
  for (let times = 0; times < 2; times += 1) {
    assert.throws(() => connection.row(sql, '{'), /malformed JSON/);
    assert.equal(connection.row(sql, '{}'), ['{}']);
  }
  connection.close();
});

test('what lies deeper is found by the nightly run, and by whoever asks for it', () => {
  const directory = tempDir();
  fillJournal(directory, 700);
  const sound = openIn(directory);
  const carriedOn = carryOut(sound, 701);
  let rounds = 0;
  let checked = 0;
  while (rounds < 2) {
    const step = sound.verifyStep(100);
    assert.ok(step.checked <= 100);
    checked += step.checked;
    if (step.roundComplete) rounds += 1;
  }
  assert.is(checked, 2 * 2 * 701, 'every operation and every result, twice');
  assert.equal(sound.find(idOf(701)), carriedOn);
  sound.close();

  for (const [sql, words] of [
    ["UPDATE operations SET kid = 'another' WHERE number = 9", /row 9 in table operations/],
    ['PRAGMA foreign_keys = OFF; DELETE FROM operations WHERE number = 9', /from 9 to 9 are missing/],
    ['UPDATE results SET payload = payload || 1 WHERE sequence = 9', /row 9 in table results/],
    ['UPDATE results SET delivered = 8 WHERE sequence = 9', /delivery mark of row 9/],
    ['DELETE FROM results WHERE sequence = 9', /result 9, which is not its own/],
  ] as const) {
    const copy = crashImage(directory, tempDir());
    const connection = new Connection(join(copy, 'journal.db'));
    connection.execute(sql);
    connection.close();
    const journal = openIn(copy);
    const wholeRound = (): void => {
      while (!journal.verifyStep(64).roundComplete);
    };
    assert.throws(
      wholeRound,
      (error: unknown) => isSwipeError(error, 'journalDamaged') && words.test(error.message),
    );
    if (sql.startsWith('UPDATE operations'))
      assert.throws(
        () => journal.find(idOf(9)),
        (error: unknown) => isSwipeError(error, 'journalDamaged'),
      );
    journal.close();
  }
});

test('the nightly run finds a bad index of reversals', () => {
  const directory = tempDir();
  const journal = openIn(directory);
  carryOut(journal, 1);
  const { amount: _amount, ...rest } = paymentCommand as typeof paymentCommand & { amount: number };
  const command = { ...rest, type: 'reversal', id: idOf(2), operation: idOf(1) } as const;
  journal.accept(accepted(2, { type: 'reversal', command }));
  journal.close();
  const path = join(directory, 'journal.db');
  const bytes = readFileSync(path);
  const page = Array.from({ length: bytes.length / 4096 }, (_, at) =>
    bytes.subarray(at * 4096, at * 4096 + 4096),
  ).find((one) => one[0] === 10 && one.includes(idOf(1)) && !one.includes(idOf(2)));
  assert.ok(page !== undefined);
  page[page.indexOf(idOf(1)) + 5] = 0x58;
  writeFileSync(path, bytes);
  const damaged = openIn(directory);
  assert.throws(() => {
    while (!damaged.verifyStep(64).roundComplete);
  }, /index of reversals does not know operation 2/);
  damaged.close();
});

test('the nightly run is not disturbed by what comes and goes', () => {
  const directory = tempDir();
  fillJournal(directory, 50);
  const journal = openIn(directory);
  for (let n = 51; n <= 60; n += 1) {
    journal.verifyStep(7);
    carryOut(journal, n);
    if (n === 55) assert.is(journal.prune(Date.UTC(2027, 0)), 50);
  }
  while (!journal.verifyStep(7).roundComplete);
  journal.close();
});

test.run();
