/**
 * Records as rows and back. Every row ends with a checksum over all that stands before it and over the table's
 * name, so that a row can neither change nor move unnoticed.
 */
import { hash } from 'node:crypto';
import type { Result } from '../contract/result.ts';
import { parseIsoTime } from '../contract/time.ts';
import type { OperationRecord, RecordStage, StoredResult, UntoldResult } from '../payments/journal-port.ts';
import type { Cell, Row } from './connection.ts';

/** A row that is not what was written. The reader adds the file and turns it into a SwipeError `journalDamaged`. */
export class RowDamage extends Error {}

/** 64 bits of SHA-256 over the table's name and the row's values. */
export function checksumOf(table: string, cells: readonly Cell[]): string {
  return hash('sha256', JSON.stringify([table, ...cells]), 'hex').slice(0, 16);
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The values of a row whose last cell is its checksum, texts read from their bytes. Throws a {@link RowDamage}. */
export function checkedCells(table: string, row: Row): readonly Cell[] {
  try {
    const cells = row.map((cell) => (cell instanceof Uint8Array ? utf8.decode(cell) : cell));
    const checksum = cells.pop();
    // JSON writes what is no number as null: a checksum alone would not see it.
    const isSound = cells.every((cell) => typeof cell !== 'number' || Number.isFinite(cell));
    if (isSound && checksum === checksumOf(table, cells)) return cells;
  } catch {
    // Bytes that are no text are damage like any other.
  }
  const [key] = row;
  // A damaged name may be of any length.
  const name = key instanceof Uint8Array ? Buffer.from(key.subarray(0, 64)).toString('latin1') : key;
  throw new RowDamage(`the checksum of row ${name} in table ${table} is wrong`);
}

/** The columns of table `operations`, in the order of its rows here. */
export const operationColumns =
  'number, id, kid, type, content_hash, stage, accepted_at_ms, ended_at_ms, original, revision, result_sequence, body, checksum';

/** The columns of table `results`. `delivered` is outside the checksum: see {@link decodeResult}. */
export const resultColumns = 'sequence, number, id, kid, revision, payload, checksum, delivered';

/** Where a record stands in the journal, beside what the payments know of it. */
export interface OperationRow {
  number: number;
  revision: number;
  resultSequence: number | null;
  endedAtMs: number | null;
  /** Without its result, which stands in a row of its own: see {@link withResult}. */
  record: OperationRecord;
}

/** Whether an operation in this stage still wants something done. */
export const isOpen = (stage: RecordStage): boolean => stage !== 'finished' && stage !== 'refusedAhead';

/** When an operation ended, in milliseconds since 1970 UTC; null while it has not. */
export function endOf(record: OperationRecord): number | null {
  if (isOpen(record.stage)) return null;
  const finishedAtMs = record.result === null ? Number.NaN : parseIsoTime(record.result.finishedAt);
  return Number.isNaN(finishedAtMs) ? record.acceptedAtMs : finishedAtMs;
}

/** The operation that a reversal names as its original; null for everything else. */
export const originalOf = ({ command }: OperationRecord): string | null =>
  command?.type === 'reversal' ? (command.operation ?? null) : null;

/** A row of table `operations`. */
export function encodeOperation(record: OperationRecord, number: number, revision: number): Cell[] {
  const cells = [
    number,
    record.id,
    record.kid,
    record.type,
    record.contentHash,
    record.stage,
    record.acceptedAtMs,
    endOf(record),
    originalOf(record),
    revision,
    record.result?.sequence ?? null,
    encodeBody(record),
  ];
  return [...cells, checksumOf('operations', cells)];
}

// Tables are STRICT and the checksum holds, so a row has the types that were written.
type OperationCells = readonly [
  number: number,
  id: string,
  kid: string,
  type: string,
  contentHash: string,
  stage: RecordStage,
  acceptedAtMs: number,
  endedAtMs: number | null,
  original: string | null,
  revision: number,
  resultSequence: number | null,
  body: string,
];

/** Reads a row of table `operations`. Throws a {@link RowDamage}. */
export function decodeOperation(row: Row): OperationRow {
  const cells = checkedCells('operations', row) as unknown as OperationCells;
  const [number, id, kid, type, contentHash, stage, acceptedAtMs, endedAtMs] = cells;
  const [, , , , , , , , , revision, resultSequence, body] = cells;
  const record = { id, kid, type, contentHash, acceptedAtMs, stage, ...decodeBody(body), result: null };
  return { number, revision, resultSequence, endedAtMs, record };
}

type Body = Pick<
  OperationRecord,
  'command' | 'start' | 'lastContactMs' | 'lateContactMs' | 'abortSent' | 'broken' | 'exhausted'
>;

/** What has no column of its own, as JSON, field by field. */
export function encodeBody({ command, start, broken, ...rest }: Body): string {
  const { lastContactMs, lateContactMs, abortSent, exhausted } = rest;
  const body: Body = {
    command,
    start: start && {
      atMs: start.atMs,
      baseline: start.baseline,
      terminal: start.terminal,
      request: start.request,
    },
    lastContactMs,
    lateContactMs,
    abortSent,
    broken: broken && { atMs: broken.atMs, cause: broken.cause },
    exhausted,
  };
  return JSON.stringify(body);
}

/** The inverse of {@link encodeBody}. */
export function decodeBody(text: string): Body {
  const body = JSON.parse(text) as Body;
  const { command, start, lastContactMs, lateContactMs, abortSent, broken, exhausted } = body;
  return { command, start, lastContactMs, lateContactMs, abortSent, broken, exhausted };
}

/** The result as it will be told, in the contract's order of members, down to the last byte. */
export function encodePayload({ id, box, ...rest }: UntoldResult, sequence: number): string {
  return JSON.stringify({ id, box, sequence, ...rest });
}

/** The record with the result that was told last, read from its payload. */
export const withResult = (record: OperationRecord, payload: string): OperationRecord => ({
  ...record,
  result: JSON.parse(payload) as Result,
});

/** A result as it stands in table `results`. */
export interface ResultRow extends StoredResult {
  number: number;
  revision: number;
  delivered: boolean;
}

/** A row of table `results`, not yet delivered. */
export function encodeResult(result: StoredResult, number: number, revision: number): Cell[] {
  const cells = [result.sequence, number, result.id, result.kid, revision, result.payload];
  return [...cells, checksumOf('results', cells), 0];
}

/**
 * Reads a row of table `results`. Throws a {@link RowDamage}. `delivered` is 0 or the row's own sequence: it changes
 * without the payload being read, and a single flipped bit still cannot make one of the other.
 */
export function decodeResult(row: Row): ResultRow {
  const mark = row.at(-1) as number;
  const cells = checkedCells('results', row.slice(0, -1)) as readonly unknown[];
  const [sequence, number, id, kid, revision, payload] = cells as readonly [
    number,
    number,
    string,
    string,
    number,
    string,
  ];
  if (mark !== 0 && mark !== sequence)
    throw new RowDamage(`the delivery mark of row ${sequence} in table results is neither 0 nor its number`);
  return { sequence, number, id, kid, revision, payload, delivered: mark === sequence };
}

/** A row of table `notes`. */
export function encodeNote(name: string, text: string, revision: number): Cell[] {
  // As JSON: text that is not well-formed Unicode would come back changed.
  const cells = [name, JSON.stringify(text), revision];
  return [...cells, checksumOf('notes', cells)];
}

/** The text of a row of table `notes`. Throws a {@link RowDamage}. */
export const decodeNote = (row: Row): string => JSON.parse(checkedCells('notes', row)[1] as string);
