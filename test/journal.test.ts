/** What both journals must do alike: the one on disk and the one in memory. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Journal, OperationRecord } from '../gateway/payments/journal-port.ts';
import { isSwipeError } from '../gateway/seams/error.ts';
import { MemoryJournal } from '../gateway/simulators/journal.ts';
import { accepted, finished, idOf, openIn, running, untold } from './support/fill-journal.ts';
import { paymentCommand, startMs } from './support/records.ts';
import { tempDirs } from './support/temp.ts';

const test = suite('journal');
const tempDir = tempDirs(test);

interface Bench {
  journal: Journal;
  /** Closes it and gives the journal of the next start. */
  reopen(): Journal;
}

const kinds: Record<string, () => Bench> = {
  'on disk'() {
    const directory = tempDir();
    let journal = openIn(directory);
    return {
      journal,
      reopen() {
        journal.close();
        journal = openIn(directory);
        return journal;
      },
    };
  },
  'in memory'() {
    const journal = new MemoryJournal({ createdAtMs: startMs });
    return {
      journal,
      reopen() {
        journal.close();
        return journal;
      },
    };
  },
};

const misused = (run: () => unknown): void =>
  assert.throws(run, (error: unknown) => isSwipeError(error, 'journalMisuse'));

/** Accepts, starts and tells the n-th operation. */
function complete(journal: Journal, n: number, finishedAtMs?: number): OperationRecord {
  const record = accepted(n);
  journal.accept(record);
  journal.start(running(record));
  const finishedAt = finishedAtMs === undefined ? {} : { finishedAt: new Date(finishedAtMs).toISOString() };
  return journal.tell(finished(running(record)), untold(record, finishedAt));
}

for (const [kind, make] of Object.entries(kinds)) {
  const both = (name: string, run: (bench: Bench) => void): void =>
    test(`${kind}: ${name}`, () => {
      const bench = make();
      run(bench);
      bench.reopen().close();
    });

  both('a new journal knows nothing', ({ journal }) => {
    assert.is(journal.createdAtMs, startMs);
    assert.is(journal.find(idOf(1)), null);
    assert.is(journal.resultOf(idOf(1)), null);
    assert.is(journal.note('terminal'), null);
    assert.is(journal.latestTrustedMs(), 0);
    assert.equal([journal.open(), journal.latest(10), journal.undelivered(0, 10)], [[], [], []]);
  });

  both('an operation is what was last written of it, also after a restart', ({ journal, reopen }) => {
    const record = accepted(1);
    journal.accept(record);
    assert.equal(journal.find(record.id), record);
    const broken: OperationRecord = {
      ...running(record),
      abortSent: true,
      lastContactMs: startMs + 5,
      broken: { atMs: startMs + 6, cause: 'linkLost' },
      stage: 'recovering',
    };
    journal.start(running(record));
    assert.equal(journal.find(record.id), running(record));
    journal.update(broken);
    assert.equal(journal.find(record.id), broken);
    const told = journal.tell(finished(broken), untold(record));
    assert.equal(told, { ...finished(broken), result: { ...untold(record), sequence: 1 } });
    assert.equal(journal.find(record.id), told);
    assert.equal(reopen().find(record.id), told);
  });

  both('sequences have no gaps, and a result is told as it stands', ({ journal, reopen }) => {
    for (const n of [1, 2, 3]) complete(journal, n);
    const after = reopen();
    complete(after, 4);
    const all = after.undelivered(0, 10);
    assert.equal(
      all.map(({ sequence, id, kid }) => [sequence, id, kid]),
      [1, 2, 3, 4].map((n) => [n, idOf(n), 'shop']),
    );
    assert.equal(JSON.parse(all[2]?.payload ?? ''), { ...untold(accepted(3)), sequence: 3 });
    assert.equal(after.resultOf(idOf(3)), all[2]);
    assert.equal(
      after.undelivered(1, 2).map(({ sequence }) => sequence),
      [2, 3],
    );
  });

  both('an unknown outcome may become final once, with a sequence of its own', ({ journal, reopen }) => {
    const record = accepted(1);
    journal.accept(record);
    journal.start(running(record));
    const open = { ...running(record), stage: 'unresolved' } as const;
    const unknown = journal.tell(open, untold(record, { outcome: 'unknown' }));
    journal.update({ ...unknown, exhausted: true });
    const later = reopen();
    const [found] = later.open();
    assert.equal(found, { ...unknown, exhausted: true });
    const final = later.tell(finished(found as OperationRecord), untold(record));
    assert.is(final.result?.sequence, 2);
    assert.is(later.resultOf(record.id)?.sequence, 2);
    assert.is(later.undelivered(0, 10).length, 2);
    assert.equal(later.open(), []);
    misused(() => later.tell(final, untold(record, { outcome: 'failed' })));
    misused(() => later.update({ ...final, stage: 'recovering' }));
    assert.equal(later.find(record.id), final);
  });

  both('open operations come oldest first, the latest newest first', ({ journal, reopen }) => {
    for (const n of [1, 2, 3]) journal.accept(accepted(n));
    journal.accept(accepted(4, { stage: 'refusedAhead', command: null, contentHash: '', type: 'abort' }));
    journal.start(running(accepted(2)));
    journal.tell(finished(accepted(1)), untold(accepted(1), { outcome: 'refused' }));
    const ids = (records: OperationRecord[]): string[] => records.map(({ id }) => id);
    for (const start of [() => journal, reopen]) {
      const each = start();
      assert.equal(ids(each.open()), [idOf(2), idOf(3)]);
      assert.equal(ids(each.latest(3)), [idOf(4), idOf(3), idOf(2)]);
      assert.equal(each.latest(0), []);
    }
  });

  both('an id that was refused ahead takes the command that comes later', ({ journal }) => {
    journal.accept(accepted(1, { stage: 'refusedAhead', command: null, contentHash: '', type: 'unknown' }));
    const record = accepted(1, { acceptedAtMs: startMs + 9 });
    const told = journal.tell(finished(record), untold(record, { outcome: 'refused' }));
    assert.equal(journal.find(idOf(1)), told);
    assert.is(told.contentHash, 'hash-1');
  });

  both('a refusal is told of an operation that was never accepted', ({ journal }) => {
    const told = journal.tell(finished(accepted(1)), untold(accepted(1), { outcome: 'refused' }));
    assert.equal(journal.find(idOf(1)), told);
    assert.equal(journal.open(), []);
  });

  both('reversals are found by their original', ({ journal, reopen }) => {
    const { amount: _amount, ...rest } = paymentCommand as typeof paymentCommand & { amount: number };
    const reversal = (n: number, operation: string): OperationRecord =>
      accepted(n, { type: 'reversal', command: { ...rest, type: 'reversal', id: idOf(n), operation } });
    journal.accept(accepted(1));
    for (const [n, original] of [
      [2, 1],
      [3, 9],
      [4, 1],
    ] as const)
      journal.accept(reversal(n, idOf(original)));
    for (const start of [() => journal, reopen])
      assert.equal(
        start()
          .reversalsOf(idOf(1))
          .map(({ id }) => id),
        [idOf(2), idOf(4)],
      );
  });

  both('what is delivered is not told again', ({ journal, reopen }) => {
    for (const n of [1, 2, 3]) complete(journal, n);
    journal.delivered(2);
    journal.delivered(2);
    journal.delivered(77);
    const sequences = (each: Journal): number[] => each.undelivered(0, 2).map(({ sequence }) => sequence);
    assert.equal(sequences(journal), [1, 3]);
    complete(journal, 4);
    assert.equal(sequences(journal), [1, 3]);
    assert.equal(sequences(reopen()), [1, 3]);
  });

  both('the trusted time only grows, and goes with the next record', ({ journal, reopen }) => {
    journal.noteTrustedTime(startMs, 'withNextRecord');
    assert.is(journal.latestTrustedMs(), 0, 'not on disk yet');
    journal.accept(accepted(1));
    assert.is(journal.latestTrustedMs(), startMs);
    journal.noteTrustedTime(startMs - 1, 'atOnce');
    assert.is(journal.latestTrustedMs(), startMs);
    journal.noteTrustedTime(startMs + 1, 'atOnce');
    assert.is(journal.latestTrustedMs(), startMs + 1);
    journal.noteTrustedTime(startMs + 2, 'withNextRecord');
    assert.is(reopen().latestTrustedMs(), startMs + 2, 'a clean close writes what waits');
  });

  both('notes outlive a restart, whatever their text', ({ journal, reopen }) => {
    const text = 'термінал "S1260S6Y"\u0000\ud800\n';
    journal.setNote('terminal', 'before');
    journal.setNote('terminal', text);
    assert.is(journal.note('terminal'), text);
    assert.is(reopen().note('terminal'), text);
    misused(() => journal.setNote('', 'text'));
    misused(() => journal.setNote('terminal', 'x'.repeat(65_537)));
  });

  both('nobody outside can change what stands', ({ journal }) => {
    const record = structuredClone(running(accepted(1)));
    journal.accept(accepted(1));
    journal.start(record);
    const told = journal.tell(finished(record), untold(record));
    const before = structuredClone(told);
    for (const each of [record, told, journal.find(idOf(1)), journal.latest(1)[0]]) {
      (each?.start as { atMs: number }).atMs = 1;
      (each as OperationRecord).abortSent = true;
    }
    (told.result as { outcome: string }).outcome = 'declined';
    assert.equal(journal.find(idOf(1)), before);
  });

  both('what the state does not allow is refused and changes nothing', ({ journal }) => {
    const record = accepted(1);
    misused(() => journal.start(running(record)));
    misused(() => journal.update(record));
    misused(() => journal.accept(running(record)));
    journal.accept(record);
    misused(() => journal.accept(record));
    misused(() => journal.start(record));
    misused(() => journal.update({ ...record, contentHash: 'another' }));
    misused(() => journal.update({ ...record, kid: 'another' }));
    misused(() => journal.update(finished(record)));
    misused(() => journal.update({ ...record, result: { ...untold(record), sequence: 1 } }));
    misused(() => journal.tell(finished(record), untold(accepted(2))));
    misused(() => journal.tell(record, untold(record)));
    assert.equal(journal.find(record.id), record);
    assert.equal(journal.undelivered(0, 10), []);
    journal.start(running(record));
    misused(() => journal.start(running(record)));
  });

  both('pruning forgets what is old, final and told, and numbering goes on', ({ journal, reopen }) => {
    for (const n of [1, 2, 3, 4, 5, 6]) complete(journal, n, startMs + n * 1000);
    journal.accept(accepted(7));
    journal.accept(accepted(8, { stage: 'refusedAhead', command: null, contentHash: '' }));
    journal.accept(accepted(9, { stage: 'refusedAhead', command: null, contentHash: '' }));
    for (const sequence of [1, 2, 4, 5, 6]) journal.delivered(sequence);
    assert.is(journal.prune(startMs), 0);
    assert.is(journal.prune(startMs + 5000), 3, 'not 3, which is untold, nor 5, which ended too late');
    assert.is(journal.prune(startMs + 60_000), 2, '5 and 8; not 6 and 9, the newest, nor 7, which is open');
    const left = (each: Journal): string[] => each.latest(20).map(({ id }) => id);
    assert.equal(left(journal), [9, 7, 6, 3].map(idOf));
    assert.is(journal.find(idOf(1)), null);
    assert.is(journal.resultOf(idOf(1)), null);
    const after = reopen();
    assert.equal(left(after), [9, 7, 6, 3].map(idOf));
    assert.is(complete(after, 10).result?.sequence, 7);
  });
}

test.run();
