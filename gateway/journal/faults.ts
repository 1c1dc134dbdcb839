/** What goes wrong with the journal's files, in the words of a SwipeError. */
import { accessSync, constants } from 'node:fs';
import { messageOf, SwipeError } from '../seams/error.ts';

/** What a person should do when the journal stops the start. */
const remedy =
  'No file was changed. Keep all files of this directory as they are, settle the last operations by the ' +
  "terminal's receipts, and ask for service; only then move the whole directory aside to begin a new journal";

/** The error of a journal whose files contradict themselves. `found` says what is wrong and where in the file. */
export const damaged = (path: string, found: string, cause?: unknown): SwipeError =>
  new SwipeError('journalDamaged', `The journal is damaged: ${path}: ${found}. ${remedy}.`, { cause });

/** The error of a journal that knows less than its witness. */
export const forgot = (path: string, found: string): SwipeError =>
  new SwipeError('journalForgot', `The journal knows less than it once did: ${path}: ${found}. ${remedy}.`);

/** The error of a call that the record's state does not allow: a programmer's mistake, nothing was written. */
export const misuse = (id: string, found: string): SwipeError =>
  new SwipeError('journalMisuse', `Operation ${id}: ${found}`);

/** The error of a journal that cannot take another record. */
export const full = (path: string, found: string, cause?: unknown): SwipeError =>
  new SwipeError(
    'storageFull',
    `The journal cannot be written: ${path}: ${found}. Nothing was recorded. Free some space on this file ` +
      'system, and check that it is writable and its storage sound (dmesg).',
    { cause },
  );

const locked = (path: string, cause: unknown): SwipeError =>
  new SwipeError(
    'journalLocked',
    `Another process has the journal open: ${path}. Only one gateway may run on a state directory: ` +
      'stop the other one (systemctl stop swipe-gateway), then start again.',
    { cause },
  );

const codeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

// SQLite's result codes (sqlite.org/rescode.html), and errno of the witness's own system calls.
// EEXIST: another process made the journal at the same moment.
const lockedCodes = /^(SQLITE_(BUSY|LOCKED)|EEXIST)/;
const damageCodes = /^SQLITE_(CORRUPT|NOTADB|IOERR_(READ|SHORT_READ|DATA|CORRUPTFS))/;
const writingCodes =
  /^(SQLITE_(FULL|IOERR|READONLY|CANTOPEN|PERM)|ENOSPC|EDQUOT|EFBIG|EIO|EROFS|EACCES|EPERM)/;

/** Whether SQLite has found a page that cannot be one of its own. */
export const isMalformed = (error: unknown): boolean => damageCodes.test(codeOf(error));

/**
 * Translates an error of SQLite or of a system call that came while writing or reading a journal in use.
 * What is neither is a mistake in this program and stays as it is.
 */
export function faultInUse(error: unknown, path: string): unknown {
  const code = codeOf(error);
  if (error instanceof SwipeError) return error;
  if (lockedCodes.test(code)) return locked(path, error);
  if (damageCodes.test(code)) return damaged(path, `${code}, ${messageOf(error)}`, error);
  if (writingCodes.test(code)) return full(path, `${code}, ${messageOf(error)}`, error);
  return error;
}

/**
 * The same while a journal is being opened: there, all that is neither a lock nor a lack of room is damage. A file
 * system that has turned read-only counts as a lack of room: the journal on it is sound, and stays where it is.
 */
export function faultAtOpening(error: unknown, path: string): unknown {
  const code = codeOf(error);
  if (error instanceof SwipeError || error instanceof TypeError || error instanceof ReferenceError)
    return error;
  if (lockedCodes.test(code)) return locked(path, error);
  // A header that has gone bad is called read-only, too.
  const isReadOnly = code.startsWith('SQLITE_READONLY') && !isWritable(path);
  if (isReadOnly || /^(SQLITE_(FULL|IOERR_(WRITE|FSYNC|LOCK))|ENOSPC|EDQUOT|EFBIG|EROFS)/.test(code))
    return full(path, `${code}, ${messageOf(error)}`, error);
  return damaged(path, `it cannot be opened and read: ${code} ${messageOf(error)}`.trim(), error);
}
