/** Journals that are worth damaging, with what they know written down beside them. */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JournalOptions } from '../../gateway/journal/journal.ts';
import type { SqliteJournal } from '../../gateway/journal/sqlite-journal.ts';
import type { OperationRecord, StoredResult } from '../../gateway/payments/journal-port.ts';
import {
  accepted,
  carryOut,
  crashImage,
  fillJournal,
  idOf,
  openIn,
  running,
} from '../support/fill-journal.ts';
import type { Image } from './damage-cases.ts';

/** What a journal knew when it was synced for the last time. */
export interface Knowledge {
  records: readonly OperationRecord[];
  results: readonly StoredResult[];
  open: readonly string[];
  undelivered: readonly number[];
  createdAtMs: number;
  trustedMs: number;
}

/** More than are read at a start, so that there are rows which only a question or the night finds. */
const filled = 400;
const trustedMs = Date.UTC(2026, 10, 21, 12);
/** The file beside a journal's own. */
const knowledgeFile = 'knowledge.json';

/** Makes the images in an empty directory: one of a gateway that was killed, one of a gateway that was stopped. */
export function makeImages(
  directory: string,
  change: Partial<JournalOptions> = {},
): { image: Image; knowledgeFile: string }[] {
  return (['killed', 'stopped'] as const).map((name) => {
    const work = join(directory, `${name}-work`);
    mkdirSync(work);
    fillJournal(work, filled, change);
    const journal = openIn(work, change);
    journal.noteTrustedTime(trustedMs, 'withNextRecord');
    const copyAs = (what: string): string => crashImage(work, join(directory, `${name}-${what}`));
    const carry = (from: number, count: number): void => {
      for (let n = from; n < from + count; n += 1)
        journal.delivered(carryOut(journal, n).result?.sequence ?? 0);
    };
    // Reading a file that SQLite has open drops its lock, which nobody else wants here.
    carry(filled + 1, 12);
    const first = copyAs('before the WAL was emptied');
    journal.checkpoint();
    carry(filled + 13, 12);
    const second = copyAs('a few payments ago');
    carry(filled + 25, 3);
    const last = accepted(filled + 28);
    journal.accept(last);
    journal.start(running(last));
    const knowledge = knowledgeOf(journal, filled + 28);
    const path = join(directory, `${name}-${knowledgeFile}`);
    writeFileSync(path, JSON.stringify(knowledge));
    if (name === 'stopped') journal.close();
    const final = copyAs('image');
    if (name === 'killed') journal.close();
    const older = { 'before the WAL was emptied': first, 'a few payments ago': second };
    return {
      image: { name, directory: final, files: readdirSync(final).sort(), older },
      knowledgeFile: path,
    };
  });
}

function knowledgeOf(journal: SqliteJournal, last: number): Knowledge {
  const ids = Array.from({ length: last }, (_, index) => idOf(index + 1));
  return {
    records: ids.flatMap((id) => journal.find(id) ?? []),
    results: ids.flatMap((id) => journal.resultOf(id) ?? []),
    open: journal.open().map(({ id }) => id),
    undelivered: journal.undelivered(0, 1000).map(({ sequence }) => sequence),
    createdAtMs: journal.createdAtMs,
    trustedMs: journal.latestTrustedMs(),
  };
}
