/** Whether a journal may be used at all is decided at the start, and a journal that may not stays as it was found. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'libsql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { JournalOptions } from '../gateway/journal/journal.ts';
import { type ErrorCode, isSwipeError, type SwipeError } from '../gateway/seams/error.ts';
import { accepted, carryOut, crashImage, fingerprints, idOf, openIn } from './support/fill-journal.ts';
import { tempDirs } from './support/temp.ts';

const test = suite('journal: start');
const tempDir = tempDirs(test);

const db = 'journal.db';
const wal = 'journal.db-wal';
const witness = 'journal.witness';

/** A journal of five operations and one that is open, closed cleanly or cut off. */
const images = {
  closed(): string {
    const directory = tempDir();
    write(directory).close();
    return directory;
  },
  cutOff(): string {
    const directory = tempDir();
    write(directory);
    return crashImage(directory, tempDir());
  },
};

function write(directory: string): ReturnType<typeof openIn> {
  const journal = openIn(directory);
  for (const n of [1, 2, 3, 4, 5]) carryOut(journal, n);
  journal.accept(accepted(6));
  return journal;
}

/** Opening fails with this code and these words, and changes no file. */
function stops(
  directory: string,
  code: ErrorCode,
  words: RegExp,
  change: Partial<JournalOptions> = {},
): void {
  const before = fingerprints(directory);
  let found: unknown;
  try {
    openIn(directory, change);
  } catch (error) {
    found = error;
  }
  assert.ok(
    isSwipeError(found, code),
    `${(found as SwipeError)?.code}: ${(found as Error)?.message}, not ${code}`,
  );
  assert.match((found as Error).message, words);
  assert.ok((found as Error).message.includes(directory), 'the file is named');
  assert.equal(fingerprints(directory), before);
}

/** Changes the database behind the journal's back. */
function alter(directory: string, sql: string): void {
  const database = new Database(join(directory, db));
  database.exec(sql);
  database.close();
}

function flip(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes[at] = (bytes[at] ?? 0) ^ 0x10;
  writeFileSync(path, bytes);
}

for (const [kind, image] of Object.entries(images)) {
  const stopsAfter = (
    name: string,
    spoil: (directory: string) => void,
    code: ErrorCode,
    words: RegExp,
    change?: Partial<JournalOptions>,
  ): void =>
    test(`${kind}: ${name}`, () => {
      const directory = image();
      spoil(directory);
      stops(directory, code, words, change);
    });
  const asItIs = (): void => {};
  const without =
    (...names: string[]) =>
    (directory: string): void => {
      for (const name of names) rmSync(join(directory, name), { force: true });
    };

  test(`${kind}: as it is, it opens with all that was written`, () => {
    const directory = image();
    const journal = openIn(directory);
    for (const n of [1, 2, 3, 4, 5]) assert.is(journal.find(idOf(n))?.result?.sequence, n);
    assert.equal(journal.open(), [accepted(6)]);
    carryOut(journal, 7);
    journal.close();
    assert.equal(Object.keys(fingerprints(directory)), [db, witness]);
  });

  stopsAfter('another box', asItIs, 'journalForeign', /box SW-7K3M9QXA2BCD.*box SW-OTHER/, {
    box: 'SW-OTHER',
  });
  stopsAfter('another machine', asItIs, 'journalForeign', /another machine/, { machine: '10000000cafe' });
  stopsAfter('a machine without a name', asItIs, 'journalForeign', /another machine/, { machine: null });
  stopsAfter('the journal is gone', without(db, wal), 'journalForgot', /journal is gone.*revision 15/);
  stopsAfter('the witness is gone', without(witness), 'journalForgot', /witness is gone.*revision 16/);
  stopsAfter('an empty file', (directory) => truncateSync(join(directory, db)), 'journalDamaged', /0 bytes/);
  stopsAfter(
    'no database at all',
    (directory) => writeFileSync(join(directory, db), 'text '.repeat(2000)),
    'journalDamaged',
    /SQLITE_NOTADB|not a journal/,
  );
  stopsAfter(
    'neither slot of the witness is whole',
    (directory) => {
      flip(join(directory, witness), 25);
      flip(join(directory, witness), 4096 + 25);
    },
    'journalDamaged',
    /neither of its two slots/,
  );
  stopsAfter(
    'the witness of another journal',
    (directory) => {
      const other = tempDir();
      openIn(other, { nowMs: 5 }).close();
      copyFileSync(join(other, witness), join(directory, witness));
    },
    'journalForgot',
    /witness is that of journal/,
  );
  stopsAfter(
    'an earlier copy of the journal, put back',
    (directory) => {
      const earlier = tempDir();
      const journal = openIn(earlier);
      carryOut(journal, 1);
      journal.close();
      rmSync(join(directory, wal), { force: true });
      copyFileSync(join(earlier, db), join(directory, db));
    },
    'journalForgot',
    /revision 3 with result 1.*revision 15 with result 5/,
  );
}

test('cutOff: the WAL is gone', () => {
  const directory = images.cutOff();
  rmSync(join(directory, wal));
  stops(directory, 'journalForgot', /revision 0 .*revision 15/);
});

test('cutOff: nothing but the WAL is left', () => {
  const directory = images.cutOff();
  for (const name of [db, witness]) rmSync(join(directory, name));
  stops(directory, 'journalForgot', /journal\.db-wal is left/);
});

test('cutOff: one flipped bit in the WAL makes SQLite drop later commits, and the witness tells', () => {
  for (const at of [20, 60, 3000, 40_000]) {
    const directory = images.cutOff();
    flip(join(directory, wal), at);
    stops(directory, 'journalForgot', /later commits are missing/);
  }
});

test('cutOff: what was refused stays as it is, also when the garbage collector comes by', () => {
  const directory = images.cutOff();
  const before = fingerprints(directory);
  const module = new URL('./support/fill-journal.ts', import.meta.url).href;
  const script = `import { openIn } from '${module}';
    try { openIn(${JSON.stringify(directory)}, { box: 'SW-OTHER' }); } catch (error) { console.log(error.code); }
    for (let turn = 0; turn < 5; turn += 1) {
      globalThis.gc();
      await new Promise((resolve) => setImmediate(resolve));
    }`;
  const { stdout } = spawnSync(
    process.execPath,
    ['--expose-gc', '--import', 'tsx', '--input-type=module', '-e', script],
    { encoding: 'utf8' },
  );
  assert.is(stdout, 'journalForeign\n');
  assert.equal(fingerprints(directory), before);
});

const alterations: readonly [string, string, ErrorCode, RegExp][] = [
  ['a newer version', 'PRAGMA user_version = 99', 'journalNewer', /version 99.*up to 1/],
  ["another program's database", 'PRAGMA application_id = 1', 'journalDamaged', /not a journal of Swipe/],
  [
    'an altered counter',
    'UPDATE meta SET trusted_ms = 9',
    'journalDamaged',
    /checksum of row 1 in table meta/,
  ],
  ['no counters', 'DELETE FROM meta', 'journalDamaged', /table meta is empty/],
  [
    'an altered row',
    "UPDATE operations SET kid = 'x' WHERE number = 3",
    'journalDamaged',
    /row 3 in table operations/,
  ],
  [
    'a missing result',
    'DELETE FROM results WHERE sequence = 5',
    'journalDamaged',
    /newest result: found 4, expected 5/,
  ],
  [
    'an altered result',
    "UPDATE results SET payload = '{}' WHERE sequence = 2",
    'journalDamaged',
    /row 2 in table results/,
  ],
  [
    'a lost undelivered result',
    'UPDATE results SET delivered = 2 WHERE sequence = 2',
    'journalDamaged',
    /undelivered/,
  ],
  [
    'a lost open operation',
    "UPDATE operations SET stage = 'finished' WHERE number = 6",
    'journalDamaged',
    /row 6/,
  ],
  [
    'a gap in the numbers',
    'PRAGMA foreign_keys = OFF; DELETE FROM operations WHERE number = 3',
    'journalDamaged',
    /operation 3 is missing/,
  ],
];
for (const [name, sql, code, words] of alterations)
  test(`closed: ${name}`, () => {
    const directory = images.closed();
    alter(directory, sql);
    stops(directory, code, words);
  });

test('one bad slot: the other one decides, and the next start writes the bad one anew', () => {
  for (const at of [0, 4096]) {
    const directory = images.closed();
    flip(join(directory, witness), at + 10);
    openIn(directory).close();
    flip(join(directory, witness), 4096 - at + 10);
    openIn(directory).close();
  }
});

test.run();
