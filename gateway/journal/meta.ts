/** The one row of table `meta`: whose journal it is, and what all its other rows must add up to. */
import { createHash } from 'node:crypto';
import { checkedCells, checksumOf } from './codec.ts';
import type { Cell, Connection } from './connection.ts';
import { readable } from './schema.ts';

/** Whose journal it is, and its counters as of the last transaction. */
export interface Meta {
  /** 32 hexadecimal digits; the witness carries the same. */
  readonly journal: string;
  readonly box: string;
  /** {@link machineMark} of the machine. */
  readonly machine: string;
  readonly createdAtMs: number;
  /** Grows by one with every transaction; each row carries the revision in which it was last written. */
  revision: number;
  /** The newest operation's number; numbers have no gaps above `prunedNumber`. */
  lastNumber: number;
  /** The newest result's sequence; the next one is one more. */
  lastSequence: number;
  openCount: number;
  undeliveredCount: number;
  /** The highest number that was ever pruned; up to it, numbers may be missing. */
  prunedNumber: number;
  /** The latest trusted time. */
  trustedMs: number;
}

/** A hash of the machine's name (a serial number) to tell machines apart; empty for a machine without one. */
export const machineMark = (machine: string | null): string =>
  machine === null ? '' : createHash('sha256').update(`swipe machine ${machine}`).digest('hex').slice(0, 32);

const columns =
  'only_row, journal, box, machine, created_at_ms, revision, last_number, last_sequence, open_count, undelivered_count, pruned_number, trusted_ms, checksum';

/** A row of table `meta`. */
export function encodeMeta(meta: Meta): Cell[] {
  const cells = [
    1,
    meta.journal,
    meta.box,
    meta.machine,
    meta.createdAtMs,
    meta.revision,
    meta.lastNumber,
    meta.lastSequence,
    meta.openCount,
    meta.undeliveredCount,
    meta.prunedNumber,
    meta.trustedMs,
  ];
  return [...cells, checksumOf('meta', cells)];
}

/** Writes the row, within the transaction that it describes. */
export function writeMeta(connection: Connection, meta: Meta): void {
  connection.run(`REPLACE INTO meta (${columns}) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)`, ...encodeMeta(meta));
}

/** Reads the row; null when there is none. Throws a RowDamage. */
export function readMeta(connection: Connection): Meta | null {
  const row = connection.row(`SELECT ${readable(columns)} FROM meta WHERE only_row = 1`);
  if (row === undefined) return null;
  const [, journal, box, machine, ...counters] = checkedCells('meta', row) as unknown as MetaCells;
  const [createdAtMs, revision, lastNumber, lastSequence, openCount, undeliveredCount] = counters;
  const [, , , , , , prunedNumber, trustedMs] = counters;
  return {
    journal,
    box,
    machine,
    createdAtMs,
    revision,
    lastNumber,
    lastSequence,
    openCount,
    undeliveredCount,
    prunedNumber,
    trustedMs,
  };
}

type MetaCells = readonly [
  onlyRow: number,
  journal: string,
  box: string,
  machine: string,
  ...counters: [number, number, number, number, number, number, number, number],
];
