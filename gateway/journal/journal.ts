/** Opens the journal of a box: decides first, from what is there, whether it may be used at all. */
import { statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { SwipeError } from '../seams/error.ts';
import type { Log } from '../seams/log.ts';
import { RowDamage } from './codec.ts';
import { Connection } from './connection.ts';
import { createJournal, type NewJournal } from './create.ts';
import { damaged, faultAtOpening, forgot } from './faults.ts';
import { Ledger } from './ledger.ts';
import { type Meta, machineMark, readMeta } from './meta.ts';
import { applicationId, migrate, migrations } from './schema.ts';
import { SqliteJournal } from './sqlite-journal.ts';
import { checkAgainstWitness, checkRows, checkWitnessedRow } from './start-checks.ts';
import { statements } from './statements.ts';
import {
  createWitness,
  readWitness,
  type SyncFile,
  Witness,
  type WitnessReading,
  writeThrough,
} from './witness.ts';

/** What is kept free for the outcomes of what is already running. */
export const defaultReserveBytes = 8 * 1024 * 1024;

/** What a journal needs to be opened. */
export interface JournalOptions extends NewJournal {
  /** Where the files are: `journal.db` (while in use with `journal.db-wal`) and `journal.witness`. Made if missing. */
  directory: string;
  /** The box's id; a journal of another one is refused. */
  box: string;
  /** The machine's serial number, of which a hash is kept; null where machines have none. */
  machine: string | null;
  /** Wall-clock time, for a journal that is new. */
  nowMs: number;
  log: Log;
  /** Free bytes on the file system; absent: asked of the system. */
  freeBytes?: () => number;
  /** Below this many free bytes nothing new is accepted; absent: {@link defaultReserveBytes}. */
  reserveBytes?: number;
  /** How far the database file may grow, in pages of 4 KiB; absent: as far as there is room. */
  maxPages?: number;
  /** Makes the witness durable; absent: `fdatasync`. */
  syncWitness?: SyncFile;
}

/**
 * Opens the journal, or makes it where neither it nor its witness exists. When it must not be used this throws a
 * SwipeError, having changed and created no file: `journalLocked`, `journalDamaged`, `journalNewer`,
 * `journalForeign`, `journalForgot`, or `storageFull`. After all but `journalLocked` the files stay locked until the
 * process ends, which it should.
 */
export function openJournal(options: JournalOptions): SqliteJournal {
  const path = join(options.directory, 'journal.db');
  const witnessPath = join(options.directory, 'journal.witness');
  try {
    const reading = isThere(witnessPath) ? readWitness(witnessPath) : null;
    if (prepareFile(path, reading)) {
      createJournal(path, options);
      options.log.info('a new journal was made', { path, box: options.box });
    }
    return openFile(path, witnessPath, reading, options);
  } catch (error) {
    throw faultAtOpening(error, path);
  }
}

const isThere = (path: string): boolean => statSync(path, { throwIfNoEntry: false }) !== undefined;

/** Whether the file is to be made. Looks at names and sizes alone: SQLite deletes the WAL of an empty database. */
function prepareFile(path: string, reading: WitnessReading | null): boolean {
  const size = statSync(path, { throwIfNoEntry: false })?.size;
  if (size !== undefined && size < 512) throw damaged(path, `it has only ${size} bytes`);
  if (size !== undefined) return false;
  if (reading !== null)
    throw forgot(path, `the journal is gone, and its witness proves revision ${reading.testimony.revision}`);
  for (const remainder of [`${path}-wal`, `${path}-journal`])
    if (isThere(remainder))
      throw forgot(path, `the journal and its witness are gone, and ${remainder} is left`);
  return true;
}

function openFile(
  path: string,
  witnessPath: string,
  reading: WitnessReading | null,
  options: JournalOptions,
): SqliteJournal {
  const connection = new Connection(path);
  try {
    const meta = checkedMeta(connection, options);
    if (reading !== null) checkAgainstWitness(path, meta, reading.testimony);
    else if (meta.revision > 0)
      throw forgot(witnessPath, `the witness is gone, and the journal is at revision ${meta.revision}`);
    migrate(connection, versionOf(connection));
    connection.compile(statements);
    const ledger = new Ledger(connection, meta);
    if (reading !== null) checkWitnessedRow(path, ledger.records, reading.testimony);
    checkRows(connection, ledger.records, meta);

    connection.goLive(options.maxPages ?? null);
    const witness = openWitness(witnessPath, reading, meta, options);
    return new SqliteJournal({
      ledger,
      witness,
      log: options.log,
      freeBytes: options.freeBytes ?? freeBytesIn(options.directory),
      reserveBytes: options.reserveBytes ?? defaultReserveBytes,
    });
  } catch (error) {
    connection.abandon();
    throw error;
  }
}

const versionOf = (connection: Connection): number => Number(connection.row('PRAGMA user_version')?.[0]);

/** Whose file it is, of which version, and its counters. */
function checkedMeta(connection: Connection, { box, machine }: JournalOptions): Meta {
  const { path } = connection;
  if (connection.row('PRAGMA application_id')?.[0] !== applicationId)
    throw damaged(path, 'it is not a journal of Swipe');
  const version = versionOf(connection);
  if (version > migrations.length)
    throw new SwipeError(
      'journalNewer',
      `The journal ${path} is of version ${version}, this Swipe knows versions up to ${migrations.length}. ` +
        'No file was changed. Install the Swipe that wrote it, or a newer one.',
    );
  const meta = soundMeta(connection);
  const foreign = (found: string): SwipeError =>
    new SwipeError(
      'journalForeign',
      `The journal ${path} ${found}. No file was changed. Was this card or directory copied? Use it where it came ` +
        'from, or give this box a state directory of its own.',
    );
  if (meta.box !== box) throw foreign(`belongs to box ${meta.box}, this is box ${box}`);
  if (meta.machine !== machineMark(machine)) throw foreign('was made on another machine than this');
  return meta;
}

function soundMeta(connection: Connection): Meta {
  try {
    const meta = readMeta(connection);
    if (meta === null) throw new RowDamage('table meta is empty');
    return meta;
  } catch (error) {
    if (error instanceof RowDamage) throw damaged(connection.path, error.message, error);
    throw error;
  }
}

/** The witness comes last: a journal of revision 0 without one is a creation that was cut short. */
function openWitness(
  path: string,
  reading: WitnessReading | null,
  { journal, revision }: Meta,
  { log, syncWitness = writeThrough }: JournalOptions,
): Witness {
  const made = reading ?? createWitness(path, { journal, revision, sequence: 0, number: 0 });
  const witness = new Witness(path, made, syncWitness);
  if (made.otherIsBad) {
    log.warn('one of the two slots of the witness was bad; it is written anew', { path });
    witness.repeat();
  }
  return witness;
}

const freeBytesIn = (directory: string) => (): number => {
  const { bavail, bsize } = statfsSync(directory);
  return bavail * bsize;
};
