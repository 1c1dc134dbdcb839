/** Reads and writes single rows, each verified as it is read. */
import type { OperationRecord, StoredResult } from '../payments/journal-port.ts';
import type { SwipeError } from '../seams/error.ts';
import {
  decodeNote,
  decodeOperation,
  decodeResult,
  encodeNote,
  encodeOperation,
  encodeResult,
  type OperationRow,
  type ResultRow,
  RowDamage,
  withResult,
} from './codec.ts';
import type { Cell, Connection, Row } from './connection.ts';
import { damaged } from './faults.ts';
import {
  allNotes,
  changes,
  idNeighbours,
  idOfNumber,
  noteByName,
  operationQueries,
  resultQueries,
} from './statements.ts';

/** The rows of one journal. Reading throws a SwipeError `journalDamaged` for a row that is not what was written. */
export class Records {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** The one operation that a query finds, without its result; null when there is none. */
  operation(query: string, ...values: Cell[]): OperationRow | null {
    const row = this.#connection.row(query, ...values);
    return row === undefined ? null : this.#sound(() => decodeOperation(row));
  }

  /**
   * The operation of an id, without its result; null when there is none. That there is none is believed only when the
   * entries around it in the index are those of their rows: a bad bit in an entry hides it, and may hide others, since
   * a search that meets it turns the wrong way and ends beside it.
   */
  byId(id: string): OperationRow | null {
    const row = this.operation(operationQueries.byId, id);
    if (row !== null && row.record.id === id) return row;
    if (row !== null) throw this.#badIndex(row.number);
    for (const query of idNeighbours) {
      const [number = null, entry] = this.#connection.row(query, id) ?? [];
      if (number === null) continue;
      const [stands] = this.#connection.row(idOfNumber, number as number) ?? [];
      if (!isSameBytes(entry, stands)) throw this.#badIndex(number);
    }
    return null;
  }

  #badIndex(number: Row[number]): SwipeError {
    return damaged(this.#connection.path, `the index of ids is wrong about operation ${number}`);
  }

  /** All operations that a query finds, without their results. */
  operations(query: string, ...values: Cell[]): OperationRow[] {
    const rows = this.#connection.rows(query, ...values);
    return rows.map((row) => this.#sound(() => decodeOperation(row)));
  }

  /** The results that a query finds. */
  results(query: string, ...values: Cell[]): ResultRow[] {
    const rows = this.#connection.rows(query, ...values);
    return rows.map((row) => this.#sound(() => decodeResult(row)));
  }

  /** The latest result of an operation; null when none was told. */
  resultOf({ number, resultSequence }: OperationRow): ResultRow | null {
    if (resultSequence === null) return null;
    const result = this.results(resultQueries.bySequence, resultSequence)[0];
    if (result?.number !== number)
      throw damaged(
        this.#connection.path,
        `operation ${number} names result ${resultSequence}, which is not its own`,
      );
    return result;
  }

  /** The whole record: the row and the result that it names. */
  whole(row: OperationRow): OperationRecord {
    const result = this.resultOf(row);
    return result === null ? row.record : withResult(row.record, result.payload);
  }

  /** The single number that a query finds; null when there is none. */
  number(query: string, ...values: Cell[]): number | null {
    return (this.#connection.row(query, ...values)?.[0] as number | null | undefined) ?? null;
  }

  note(name: string): string | null {
    const row = this.#connection.row(noteByName, name);
    return row === undefined ? null : this.#sound(() => decodeNote(row));
  }

  /** Verifies every note; there are few. */
  checkNotes(): void {
    for (const row of this.#connection.rows(allNotes)) this.#sound(() => decodeNote(row));
  }

  insert(record: OperationRecord, number: number, revision: number): void {
    this.#connection.run(changes.insertOperation, ...encodeOperation(record, number, revision));
  }

  replace(record: OperationRecord, number: number, revision: number): void {
    const [, , ...changing] = encodeOperation(record, number, revision);
    this.#connection.run(changes.updateOperation, ...changing, number);
  }

  insertResult(result: StoredResult, number: number, revision: number): void {
    this.#connection.run(changes.insertResult, ...encodeResult(result, number, revision));
  }

  /** Whether there was such a result, not marked before. */
  markDelivered(sequence: number): boolean {
    return this.#connection.run(changes.markDelivered, sequence) === 1;
  }

  /** Removes an operation with all its results. */
  remove(number: number): void {
    this.#connection.run(changes.deleteResults, number);
    this.#connection.run(changes.deleteOperation, number);
  }

  writeNote(name: string, text: string, revision: number): void {
    this.#connection.run(changes.writeNote, ...encodeNote(name, text, revision));
  }

  #sound<Answer>(decode: () => Answer): Answer {
    try {
      return decode();
    } catch (error) {
      if (error instanceof RowDamage) throw damaged(this.#connection.path, error.message, error);
      throw error;
    }
  }
}

const isSameBytes = (one: Row[number] | undefined, other: Row[number] | undefined): boolean =>
  one instanceof Uint8Array && other instanceof Uint8Array && Buffer.compare(one, other) === 0;
