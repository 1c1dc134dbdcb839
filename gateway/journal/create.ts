/** Makes a new journal file. */
import { createHash } from 'node:crypto';
import { chmodSync, closeSync, fsyncSync, linkSync, mkdirSync, openSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'libsql';
import { encodeMeta, machineMark } from './meta.ts';
import { applicationId, migrations } from './schema.ts';
import { syncDirectory } from './witness.ts';

/** Whose journal it is to be. */
export interface NewJournal {
  box: string;
  machine: string | null;
  nowMs: number;
}

/**
 * Makes a journal of revision 0 and brings it under its name in one step: a crash leaves either none or a whole one.
 * Nothing that stands under that name is overwritten.
 */
export function createJournal(path: string, { box, machine, nowMs }: NewJournal): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const unfinished = `${path}.new`;
  for (const leftover of [unfinished, `${unfinished}-journal`]) rmSync(leftover, { force: true });
  const meta = encodeMeta({
    journal: nameOf(box, machine, nowMs),
    box,
    machine: machineMark(machine),
    createdAtMs: nowMs,
    revision: 0,
    lastNumber: 0,
    lastSequence: 0,
    openCount: 0,
    undeliveredCount: 0,
    prunedNumber: 0,
    trustedMs: 0,
  });
  // Without compiled statements, so that libsql closes the file at once.
  const database = new Database(unfinished, { timeout: 0 });
  try {
    database.exec(`
      BEGIN EXCLUSIVE;
      PRAGMA application_id = ${applicationId};
      ${migrations.join(';')};
      PRAGMA user_version = ${migrations.length};
      INSERT INTO meta VALUES (${meta.map(literal).join(', ')});
      COMMIT`);
  } finally {
    database.close();
  }
  chmodSync(unfinished, 0o600);
  const descriptor = openSync(unfinished, 'r');
  fsyncSync(descriptor);
  closeSync(descriptor);
  linkSync(unfinished, path);
  rmSync(unfinished);
  syncDirectory(dirname(path));
}

/** Tells this journal from every other one that this box ever made, so that a witness cannot vouch for the wrong one. */
const nameOf = (...made: readonly (string | number | null)[]): string =>
  createHash('sha256').update(JSON.stringify(made)).digest('hex').slice(0, 32);

const literal = (cell: string | number | null): string =>
  typeof cell === 'string' ? `'${cell.replaceAll("'", "''")}'` : String(cell);
