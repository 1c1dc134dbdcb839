/**
 * Opens damaged journals, one after the other, and says what each one still knows. A process of its own: on some
 * bad bytes a library might end it.
 */
import { cpSync, readFileSync, rmSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import type { SqliteJournal } from '../../../gateway/journal/sqlite-journal.ts';
import { isSwipeError, messageOf } from '../../../gateway/seams/error.ts';
import { accepted, carryOut, fingerprints, openIn } from '../../support/fill-journal.ts';
import type { Knowledge } from '../damage-images.ts';

/** What became of a damaged journal. */
export interface Fate {
  fate:
    | 'recovered'
    /** It did not start, and said why. */
    | 'stopped'
    /** It started; what is damaged says so when it is asked for, and the nightly run finds it. */
    | 'started, cold rows damaged'
    /** What must never be. */
    | 'STARTED WITH LESS'
    | 'STOPPED WITHOUT A CLEAR ERROR';
  text: string;
}

const clearCodes = /^journal(Damaged|Forgot|Newer|Foreign)$/;

function fateOf(directory: string, knowledge: Knowledge): Fate {
  // What is asked for is in the cache afterwards, and the night has to find it on the disk.
  const forTheNight = `${directory}-night`;
  cpSync(directory, forTheNight, { recursive: true });
  try {
    return openAndJudge(directory, knowledge, () => nightFinds(forTheNight));
  } finally {
    rmSync(forTheNight, { recursive: true, force: true, maxRetries: 3 });
  }
}

function openAndJudge(directory: string, knowledge: Knowledge, nightFinds: () => boolean): Fate {
  const before = fingerprints(directory);
  let journal: SqliteJournal;
  try {
    journal = openIn(directory);
  } catch (error) {
    const code = String((error as { code?: unknown }).code);
    const isClear = clearCodes.test(code) && isDeepStrictEqual(fingerprints(directory), before);
    return { fate: isClear ? 'stopped' : 'STOPPED WITHOUT A CLEAR ERROR', text: messageOf(error) };
  }
  try {
    return judge(journal, knowledge, nightFinds);
  } finally {
    journal.close();
  }
}

function judge(journal: SqliteJournal, knowledge: Knowledge, nightFinds: () => boolean): Fate {
  const less: string[] = [];
  let damaged = 0;
  /** What is asked for is there, or the journal says that it is damaged. */
  const demand = (what: string, isThere: () => boolean): void => {
    try {
      if (!isThere()) less.push(what);
    } catch (error) {
      if (!isSwipeError(error, 'journalDamaged')) less.push(`${what}: ${messageOf(error)}`);
      damaged += 1;
    }
  };
  for (const record of knowledge.records)
    demand(`operation ${record.id}`, () => isDeepStrictEqual(journal.find(record.id), record));
  for (const result of knowledge.results)
    demand(`result ${result.sequence}`, () => isDeepStrictEqual(journal.resultOf(result.id), result));
  demand('what is open', () =>
    isDeepStrictEqual(
      journal.open().map(({ id }) => id),
      knowledge.open,
    ),
  );
  demand('what is undelivered', () => {
    const sequences = new Set(journal.undelivered(0, 1000).map(({ sequence }) => sequence));
    return knowledge.undelivered.every((sequence) => sequences.has(sequence));
  });
  demand('when it was made', () => journal.createdAtMs === knowledge.createdAtMs);
  demand('the trusted time', () => journal.latestTrustedMs() === knowledge.trustedMs);
  if (damaged > 0 && !nightFinds()) less.push('damage that the nightly run does not find');
  const latest = Math.max(...knowledge.results.map(({ sequence }) => sequence));
  demand('the next sequence', () => {
    const n = knowledge.records.length + 1;
    const isNew = journal.find(accepted(n).id) === null;
    return isNew && carryOut(journal, n).result?.sequence === latest + 1;
  });
  if (less.length > 0) return { fate: 'STARTED WITH LESS', text: less.slice(0, 5).join('; ') };
  if (damaged > 0) return { fate: 'started, cold rows damaged', text: `${damaged} rows` };
  return { fate: 'recovered', text: '' };
}

function nightFinds(directory: string): boolean {
  const journal = openIn(directory);
  try {
    while (!journal.verifyStep(500).roundComplete);
    return false;
  } catch (error) {
    return isSwipeError(error, 'journalDamaged');
  } finally {
    journal.close();
  }
}

process.on('message', ({ directory, knowledgeFile }: { directory: string; knowledgeFile: string }) => {
  const knowledge = JSON.parse(readFileSync(knowledgeFile, 'utf8')) as Knowledge;
  process.send?.(fateOf(directory, knowledge));
});
process.send?.('ready');
process.once('SIGTERM', () => process.exit(0));
