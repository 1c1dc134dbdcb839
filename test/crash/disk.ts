/** What a killed gateway has left on its disk, read from a copy. */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openJournal } from '../../gateway/journal/journal.ts';
import type { SqliteJournal } from '../../gateway/journal/sqlite-journal.ts';
import { silentLog } from '../../gateway/seams/log.ts';
import { machineSerial } from '../../gateway/system/machine.ts';

/** Opens a copy of the journal in a state directory, of which no process has it open; `use` reads it. */
export function withJournal<Found>(
  stateDir: string,
  box: string,
  use: (journal: SqliteJournal) => Found,
): Found {
  const directory = mkdtempSync(join(tmpdir(), 'swipe-crash-copy-'));
  try {
    copyJournal(stateDir, directory);
    const machine = machineSerial();
    const journal = openJournal({ directory, box, machine, nowMs: Date.now(), log: silentLog });
    try {
      return use(journal);
    } finally {
      journal.close();
    }
  } finally {
    rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** The journal's files in a state directory. */
export const journalFiles = (stateDir: string): string[] =>
  readdirSync(stateDir).filter((name) => name.startsWith('journal.'));

function copyJournal(stateDir: string, into: string): void {
  for (const name of journalFiles(stateDir)) cpSync(join(stateDir, name), join(into, name));
}

/** Everything that stands in the journal's files, freed pages included. */
export const rawText = (stateDir: string): string =>
  journalFiles(stateDir)
    .map((name) => readFileSync(join(stateDir, name), 'utf8'))
    .join('\n');
