/** Keeps one operation's record on disk, with one rule for each kind of write when the disk is full. */
import { isStorageFull, messageOf } from '../seams/error.ts';
import type { Cancel } from '../seams/time.ts';
import type { OperationRecord } from './journal-port.ts';
import { contactNoteMs, tellRetryMs } from './limits.ts';
import type { Ending } from './operation.ts';
import type { Parts } from './parts.ts';
import { resultOf } from './results.ts';

/** How far an operation is when its outcome is written down. */
export type Standing = Pick<OperationRecord, 'stage' | 'exhausted'>;

/** The record of one operation, in memory as it is on disk, except for what may be lost. */
export class RecordKeeper {
  readonly #parts: Parts;
  #record: OperationRecord;
  #contactNotedMs: number;
  #waiting: { ending: Ending; cancel: Cancel } | null = null;

  constructor(parts: Parts, record: OperationRecord) {
    this.#parts = parts;
    this.#record = record;
    this.#contactNotedMs = record.lastContactMs ?? 0;
  }

  get record(): OperationRecord {
    return this.#record;
  }

  /** An outcome is known that is not on disk yet. */
  get isWaiting(): boolean {
    return this.#waiting !== null;
  }

  /** Writes down that the first byte is about to be sent. False when the disk is full: then nothing may be sent. */
  start(change: Pick<OperationRecord, 'start' | 'lastContactMs'>): boolean {
    const started: OperationRecord = { ...this.#record, ...change, stage: 'running' };
    try {
      this.#parts.journal.start(started);
    } catch (error) {
      if (!isStorageFull(error)) throw this.#fatal(error);
      return false;
    }
    this.#record = started;
    this.#contactNotedMs = started.lastContactMs ?? 0;
    return true;
  }

  /** Writes a change down. Throws a SwipeError `storageFull`, having changed nothing. */
  write(change: Partial<OperationRecord>): void {
    const record = { ...this.#record, ...change };
    try {
      this.#parts.journal.update(record);
    } catch (error) {
      throw isStorageFull(error) ? error : this.#fatal(error);
    }
    this.#record = record;
  }

  /** Writes a change that may be lost on a full disk: after a restart it is found out again. */
  note(change: Partial<OperationRecord>): void {
    try {
      this.write(change);
    } catch (error) {
      if (!isStorageFull(error)) throw error;
      this.#record = { ...this.#record, ...change };
      this.#parts.log.warn('the disk is full: a change is kept in memory only', { id: this.#record.id });
    }
  }

  /** The terminal was heard, in time or too late to be surely at this; written down coarsely, to spare the SD card. */
  heard(contact: 'lastContactMs' | 'lateContactMs'): void {
    const { clock } = this.#parts;
    const nowMs = clock.nowMs();
    const isFirst = this.#record[contact] === null;
    if ((!isFirst && nowMs - this.#contactNotedMs < contactNoteMs) || !clock.isTrusted()) {
      this.#record = { ...this.#record, [contact]: nowMs };
      return;
    }
    this.#contactNotedMs = nowMs;
    this.note({ [contact]: nowMs });
  }

  /**
   * Writes an outcome down and has it told; on a full disk again and again until there is room, each time as the
   * operation stands then. `done` is called when it is on disk.
   */
  tell(ending: Ending, standing: () => Standing, done: () => void): void {
    const { journal, log, timers, clock, terms, box, terminal } = this.#parts;
    const { id, type } = this.#record;
    const record: OperationRecord = { ...this.#record, ...standing() };
    const finishedAtMs = clock.nowMs();
    const frame = { box, terms, finishedAtMs, terminalId: terminal.identity().id };
    try {
      this.#record = journal.tell(record, resultOf(record, ending, frame));
    } catch (error) {
      if (!isStorageFull(error)) throw this.#fatal(error);
      if (this.#waiting === null)
        log.error('the disk is full: an outcome waits to be written down', { id, type });
      const cancel = timers.after(tellRetryMs, () => {
        this.tell(ending, standing, done);
        this.#parts.changed();
      });
      this.#waiting = { ending, cancel };
      return;
    }
    this.#waiting = null;
    const { outcome = '', sequence = 0, reason } = this.#record.result ?? {};
    this.#parts.told(this.#record);
    log.info('operation told', { id, type, outcome, sequence, code: reason?.code ?? '' });
    done();
  }

  /** A waiting outcome was overtaken by a better one, or the gateway is going down. */
  drop(): void {
    this.#waiting?.cancel();
    this.#waiting = null;
  }

  #fatal(error: unknown): unknown {
    this.#parts.log.error('the journal failed', { id: this.#record.id, error: messageOf(error) });
    this.#parts.fatal(error);
    return error;
  }
}
