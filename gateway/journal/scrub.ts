/** Reads the whole journal a few rows at a time, for a nightly run: what nobody asks for goes bad unseen. */
import { isOpen, type OperationRow, originalOf, type ResultRow } from './codec.ts';
import { damaged } from './faults.ts';
import type { Meta } from './meta.ts';
import type { Records } from './records.ts';
import { numberQueries, operationQueries, resultQueries } from './statements.ts';

/** How far a round is. */
export interface ScrubStep {
  /** Rows read by this step. */
  checked: number;
  /** This step ended a round: every row was read; the next step begins anew. */
  roundComplete: boolean;
}

/** Walks over all rows, remembering where it was. Rows that come or go meanwhile do not disturb it. */
export class Scrub {
  readonly #path: string;
  readonly #records: Records;
  #afterNumber = 0;
  #afterSequence: number | null = null;

  constructor(path: string, records: Records) {
    this.#path = path;
    this.#records = records;
  }

  /** Checks at most `limit` rows. Throws a SwipeError `journalDamaged`. */
  step(limit: number, meta: Meta): ScrubStep {
    if (this.#afterSequence === null) {
      const rows = this.#records.operations(operationQueries.after, this.#afterNumber, limit);
      for (const row of rows) this.#checkOperation(row, meta);
      if (rows.length < limit) this.#endOperations(meta);
      return { checked: rows.length, roundComplete: false };
    }
    const rows = this.#records.results(resultQueries.after, this.#afterSequence, limit);
    for (const row of rows) this.#checkResult(row);
    const roundComplete = rows.length < limit;
    if (roundComplete) {
      this.#afterNumber = 0;
      this.#afterSequence = null;
    }
    return { checked: rows.length, roundComplete };
  }

  #checkOperation(row: OperationRow, meta: Meta): void {
    const { number, record } = row;
    const missing = this.#afterNumber + 1;
    if (number !== missing && number - 1 > meta.prunedNumber)
      throw damaged(this.#path, `operations from ${missing} to ${number - 1} are missing`);
    if (this.#records.number(numberQueries.numberOfId, record.id) !== number)
      throw damaged(this.#path, `the index of ids does not know operation ${number}`);
    if (isOpen(record.stage) !== (this.#records.number(numberQueries.openByNumber, number) !== null))
      throw damaged(this.#path, `the index of open operations is wrong about operation ${number}`);
    const original = originalOf(record);
    if (original !== null && this.#records.number(numberQueries.reversalByNumber, original, number) === null)
      throw damaged(this.#path, `the index of reversals does not know operation ${number}`);
    this.#records.resultOf(row);
    this.#afterNumber = number;
  }

  #endOperations(meta: Meta): void {
    if (this.#afterNumber !== meta.lastNumber)
      throw damaged(this.#path, `operations from ${this.#afterNumber + 1} to ${meta.lastNumber} are missing`);
    this.#records.checkNotes();
    this.#afterSequence = 0;
  }

  #checkResult({ sequence, number, id, delivered }: ResultRow): void {
    const operation = this.#records.operation(operationQueries.byNumber, number);
    if (operation?.record.id !== id)
      throw damaged(this.#path, `result ${sequence} names operation ${number}, which is not its own`);
    const listed = this.#records.number(numberQueries.undeliveredBySequence, sequence) !== null;
    if (listed === delivered)
      throw damaged(this.#path, `the index of undelivered results is wrong about result ${sequence}`);
    this.#afterSequence = sequence;
  }
}
