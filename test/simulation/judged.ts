/** What the oracle needs of a run: a simulated one has it, and so has one of real processes (test/crash). */
import type { Result } from '../../gateway/contract/result.ts';
import type { OperationRecord } from '../../gateway/payments/journal-port.ts';
import type { Card } from '../../gateway/simulators/terminal/cards.ts';
import type { Movement } from '../../gateway/simulators/terminal/ledger.ts';
import type { Book } from './book.ts';
import type { Violations } from './violation.ts';
import type { MoneyFrame } from './witness.ts';

/** A run that is over, as seen from outside. */
export interface Judged {
  readonly book: Book;
  readonly violations: Violations;
  readonly log: { text(): string };
  readonly world: {
    /** The verified results, each time they were published; one for each of `published` on that topic. */
    readonly results: readonly Result[];
    readonly broker: { readonly published: readonly { topic: string; payload: string }[] };
    readonly journal: {
      undelivered(afterSequence: number, limit: number): readonly unknown[];
      latest(limit: number): readonly unknown[];
      find(id: string): Pick<OperationRecord, 'start' | 'lastContactMs' | 'lateContactMs'> | null;
    };
    readonly terminal: { readonly cards: readonly Card[] };
  };
  /** What else may never be seen. */
  readonly secrets?: readonly (readonly [what: string, text: string])[];
  readonly other: { readonly cards: readonly Card[] };
  readonly witness: {
    readonly frames: readonly MoneyFrame[];
    readonly neverStarted: ReadonlySet<string>;
    sent(id: string): MoneyFrame | null;
  };
  /** How far the terminal's clock is ahead of the true time. */
  readonly terminalAheadMs: number;
  /** What the bank has, oldest first. */
  movements(): readonly Movement[];
}
