/** Right after a kill: what the gateway had promised is on its disk. */
import { messageOf } from '../../gateway/seams/error.ts';
import type { Violations } from '../simulation/violation.ts';
import { withJournal } from './disk.ts';
import type { Observer } from './observer.ts';

/** What a kill has left. */
export interface Aftermath {
  /** Accepted and not started: they must never start. */
  neverStarted: readonly string[];
  /** An operation was under way, and the next start has to settle it. */
  isBroken: boolean;
}

/** Holds a disk against what was seen of its gateway since the kill before. */
export function inspect(
  stateDir: string,
  box: string,
  observer: Observer,
  { report }: Violations,
): Aftermath {
  const { commands, results, frames, owed } = observer.promises();
  try {
    return withJournal(stateDir, box, (journal) => {
      for (const id of commands)
        if (journal.find(id) === null) report('9', id, 'acknowledged to the broker, and not on disk');
      for (const { id, sequence, outcome } of results)
        if ((journal.find(id)?.result?.sequence ?? 0) < sequence)
          report('2', id, `result ${sequence}, ${outcome}, was published and is not on disk`);
      for (const { id, method } of frames) {
        const { stage, start } = journal.find(id) ?? { stage: 'nowhere', start: null };
        if (start === null || stage === 'accepted')
          report('9', id, `${method} on the wire, and on disk it is ${stage}`);
      }
      const undelivered = new Set(journal.undelivered(0, 1000).map(({ sequence }) => sequence));
      for (const sequence of owed)
        if (!undelivered.has(sequence))
          report(
            '2',
            '',
            `result ${sequence} is taken for delivered, and the broker has not acknowledged it`,
          );
      const open = journal.open();
      return {
        neverStarted: open.filter(({ stage }) => stage === 'accepted').map(({ id }) => id),
        isBroken: open.some(({ stage }) => stage === 'running' || stage === 'recovering'),
      };
    });
  } catch (error) {
    report('11', '', `the journal of a killed gateway cannot be opened: ${messageOf(error)}`);
    return { neverStarted: [], isBroken: false };
  }
}
