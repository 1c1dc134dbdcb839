/**
 * What a gateway does with its journal on a card, told as one line of JSON. `node read-only-card.ts break DIRECTORY`
 * writes to it and has the kernel turn its file system read-only in the middle; `… use DIRECTORY` opens what is there
 * and goes on. The directory is the mount point of an ext4.
 */
import { execFileSync } from 'node:child_process';
import { messageOf, SwipeError } from '../../gateway/seams/error.ts';
import { accepted, carryOut, finished, idOf, openIn, running, untold } from './fill-journal.ts';

const [what, directory = ''] = process.argv.slice(2);
const started = running(accepted(2));
const outcomeOf = (run: () => unknown): unknown => {
  try {
    return run() ?? 'good';
  } catch (error) {
    return error instanceof SwipeError ? error.code : messageOf(error);
  }
};

function breakIt() {
  const journal = openIn(directory);
  carryOut(journal, 1);
  journal.accept(accepted(2));
  journal.start(started);
  // What ext4 does by itself after an error: ext4(5), mount option `abort`.
  execFileSync('mount', ['-o', 'remount,abort', directory]);
  return {
    accept: outcomeOf(() => journal.accept(accepted(3))),
    tell: outcomeOf(() => journal.tell(finished(started), untold(started))),
    look: outcomeOf(() => journal.find(idOf(1))?.stage),
    close: outcomeOf(() => journal.close()),
  };
}

function useIt() {
  let open: unknown[] = [];
  const opened = outcomeOf(() => {
    const journal = openIn(directory);
    open = journal.open().map(({ id, stage }) => `${id} ${stage}`);
    journal.tell(finished(started), untold(started));
  });
  return { opened, open };
}

process.stdout.write(`${JSON.stringify(what === 'break' ? breakIt() : useIt())}\n`);
