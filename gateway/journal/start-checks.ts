/** What is verified at every start, at a cost that depends on the open work alone. */
import type { OperationRow } from './codec.ts';
import { isOpen } from './codec.ts';
import type { Connection } from './connection.ts';
import { damaged, forgot } from './faults.ts';
import type { Meta } from './meta.ts';
import type { Records } from './records.ts';
import { numberQueries, operationQueries, resultQueries } from './statements.ts';
import type { Testimony } from './witness.ts';

/** How many of the newest operations, and of the undelivered results, are read at a start. */
export const startSample = 256;

/** Holds the database's own counters against what the witness proves. Throws `journalForgot`. */
export function checkAgainstWitness(path: string, meta: Meta, { journal, ...proven }: Testimony): void {
  if (journal !== meta.journal)
    throw forgot(path, `it is journal ${meta.journal}, and its witness is that of journal ${journal}`);
  if (meta.revision >= proven.revision && meta.lastSequence >= proven.sequence) return;
  throw forgot(
    path,
    `it ends at revision ${meta.revision} with result ${meta.lastSequence}, and its witness proves revision ` +
      `${proven.revision} with result ${proven.sequence}; later commits are missing`,
  );
}

/** Holds the row that the witness names against it. Throws `journalForgot`. */
export function checkWitnessedRow(path: string, records: Records, proven: Testimony): void {
  if (proven.number === 0) return;
  const row = records.operation(operationQueries.byNumber, proven.number);
  if (row !== null && row.revision >= proven.revision) return;
  throw forgot(
    path,
    `operation ${proven.number} stands ${row === null ? 'nowhere' : `at revision ${row.revision}`}, and its witness ` +
      `proves revision ${proven.revision}`,
  );
}

/** Checks the newest and the open rows, and that the indices agree with them. Throws `journalDamaged`. */
export function checkRows(connection: Connection, records: Records, meta: Meta): void {
  const { path } = connection;
  const expect = (what: string, found: number, expected: number): void => {
    if (found !== expected) throw damaged(path, `${what}: found ${found}, expected ${expected}`);
  };
  const check = (row: OperationRow): void => {
    if (row.revision > meta.revision)
      throw damaged(
        path,
        `operation ${row.number} is of revision ${row.revision}, the journal ends at ${meta.revision}`,
      );
    expect(
      `the number of operation ${row.number} in the index of ids`,
      records.number(numberQueries.numberOfId, row.record.id) ?? 0,
      row.number,
    );
  };

  expect('the auto_vacuum flag', records.number('PRAGMA auto_vacuum') ?? 0, 0);
  expect('the newest operation', records.number(numberQueries.newestNumber) ?? 0, meta.lastNumber);
  expect('the newest result', records.number(numberQueries.newestSequence) ?? 0, meta.lastSequence);
  if (meta.lastSequence > 0)
    expect('the newest result', records.results(resultQueries.bySequence, meta.lastSequence).length, 1);

  const floor = Math.max(meta.lastNumber - startSample, 0);
  let expected = meta.lastNumber;
  for (const row of records.operations(operationQueries.newestAfter, floor, startSample)) {
    // Pruning leaves gaps, but only up to the highest number that it removed.
    if (row.number !== expected && expected > meta.prunedNumber)
      throw damaged(path, `operation ${expected} is missing; the next older one is ${row.number}`);
    expected = row.number - 1;
    check(row);
  }
  if (expected > floor && expected > meta.prunedNumber)
    throw damaged(path, `operation ${expected} is missing`);

  const open = records.operations(operationQueries.open);
  for (const row of open) {
    if (!isOpen(row.record.stage))
      throw damaged(
        path,
        `operation ${row.number} is ${row.record.stage}, and the index of open ones lists it`,
      );
    check(row);
    records.resultOf(row);
  }
  expect('the number of open operations', countInOrder(open.map(({ number }) => number)), meta.openCount);

  const waiting = records.results(resultQueries.undelivered, 0, startSample);
  for (const { sequence, delivered } of waiting)
    if (delivered)
      throw damaged(path, `result ${sequence} is delivered, and the index of undelivered ones lists it`);
  expect(
    'the number of undelivered results',
    countInOrder(waiting.map(({ sequence }) => sequence)),
    Math.min(meta.undeliveredCount, startSample),
  );
  expect(
    'the number of undelivered results',
    records.number(numberQueries.undeliveredCount) ?? 0,
    meta.undeliveredCount,
  );
}

/** How many numbers there are, up to the first that is not greater than the one before: an index may list one twice. */
function countInOrder(numbers: readonly number[]): number {
  const disorder = numbers.findIndex((number, at) => number <= (numbers[at - 1] ?? 0));
  return disorder === -1 ? numbers.length : disorder;
}
