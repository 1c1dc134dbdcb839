/** The journal in plain memory: the same interface and the same rules, for simulations and demos. */
import { encodePayload, endOf, isOpen, originalOf } from '../journal/codec.ts';
import { full } from '../journal/faults.ts';
import { mayAccept, mayNote, mayStart, mayTell, mayUpdate, type Standing } from '../journal/rules.ts';
import type { Journal, OperationRecord, StoredResult, UntoldResult } from '../payments/journal-port.ts';

interface Entry {
  /** As JSON text, so that nothing that is handed out can change what stands here. */
  text: string;
  /** The same, for looking at only. */
  record: Readonly<OperationRecord>;
}

/**
 * A {@link Journal} whose disk is this object. What the real one keeps on disk survives {@link MemoryJournal.crash}
 * and {@link MemoryJournal.close}; after either it can be used again, as by the next start.
 */
export class MemoryJournal implements Journal {
  readonly createdAtMs: number;
  /** While true every write throws a SwipeError `storageFull`, having changed nothing. */
  isFull = false;
  // By id, in the order in which they were accepted.
  readonly #operations = new Map<string, Entry>();
  readonly #results = new Map<number, StoredResult>();
  readonly #undelivered = new Set<number>();
  readonly #notes = new Map<string, string>();
  #lastSequence = 0;
  #trustedMs = 0;
  readonly #marks = new Set<number>();
  #waitingTrustedMs = 0;

  constructor({ createdAtMs }: { createdAtMs: number }) {
    this.createdAtMs = createdAtMs;
  }

  find(id: string): OperationRecord | null {
    const entry = this.#operations.get(id);
    return entry === undefined ? null : (JSON.parse(entry.text) as OperationRecord);
  }

  accept(record: OperationRecord): void {
    mayAccept(record, this.#standing(record.id));
    this.#write(() => this.#put(record));
  }

  start(record: OperationRecord): void {
    mayStart(record, this.#standing(record.id));
    this.#write(() => this.#put(record));
  }

  update(record: OperationRecord): void {
    mayUpdate(record, this.#standing(record.id));
    this.#write(() => this.#put(record));
  }

  tell(record: OperationRecord, result: UntoldResult): OperationRecord {
    mayTell(record, result, this.#standing(record.id));
    return this.#write(() => {
      const { id, kid } = record;
      const sequence = this.#lastSequence + 1;
      const payload = encodePayload(result, sequence);
      this.#lastSequence = sequence;
      this.#results.set(sequence, { sequence, id, kid, payload });
      this.#undelivered.add(sequence);
      return this.#put({ ...record, result: JSON.parse(payload) });
    });
  }

  open(): OperationRecord[] {
    return this.#select(({ stage }) => isOpen(stage));
  }

  latest(limit: number): OperationRecord[] {
    if (limit <= 0) return [];
    const newest = [...this.#operations.values()].slice(-limit).reverse();
    return newest.map(({ text }) => JSON.parse(text) as OperationRecord);
  }

  reversalsOf(id: string): OperationRecord[] {
    return this.#select((record) => originalOf(record) === id);
  }

  undelivered(afterSequence: number, limit: number): StoredResult[] {
    return [...this.#undelivered]
      .filter((sequence) => sequence > afterSequence && !this.#marks.has(sequence))
      .slice(0, Math.max(limit, 0))
      .flatMap((sequence) => structuredClone(this.#results.get(sequence)) ?? []);
  }

  lastSequence(): number {
    return this.#lastSequence;
  }

  resultOf(id: string): StoredResult | null {
    const sequence = this.#operations.get(id)?.record.result?.sequence ?? 0;
    return structuredClone(this.#results.get(sequence)) ?? null;
  }

  delivered(sequence: number): void {
    this.#marks.add(sequence);
  }

  latestTrustedMs(): number {
    return this.#trustedMs;
  }

  noteTrustedTime(nowMs: number, when: 'withNextRecord' | 'atOnce'): void {
    if (nowMs <= this.#trustedMs) return;
    this.#waitingTrustedMs = Math.max(this.#waitingTrustedMs, nowMs);
    if (when === 'atOnce') this.flush();
  }

  note(name: string): string | null {
    return this.#notes.get(name) ?? null;
  }

  setNote(name: string, text: string): void {
    mayNote(name, text);
    this.#write(() => this.#notes.set(name, text));
  }

  prune(beforeMs: number): number {
    this.flush();
    const waiting = [...this.#undelivered].map((sequence) => this.#results.get(sequence)?.id);
    const newest = [...this.#operations.keys()].at(-1);
    const kept = new Set([...waiting, newest, this.#results.get(this.#lastSequence)?.id]);
    const old = this.#select((record) => !kept.has(record.id) && (endOf(record) ?? beforeMs) < beforeMs);
    if (old.length === 0) return 0;
    return this.#write(() => {
      const gone = new Set(old.map(({ id }) => id));
      for (const id of gone) this.#operations.delete(id);
      for (const { sequence, id } of [...this.#results.values()])
        if (gone.has(id)) this.#results.delete(sequence);
      return gone.size;
    });
  }

  /** Writes down what waits for the next record. */
  flush(): void {
    if (this.#marks.size > 0 || this.#waitingTrustedMs > 0) this.#write(() => undefined);
  }

  /** The power is gone: what was waiting for the next record is lost, what was written stays. */
  crash(): void {
    this.#marks.clear();
    this.#waitingTrustedMs = 0;
  }

  close(): void {
    if (!this.isFull) this.flush();
    this.crash();
  }

  #write<Answer>(change: () => Answer): Answer {
    if (this.isFull) throw full('memory', 'the simulated disk is full');
    for (const sequence of this.#marks) this.#undelivered.delete(sequence);
    this.#trustedMs = Math.max(this.#trustedMs, this.#waitingTrustedMs);
    this.crash();
    return change();
  }

  #put(record: OperationRecord): OperationRecord {
    const text = JSON.stringify(record);
    this.#operations.set(record.id, { text, record: JSON.parse(text) as OperationRecord });
    return JSON.parse(text) as OperationRecord;
  }

  #standing(id: string): Standing {
    const record = this.#operations.get(id)?.record;
    return record === undefined ? null : { record, resultSequence: record.result?.sequence ?? null };
  }

  #select(wanted: (record: Readonly<OperationRecord>) => boolean): OperationRecord[] {
    return [...this.#operations.values()]
      .filter(({ record }) => wanted(record))
      .map(({ text }) => JSON.parse(text) as OperationRecord);
  }
}
