/** Journals for tests and for the bench: how to open one, what to write into it, and a quick way to fill it. */
import { createHash } from 'node:crypto';
import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isoTime } from '../../gateway/contract/time.ts';
import { encodeOperation, encodePayload, encodeResult } from '../../gateway/journal/codec.ts';
import { Connection } from '../../gateway/journal/connection.ts';
import { type JournalOptions, openJournal } from '../../gateway/journal/journal.ts';
import { readMeta, writeMeta } from '../../gateway/journal/meta.ts';
import type { SqliteJournal } from '../../gateway/journal/sqlite-journal.ts';
import { changes } from '../../gateway/journal/statements.ts';
import { createWitness } from '../../gateway/journal/witness.ts';
import type { OperationRecord, UntoldResult } from '../../gateway/payments/journal-port.ts';
import { silentLog } from '../../gateway/seams/log.ts';
import { paymentCommand, record, start, startMs } from './records.ts';

/** Options for a journal in this directory; members given replace the usual ones. */
export const journalOptions = (directory: string, change: Partial<JournalOptions> = {}): JournalOptions => ({
  directory,
  box: paymentCommand.box,
  machine: '10000000deadbeef',
  nowMs: startMs,
  log: silentLog,
  ...change,
});

/** Opens or makes the journal in a directory. */
export const openIn = (directory: string, change: Partial<JournalOptions> = {}): SqliteJournal =>
  openJournal(journalOptions(directory, change));

/** The id of the n-th operation. */
export const idOf = (n: number): string => `operation-${String(n).padStart(8, '0')}`;

/** The n-th operation as it is accepted. */
export const accepted = (n: number, change: Partial<OperationRecord> = {}): OperationRecord =>
  record({
    id: idOf(n),
    contentHash: `hash-${n}`,
    command: { ...paymentCommand, id: idOf(n) },
    acceptedAtMs: startMs + n * 1000,
    stage: 'accepted',
    start: null,
    lastContactMs: null,
    lateContactMs: null,
    ...change,
  });

/** The same operation when it has started. */
export const running = (from: OperationRecord): OperationRecord => ({
  ...from,
  stage: 'running',
  start: start(),
});

/** The same operation at its end. */
export const finished = (from: OperationRecord): OperationRecord => ({ ...from, stage: 'finished' });

/** What is told of an operation. */
export const untold = (
  { id, acceptedAtMs }: OperationRecord,
  change: Partial<UntoldResult> = {},
): UntoldResult => ({
  id,
  box: paymentCommand.box,
  type: 'payment',
  outcome: 'approved',
  reason: { source: 'terminal', code: '0000', text: '' },
  amount: 10050,
  approvedAmount: 10050,
  currency: 'UAH',
  merchant: 'shop',
  order: 'Замовлення 123',
  card: { pan: '473117******9838', scheme: 'VISA', entry: 'contactless' },
  rrn: '083998389823',
  authCode: '483920',
  invoice: '101',
  terminal: 'S1260S6Y',
  agreement: null,
  signatureRequired: false,
  receipt: 'SIMULATED\nОплата 100.50 UAH',
  startedAt: isoTime(acceptedAtMs),
  finishedAt: isoTime(acceptedAtMs + 20_000),
  recovered: false,
  resolved: null,
  ...change,
});

/** Accepts, starts and tells the n-th operation. Returns its record. */
export function carryOut(journal: SqliteJournal, n: number): OperationRecord {
  const record = accepted(n);
  journal.accept(record);
  journal.start(running(record));
  return journal.tell(finished(running(record)), untold(record));
}

/**
 * Makes a journal of `count` finished and delivered operations in an empty directory: the files that as many payments
 * would have left, without the wait. It opens with {@link journalOptions}, changed in the same way.
 */
export function fillJournal(directory: string, count: number, change: Partial<JournalOptions> = {}): void {
  const path = join(directory, 'journal.db');
  openIn(directory, change).close();
  const connection = new Connection(path);
  connection.goLive(null);
  connection.row('PRAGMA synchronous = OFF');
  const perTransaction = 10_000;
  for (let from = 1; from <= count; from += perTransaction)
    connection.atomically(() => {
      for (let n = from; n < from + perTransaction && n <= count; n += 1) insertFinished(connection, n);
    });
  const meta = readMeta(connection);
  if (meta === null) throw new Error('a journal without its meta row');
  const filled = { ...meta, revision: count, lastNumber: count, lastSequence: count };
  connection.atomically(() => writeMeta(connection, filled));
  connection.close();
  const { journal } = meta;
  createWitness(join(directory, 'journal.witness'), {
    journal,
    revision: count,
    sequence: count,
    number: count,
  });
}

function insertFinished(connection: Connection, n: number): void {
  const record = finished(running(accepted(n)));
  const result = untold(record);
  const payload = encodePayload(result, n);
  const { id, kid } = record;
  connection.run(
    changes.insertOperation,
    ...encodeOperation({ ...record, result: { ...result, sequence: n } }, n, n),
  );
  const row = encodeResult({ sequence: n, id, kid, payload }, n, n);
  connection.run(changes.insertResult, ...row.slice(0, -1), n);
}

/**
 * The files of a journal in use, as a pulled plug would leave them: what was synced is in them, nothing is tidied up.
 * Give it a directory whose journal is open; the journal is of no use afterwards (reading a file drops its lock).
 */
export function crashImage(directory: string, into: string): string {
  cpSync(directory, into, { recursive: true });
  return into;
}

/** Name and hash of every file in a directory. */
export const fingerprints = (directory: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(directory)
      .sort()
      .map((name) => [
        name,
        createHash('sha256')
          .update(readFileSync(join(directory, name)))
          .digest('hex'),
      ]),
  );
