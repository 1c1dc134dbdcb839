/**
 * The queries. Each names its index where SQLite has a choice, so that no query turns into a walk over all rows
 * unnoticed: one that cannot use its index fails.
 */
import { operationColumns, resultColumns } from './codec.ts';
import { readable } from './schema.ts';

const operations = `SELECT ${readable(operationColumns)} FROM operations`;
const results = `SELECT ${readable(resultColumns)} FROM results`;
const isOpen = `stage NOT IN ('finished', 'refusedAhead')`;

const changing = operationColumns.split(', ').slice(2).join(', ');

/** Queries that answer with rows of table `operations`. */
export const operationQueries = {
  byId: `${operations} WHERE id = ?`,
  byNumber: `${operations} WHERE number = ?`,
  after: `${operations} WHERE number > ? ORDER BY number LIMIT ?`,
  newestAfter: `${operations} WHERE number > ? ORDER BY number DESC LIMIT ?`,
  open: `${operations} INDEXED BY operations_open WHERE ${isOpen} ORDER BY number`,
  reversals: `${operations} INDEXED BY operations_original WHERE original = ? ORDER BY number`,
} as const;

const idEntry = 'SELECT number, CAST(id AS BLOB) FROM operations INDEXED BY sqlite_autoindex_operations_1';

/** The entries before and after an id in the index of ids, read from the index alone. */
export const idNeighbours: readonly string[] = [
  `${idEntry} WHERE id < ? ORDER BY id DESC LIMIT 1`,
  `${idEntry} WHERE id > ? ORDER BY id LIMIT 1`,
];

/** The id of an operation, read from the table. */
export const idOfNumber = 'SELECT CAST(id AS BLOB) FROM operations WHERE number = ?';

/** Queries that answer with rows of table `results`. */
export const resultQueries = {
  bySequence: `${results} WHERE sequence = ?`,
  after: `${results} WHERE sequence > ? ORDER BY sequence LIMIT ?`,
  undelivered: `${results} INDEXED BY results_undelivered WHERE delivered = 0 AND sequence > ? ORDER BY sequence LIMIT ?`,
} as const;

/** Queries that answer with a single number. */
export const numberQueries = {
  numberOfId: 'SELECT number FROM operations WHERE id = ?',
  newestNumber: 'SELECT number FROM operations ORDER BY number DESC LIMIT 1',
  newestSequence: 'SELECT sequence FROM results ORDER BY sequence DESC LIMIT 1',
  // With a range, so that the index is searched and walked as by the query that lists them.
  undeliveredCount:
    'SELECT count(*) FROM results INDEXED BY results_undelivered WHERE delivered = 0 AND sequence > 0',
  openByNumber: `SELECT number FROM operations INDEXED BY operations_open WHERE number = ? AND ${isOpen}`,
  reversalByNumber:
    'SELECT number FROM operations INDEXED BY operations_original WHERE original = ? AND number = ?',
  undeliveredOfNumber: 'SELECT count(*) FROM results WHERE number = ? AND delivered = 0',
  undeliveredBySequence:
    'SELECT sequence FROM results INDEXED BY results_undelivered WHERE sequence = ? AND delivered = 0',
} as const;

const marks = (count: number): string => Array(count).fill('?').join(',');
const countOf = (columns: string): number => columns.split(',').length;

/** Statements that change rows. */
export const changes = {
  insertOperation: `INSERT INTO operations (${operationColumns}) VALUES (${marks(countOf(operationColumns))})`,
  /** All but number and id, which never change: naming the id would rewrite its index each time. Last: the number. */
  updateOperation: `UPDATE operations SET (${changing}) = (${marks(countOf(changing))}) WHERE number = ?`,
  deleteOperation: 'DELETE FROM operations WHERE number = ?',
  insertResult: `INSERT INTO results (${resultColumns}) VALUES (${marks(countOf(resultColumns))})`,
  deleteResults: 'DELETE FROM results WHERE number = ?',
  markDelivered: 'UPDATE results SET delivered = sequence WHERE sequence = ? AND delivered = 0',
  writeNote: 'REPLACE INTO notes (name, text, revision, checksum) VALUES (?, ?, ?, ?)',
} as const;

/** Reads every note. */
export const allNotes = `SELECT ${readable('name, text, revision, checksum')} FROM notes`;

/** Reads one note. */
export const noteByName = `${allNotes} WHERE name = ?`;

/** All of the above, to be compiled before the first is needed. */
export const statements: readonly string[] = [
  ...Object.values(operationQueries),
  ...Object.values(resultQueries),
  ...Object.values(numberQueries),
  ...Object.values(changes),
  noteByName,
  ...idNeighbours,
  idOfNumber,
];

/** Every query that runs at a start: each must cost no more with a million rows than with none. */
export const startQueries: readonly string[] = [
  numberQueries.newestNumber,
  numberQueries.newestSequence,
  numberQueries.undeliveredCount,
  numberQueries.numberOfId,
  operationQueries.open,
  operationQueries.byNumber,
  operationQueries.newestAfter,
  resultQueries.bySequence,
  resultQueries.undelivered,
];
