/** Transactions over the rows of one journal, with the counters that they keep. */
import type { OperationRecord } from '../payments/journal-port.ts';
import { isOpen, type OperationRow } from './codec.ts';
import type { Connection } from './connection.ts';
import { faultInUse, isMalformed } from './faults.ts';
import { type Meta, writeMeta } from './meta.ts';
import { Pending } from './pending.ts';
import { nextBatch, pruneBatches } from './pruning.ts';
import { Records } from './records.ts';
import { resultQueries } from './statements.ts';

/**
 * Every write is one transaction: durable when it returns; when it throws nothing was changed, neither on disk nor
 * in the counters, which follow after the commit. What waits in `pending` goes with the next one.
 */
export class Ledger {
  readonly path: string;
  readonly records: Records;
  readonly pending = new Pending();
  readonly #connection: Connection;
  #meta: Meta;
  #damage: unknown = null;

  constructor(connection: Connection, meta: Meta) {
    this.path = connection.path;
    this.records = new Records(connection);
    this.#connection = connection;
    this.#meta = meta;
  }

  /** The counters as they stand on disk. */
  get meta(): Readonly<Meta> {
    return this.#meta;
  }

  /**
   * Runs a read, its errors turned into those of the journal. After a page that SQLite finds malformed nothing is read
   * or written any more: SQLite says so once, and then takes the page, out of its cache, for a good one.
   */
  read<Answer>(work: (records: Records) => Answer): Answer {
    if (this.#damage !== null) throw this.#damage;
    try {
      return work(this.records);
    } catch (error) {
      const fault = faultInUse(error, this.path);
      if (isMalformed(error)) this.#damage = fault;
      throw fault;
    }
  }

  /** Runs a change; it may alter the draft of the counters, which already has the new revision. */
  write<Answer>(change: (draft: Meta) => Answer): Answer {
    const draft: Meta = {
      ...this.#meta,
      revision: this.#meta.revision + 1,
      trustedMs: Math.max(this.#meta.trustedMs, this.pending.trustedMs),
    };
    const answer = this.read((records) =>
      this.#connection.atomically(() => {
        for (const sequence of this.pending.marks)
          if (records.markDelivered(sequence)) draft.undeliveredCount -= 1;
        const changed = change(draft);
        writeMeta(this.#connection, draft);
        return changed;
      }),
    );
    this.#meta = draft;
    this.pending.clear();
    return answer;
  }

  /** What stands under an id, result included; null when nothing does. */
  standing(id: string): OperationRow | null {
    return this.read((records) => {
      const row = records.byId(id);
      return row && { ...row, record: records.whole(row) };
    });
  }

  /** Within a change: adds an operation under the next number. */
  insert(draft: Meta, record: OperationRecord): void {
    draft.lastNumber += 1;
    if (isOpen(record.stage)) draft.openCount += 1;
    this.records.insert(record, draft.lastNumber, draft.revision);
  }

  /** Within a change: writes an operation anew. `before` is what stood there. */
  replace(draft: Meta, record: OperationRecord, { number, record: before }: OperationRow): void {
    draft.openCount += Number(isOpen(record.stage)) - Number(isOpen(before.stage));
    this.records.replace(record, number, draft.revision);
  }

  /** Removes what ended before the given time, a bounded number per call; how many. Never the numbers in `kept`. */
  prune(beforeMs: number, kept: readonly number[]): number {
    const { lastNumber, lastSequence } = this.#meta;
    const latest = this.read((records) => records.results(resultQueries.bySequence, lastSequence))[0];
    // The next number and sequence follow from the newest ones, so those two must stay.
    const staying = new Set([...kept, lastNumber, latest?.number ?? 0]);
    let removed = 0;
    let after = 0;
    for (let batch = 0; batch < pruneBatches; batch += 1) {
      const next = this.read((records) => nextBatch(records, after, beforeMs, staying));
      if (next.numbers.length > 0) this.#remove(next.numbers);
      removed += next.numbers.length;
      after = next.after;
      if (next.last) break;
    }
    return removed;
  }

  /** Moves the WAL into the database file. */
  checkpoint(): void {
    this.read(() => this.#connection.checkpoint());
  }

  close(): void {
    this.read(() => this.#connection.close());
  }

  #remove(numbers: readonly number[]): void {
    this.write((draft) => {
      for (const number of numbers) this.records.remove(number);
      draft.prunedNumber = Math.max(draft.prunedNumber, ...numbers);
    });
  }
}
