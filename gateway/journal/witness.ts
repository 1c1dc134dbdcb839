/**
 * The witness: a small file beside the database that proves what the database must know. SQLite drops every commit
 * after the first bad byte of a WAL without a word (sqlite.org/walformat.html §4.4); the witness tells.
 *
 * Two slots, 4 KiB apart so that no torn write reaches both, are written in turn, each with its own checksum. What
 * that proves:
 * - A crash while a slot is written leaves the other one, which is older by one write. That write's `start` or `tell`
 *   had not returned, so nothing that anybody relies on is lost.
 * - A slot that goes bad later (a worn-out card) leaves the other one too. Then everything up to the last write but
 *   one is still proven, the last one is not. A clean close writes the same into both slots, so that then nothing
 *   at all is lost; and the next start writes the bad slot anew.
 * - When both are bad, nothing is proven, and the journal does not start.
 */
import { createHash } from 'node:crypto';
import { closeSync, fdatasyncSync, fsyncSync, openSync, readSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { messageOf } from '../seams/error.ts';
import { damaged, full } from './faults.ts';

/** What the database must know at least. */
export interface Testimony {
  /** The journal's own id: 32 hexadecimal digits. */
  journal: string;
  /** The revision in which an operation was started or its result told. */
  revision: number;
  /** The latest sequence then. */
  sequence: number;
  /** The number of that operation; 0 before there was any. Its row carries this revision or a later one. */
  number: number;
}

/** Makes written data durable: `fdatasync`. */
export type SyncFile = (descriptor: number) => void;

/** The system's `fdatasync`. */
export const writeThrough: SyncFile = fdatasyncSync;

/** What a witness file says: the newest whole slot, and where it stands. */
export interface WitnessReading {
  testimony: Testimony;
  /** 0 or 1. */
  slot: number;
  /** The other slot is not whole. */
  otherIsBad: boolean;
}

const magic = 'SwW1';
const slotStride = 4096;
const slotBytes = 64;
const bodyBytes = 44;

function encodeSlot({ journal, revision, sequence, number }: Testimony): Buffer {
  const slot = Buffer.alloc(slotBytes);
  slot.write(magic, 0, 'latin1');
  slot.write(journal, 4, 'hex');
  slot.writeBigUInt64BE(BigInt(revision), 20);
  slot.writeBigUInt64BE(BigInt(sequence), 28);
  slot.writeBigUInt64BE(BigInt(number), 36);
  sumOf(slot).copy(slot, bodyBytes);
  return slot;
}

const sumOf = (slot: Buffer): Buffer =>
  createHash('sha256')
    .update(slot.subarray(0, bodyBytes))
    .digest()
    .subarray(0, slotBytes - bodyBytes);

function decodeSlot(slot: Buffer): Testimony | null {
  if (slot.toString('latin1', 0, 4) !== magic || !slot.subarray(bodyBytes).equals(sumOf(slot))) return null;
  return {
    journal: slot.toString('hex', 4, 20),
    revision: Number(slot.readBigUInt64BE(20)),
    sequence: Number(slot.readBigUInt64BE(28)),
    number: Number(slot.readBigUInt64BE(36)),
  };
}

function readSlot(descriptor: number, slot: number): Testimony | null {
  const bytes = Buffer.alloc(slotBytes);
  readSync(descriptor, bytes, 0, slotBytes, slot * slotStride);
  return decodeSlot(bytes);
}

/** Reads a witness file, changing nothing. Throws a SwipeError `journalDamaged` when no slot is whole. */
export function readWitness(path: string): WitnessReading {
  const descriptor = openSync(path, 'r');
  try {
    const [first, second] = [readSlot(descriptor, 0), readSlot(descriptor, 1)];
    if (first !== null && second !== null && first.journal !== second.journal)
      throw damaged(path, 'its two slots are of different journals');
    if (second !== null && (first === null || second.revision > first.revision))
      return { testimony: second, slot: 1, otherIsBad: first === null };
    if (first !== null) return { testimony: first, slot: 0, otherIsBad: second === null };
    throw damaged(path, 'neither of its two slots is whole, so nothing proves what the journal must know');
  } finally {
    closeSync(descriptor);
  }
}

/** Makes the names in a directory durable. */
export function syncDirectory(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Makes a witness file with all its room taken. It appears under its name whole or not at all. */
export function createWitness(path: string, testimony: Testimony): WitnessReading {
  const unfinished = `${path}.new`;
  const descriptor = openSync(unfinished, 'w', 0o600);
  try {
    const file = Buffer.alloc(2 * slotStride);
    for (const slot of [0, 1]) encodeSlot(testimony).copy(file, slot * slotStride);
    writeSync(descriptor, file, 0, file.length, 0);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(unfinished, path);
  syncDirectory(dirname(path));
  return { testimony, slot: 0, otherIsBad: false };
}

/** A witness file that is open for writing. */
export class Witness {
  readonly #path: string;
  readonly #descriptor: number;
  readonly #sync: SyncFile;
  #latest: WitnessReading;
  #owed: Testimony | null = null;

  constructor(path: string, latest: WitnessReading, sync: SyncFile) {
    this.#path = path;
    this.#descriptor = openSync(path, 'r+');
    this.#sync = sync;
    this.#latest = latest;
  }

  /** What it proves now. */
  get testimony(): Testimony {
    return this.#latest.testimony;
  }

  /** Writes and returns when it is durable. Throws a SwipeError `storageFull`; then it is owed: see `settle`. */
  testify(testimony: Testimony): void {
    this.#owed = testimony;
    this.settle();
  }

  /** Writes what is owed since an earlier failure, if anything is. Throws a SwipeError `storageFull`. */
  settle(): void {
    if (this.#owed === null) return;
    try {
      this.#write(this.#owed);
    } catch (error) {
      throw full(this.#path, `the witness could not be written, ${messageOf(error)}`, error);
    }
    this.#owed = null;
  }

  /** Brings the other slot up to what the newer one says. Throws a SwipeError `storageFull`. */
  repeat(): void {
    this.testify(this.#owed ?? this.testimony);
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  // Into the older (or the bad) slot. A failure leaves the newer one standing, and the next call tries the same slot.
  #write(testimony: Testimony): void {
    const slot = 1 - this.#latest.slot;
    const written = writeSync(this.#descriptor, encodeSlot(testimony), 0, slotBytes, slot * slotStride);
    if (written !== slotBytes) throw new Error(`${written} of ${slotBytes} bytes were written`);
    this.#sync(this.#descriptor);
    this.#latest = { testimony, slot, otherIsBad: false };
  }
}
