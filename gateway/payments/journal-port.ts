/** The durable record as the payments see it. SQLite sits behind this seam in a box, plain memory in a simulation. */
import type { Command } from '../contract/command.ts';
import type { Result } from '../contract/result.ts';
import type { Baseline, BreakCause, TerminalRequest } from './terminal-port.ts';

/**
 * How far an operation is, as it stands on disk:
 * - `refusedAhead`: an abort came before the command itself; the id is refused for ever
 * - `accepted`: promised to the sender, nothing sent
 * - `running`: the request was about to be sent, or was
 * - `recovering`: contact was lost, or the answer needs the receipts' word
 * - `unresolved`: `unknown` was told, and it may still become final
 * - `finished`: the outcome is final
 */
export type RecordStage = 'refusedAhead' | 'accepted' | 'running' | 'recovering' | 'unresolved' | 'finished';

/** What is asked of the receipt printer. What to print is kept nowhere: after a restart nobody waits for it. */
export interface PrintRequest {
  type: 'print';
}

/** What was written down before the first byte was sent. */
export interface StartRecord<Request = TerminalRequest | PrintRequest> {
  atMs: number;
  baseline: Baseline;
  /** Which terminal: its key; empty for what it has no part in. */
  terminal: string;
  request: Request;
}

/** All that is kept of one operation. No card data, no secret. */
export interface OperationRecord {
  id: string;
  /** The key that signed the command. */
  kid: string;
  type: string;
  /** Hash of the command's content; empty for `refusedAhead`. */
  contentHash: string;
  /** The command, without what it wants printed; null when it was invalid, and for `refusedAhead`. */
  command: Command | null;
  acceptedAtMs: number;
  stage: RecordStage;
  start: StartRecord | null;
  /** Wall-clock time when the terminal was last heard during the operation; as coarse as 30 s. */
  lastContactMs: number | null;
  /**
   * Wall-clock time when the terminal was last found at work after a silence in which it should have finished: what
   * it was at is in doubt. As coarse as 30 s.
   */
  lateContactMs: number | null;
  /** An interrupt was, or was about to be, sent. */
  abortSent: boolean;
  /** When and why the answer could no longer be counted on; `contradicted`: there was one, and it cannot be right. */
  broken: { atMs: number; cause: BreakCause | 'contradicted' } | null;
  /** Nothing more can be learned from the terminal: a person may decide. */
  exhausted: boolean;
  /** The latest result, as told. */
  result: Result | null;
}

/** A result before its sequence is known. */
export type UntoldResult = Omit<Result, 'sequence'>;

/** A result on its way out: the payload is told to the last byte as it stands here. */
export interface StoredResult {
  sequence: number;
  id: string;
  kid: string;
  /** JSON text of the result. */
  payload: string;
}

/**
 * The durable record. Every call that writes returns when it is on disk, and throws a SwipeError `storageFull`
 * when there is no room, having changed nothing.
 */
export interface Journal {
  /** When this journal was made. A command issued earlier may have been seen by the one before. */
  readonly createdAtMs: number;
  find(id: string): OperationRecord | null;
  /** Writes down a new operation (stage `accepted` or `refusedAhead`). The id must be new. */
  accept(record: OperationRecord): void;
  /** Writes down that the first byte is about to be sent; the witness is synced with it. */
  start(record: OperationRecord): void;
  /** Writes down any other change of a known operation. */
  update(record: OperationRecord): void;
  /**
   * Gives a result the next sequence and writes it down together with the record, new or known; the witness is
   * synced with it. Returns the record with the result in it.
   */
  tell(record: OperationRecord, result: UntoldResult): OperationRecord;
  /** Operations that are neither `finished` nor `refusedAhead`, oldest first. */
  open(): OperationRecord[];
  /** The latest operations, newest first. */
  latest(limit: number): OperationRecord[];
  /** The reversals that name this operation as their original, oldest first. */
  reversalsOf(id: string): OperationRecord[];
  /** Results that the broker has not acknowledged, by sequence, starting after the given one. */
  undelivered(afterSequence: number, limit: number): StoredResult[];
  /** The sequence of the latest result; 0 when there is none. */
  lastSequence(): number;
  /** The latest result of an operation as it was told; null when none was. */
  resultOf(id: string): StoredResult | null;
  /** The broker has acknowledged this result. May be written a little later: telling twice is allowed. */
  delivered(sequence: number): void;
  /** The latest trusted wall-clock time that is on disk; 0 when none is. */
  latestTrustedMs(): number;
  /** Keeps a trusted time: written down with the next record, or at once. A time earlier than the kept one is ignored. */
  noteTrustedTime(nowMs: number, when: 'withNextRecord' | 'atOnce'): void;
  /** A small named text that outlives restarts, such as the terminal last seen; null when never set. */
  note(name: string): string | null;
  setNote(name: string, text: string): void;
  /** Removes finished operations that ended before the given time and whose results are delivered. Returns how many. */
  prune(beforeMs: number): number;
  close(): void;
}
