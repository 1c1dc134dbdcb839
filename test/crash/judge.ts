/** Holds a run of real processes against the rules: the simulation's oracle, and what only a restart can break. */
import type { Result } from '../../gateway/contract/result.ts';
import { topicsOf } from '../../gateway/contract/topics.ts';
import type { SqliteJournal } from '../../gateway/journal/sqlite-journal.ts';
import { type Book, movesMoney } from '../simulation/book.ts';
import type { Judged } from '../simulation/judged.ts';
import { judge, type Sums } from '../simulation/oracle.ts';
import type { Violations } from '../simulation/violation.ts';
import type { TerminalView } from './box.ts';
import type { Observer } from './observer.ts';

/** What is left of a run. */
export interface Remains {
  box: string;
  book: Book;
  violations: Violations;
  observer: Observer;
  neverStarted: ReadonlySet<string>;
  /** Of the gateway that was stopped in the end. */
  journal: SqliteJournal;
  /** All bytes of the journal's files, as text. */
  journalText: string;
  log: string;
  bank: TerminalView;
  terminalAheadMs: number;
  /** The last status that the sale systems saw before that. */
  status: string;
}

/** The start is written down a moment before its first byte. */
const writeSlackMs = 2_000;

/** Reports every violation, and sums up. */
export function judgeRun(remains: Remains, sums: Sums): void {
  const { observer, violations, bank, box } = remains;
  const judged: Judged = {
    book: remains.book,
    violations,
    log: { text: () => remains.log },
    world: {
      results: observer.results,
      broker: {
        published: [...observer.published, { topic: topicsOf(box).status, payload: remains.status }],
      },
      journal: {
        undelivered: (after, limit) => remains.journal.undelivered(after, limit),
        latest: () => [remains.journalText],
        find: (id) => remains.journal.find(id),
      },
      terminal: bank,
    },
    other: { cards: [] },
    witness: {
      frames: observer.frames,
      neverStarted: remains.neverStarted,
      sent: (id) => observer.sent(id),
    },
    terminalAheadMs: remains.terminalAheadMs,
    movements: () => bank.ledger,
  };
  judge(judged, sums);
  judgeKnowledge(remains);
  judgeOrder(remains);
}

/** What a sale system knows in the end is what was told last, and what stands in the journal. */
function judgeKnowledge({ book, observer, journal, violations }: Remains): void {
  const last = lastOf(observer.results);
  for (const { id, known } of book.all()) {
    const stored = journal.find(id)?.result ?? null;
    if (stored?.sequence !== known?.sequence)
      violations.report('2', id, `its sender knows result ${known?.sequence}, the box ${stored?.sequence}`);
    if (known?.sequence !== last.get(id)?.sequence)
      violations.report(
        '2',
        id,
        `its sender knows result ${known?.sequence}, not the last one that was told`,
      );
  }
}

/** Nothing starts after its deadline, or before the outcome of what was sent before is final. */
function judgeOrder({ book, observer, violations }: Remains): void {
  const first = lastOf([...observer.results].reverse());
  const last = lastOf(observer.results);
  for (const [index, { id, atMs, wallMs, method }] of observer.frames.entries()) {
    const sends = book.find(id)?.sends.filter((send) => send.atMs <= atMs) ?? [];
    const deadlineMs = Math.max(...sends.map(({ expiresAtMs }) => expiresAtMs));
    if (wallMs > deadlineMs + writeSlackMs)
      violations.report('4', id, `${method} sent ${wallMs - deadlineMs} ms after its deadline`);
    const before = observer.frames[index - 1];
    if (before === undefined || !movesMoney(book.find(before.id)?.type ?? '')) continue;
    const settled = last.get(before.id)?.sequence ?? Number.POSITIVE_INFINITY;
    if (settled > (first.get(id)?.sequence ?? 0))
      violations.report('6', id, `${method} sent before the outcome of ${before.id} was final`);
  }
}

/** By id, the result of the highest sequence; of a reversed list, the lowest. */
function lastOf(results: readonly Result[]): Map<string, Result> {
  return new Map(results.map((result) => [result.id, result]));
}
