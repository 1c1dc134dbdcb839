/** The journal on disk. */
import type { Journal, OperationRecord, StoredResult, UntoldResult } from '../payments/journal-port.ts';
import { messageOf } from '../seams/error.ts';
import type { Log } from '../seams/log.ts';
import { encodePayload, type OperationRow, withResult } from './codec.ts';
import { full } from './faults.ts';
import type { Ledger } from './ledger.ts';
import type { Records } from './records.ts';
import { mayAccept, mayNote, mayStart, mayTell, mayUpdate } from './rules.ts';
import { Scrub, type ScrubStep } from './scrub.ts';
import { operationQueries, resultQueries } from './statements.ts';
import type { Witness } from './witness.ts';

/** How many records one call of `latest` or `undelivered` answers with at most. */
export const answerLimit = 1000;

/** What an open journal is made of; `openJournal` puts it together. */
export interface JournalParts {
  ledger: Ledger;
  witness: Witness;
  log: Log;
  /** Free bytes on the journal's file system. */
  freeBytes: () => number;
  /** Below this, nothing new is accepted. */
  reserveBytes: number;
}

/** The {@link Journal} on SQLite, with its witness. */
export class SqliteJournal implements Journal {
  readonly #ledger: Ledger;
  readonly #witness: Witness;
  readonly #scrub: Scrub;
  readonly #log: Log;
  readonly #freeBytes: () => number;
  readonly #reserveBytes: number;
  #closed = false;

  constructor({ ledger, witness, log, freeBytes, reserveBytes }: JournalParts) {
    this.#ledger = ledger;
    this.#witness = witness;
    this.#scrub = new Scrub(ledger.path, ledger.records);
    this.#log = log;
    this.#freeBytes = freeBytes;
    this.#reserveBytes = reserveBytes;
  }

  get createdAtMs(): number {
    return this.#ledger.meta.createdAtMs;
  }

  find(id: string): OperationRecord | null {
    return this.#ledger.standing(id)?.record ?? null;
  }

  /** Refuses, besides, while less than the reserve is free: what runs already needs room for its outcome. */
  accept(record: OperationRecord): void {
    const freeBytes = this.#freeBytes();
    if (freeBytes < this.#reserveBytes)
      throw full(this.#ledger.path, `${freeBytes} bytes are free, ${this.#reserveBytes} are kept in reserve`);
    this.#witness.settle();
    mayAccept(record, this.#ledger.standing(record.id));
    this.#ledger.write((draft) => this.#ledger.insert(draft, record));
  }

  /**
   * When the witness cannot be written, the operation is put back to `accepted` and this throws `storageFull`:
   * nothing may be sent. Should even that fail, it stands as `running` and the next start settles it by evidence.
   */
  start(record: OperationRecord): void {
    this.#witness.settle();
    const standing = this.#ledger.standing(record.id);
    mayStart(record, standing);
    this.#ledger.write((draft) => this.#ledger.replace(draft, record, standing));
    try {
      this.#testify(standing.number);
    } catch (error) {
      this.#putBack(standing, record);
      throw error;
    }
  }

  update(record: OperationRecord): void {
    const standing = this.#ledger.standing(record.id);
    mayUpdate(record, standing);
    this.#ledger.write((draft) => this.#ledger.replace(draft, record, standing));
  }

  /**
   * When the witness cannot be written, the result stands nevertheless (it is on disk, and telling it anew would give
   * it a second sequence): this returns, says so in the log, and until the witness follows nothing new is accepted
   * or started.
   */
  tell(record: OperationRecord, result: UntoldResult): OperationRecord {
    const standing = this.#ledger.standing(record.id);
    mayTell(record, result, standing);
    const { lastNumber, lastSequence } = this.#ledger.meta;
    const number = standing?.number ?? lastNumber + 1;
    const sequence = lastSequence + 1;
    const payload = encodePayload(result, sequence);
    const told = withResult(record, payload);
    this.#ledger.write((draft) => {
      if (standing === null) this.#ledger.insert(draft, told);
      else this.#ledger.replace(draft, told, standing);
      draft.lastSequence = sequence;
      draft.undeliveredCount += 1;
      const { id, kid } = record;
      this.#ledger.records.insertResult({ sequence, id, kid, payload }, number, draft.revision);
    });
    try {
      this.#testify(number);
    } catch (error) {
      this.#log.error('the witness could not be written; nothing new is started until it can', {
        id: record.id,
        sequence,
        error: messageOf((error as Error).cause ?? error),
      });
    }
    return told;
  }

  open(): OperationRecord[] {
    return this.#wholes((records) => records.operations(operationQueries.open));
  }

  latest(limit: number): OperationRecord[] {
    const most = Math.min(limit, answerLimit);
    return this.#wholes((records) => records.operations(operationQueries.newestAfter, 0, most));
  }

  reversalsOf(id: string): OperationRecord[] {
    return this.#wholes((records) => records.operations(operationQueries.reversals, id));
  }

  undelivered(afterSequence: number, limit: number): StoredResult[] {
    const { marks } = this.#ledger.pending;
    const most = Math.min(limit, answerLimit);
    return this.#ledger
      .read((records) => records.results(resultQueries.undelivered, afterSequence, most + marks.size))
      .filter(({ sequence }) => !marks.has(sequence))
      .slice(0, most)
      .map(toStoredResult);
  }

  lastSequence(): number {
    return this.#ledger.meta.lastSequence;
  }

  resultOf(id: string): StoredResult | null {
    return this.#ledger.read((records) => {
      const row = records.byId(id);
      const result = row && records.resultOf(row);
      return result && toStoredResult(result);
    });
  }

  delivered(sequence: number): void {
    this.#ledger.pending.mark(sequence);
  }

  latestTrustedMs(): number {
    return this.#ledger.meta.trustedMs;
  }

  noteTrustedTime(nowMs: number, when: 'withNextRecord' | 'atOnce'): void {
    if (nowMs <= this.#ledger.meta.trustedMs) return;
    this.#ledger.pending.noteTime(nowMs);
    if (when === 'atOnce') this.flush();
  }

  note(name: string): string | null {
    return this.#ledger.read((records) => records.note(name));
  }

  setNote(name: string, text: string): void {
    mayNote(name, text);
    this.#ledger.write((draft) => this.#ledger.records.writeNote(name, text, draft.revision));
  }

  /** At most 5,000 per call, 500 per transaction. Never the newest operation, nor one that the witness names. */
  prune(beforeMs: number): number {
    this.flush();
    return this.#ledger.prune(beforeMs, [this.#witness.testimony.number]);
  }

  /** Writes down what waits for the next record: delivery marks and the trusted time. */
  flush(): void {
    if (!this.#ledger.pending.isEmpty) this.#ledger.write(() => undefined);
  }

  /** Moves the WAL into the database file. It also happens by itself, within a commit: better while nothing runs. */
  checkpoint(): void {
    this.#ledger.checkpoint();
  }

  /** Reads the next rows of the whole journal, at most so many. Throws a SwipeError `journalDamaged`. */
  verifyStep(rows: number): ScrubStep {
    return this.#ledger.read(() => this.#scrub.step(rows, this.#ledger.meta));
  }

  /** Writes down what waits, moves the WAL into the database file, and releases the lock. A second call does nothing. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    try {
      this.flush();
      this.#witness.repeat();
      this.#ledger.close();
    } catch (error) {
      // All that was promised is on disk already; what is missing is told again.
      this.#log.warn('the journal could not be closed cleanly', { error: messageOf(error) });
    }
    this.#witness.close();
  }

  #testify(number: number): void {
    const { journal, revision, lastSequence } = this.#ledger.meta;
    this.#witness.testify({ journal, revision, sequence: lastSequence, number });
  }

  #putBack(standing: OperationRow, started: OperationRecord): void {
    try {
      this.#ledger.write((draft) =>
        this.#ledger.replace(draft, standing.record, { ...standing, record: started }),
      );
    } catch (error) {
      this.#log.error('an operation that was not sent stands as running', {
        id: started.id,
        error: messageOf(error),
      });
    }
  }

  #wholes(find: (records: Records) => OperationRow[]): OperationRecord[] {
    return this.#ledger.read((records) => find(records).map((row) => records.whole(row)));
  }
}

const toStoredResult = ({ sequence, id, kid, payload }: StoredResult): StoredResult => ({
  sequence,
  id,
  kid,
  payload,
});
