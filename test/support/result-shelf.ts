import type { Journal, StoredResult } from '../../gateway/payments/journal-port.ts';
import { SwipeError } from '../../gateway/seams/error.ts';

/** What the outbox uses of a journal. */
export class ResultShelf implements Pick<Journal, 'undelivered' | 'delivered' | 'resultOf'> {
  readonly results: StoredResult[] = [];
  readonly done = new Set<number>();
  reads = 0;
  full = false;
  unreadable = false;

  tell(id: string): void {
    const sequence = this.results.length + 1;
    this.results.push({ sequence, id, kid: 'k', payload: `${sequence}:${id}` });
  }

  undelivered(afterSequence: number, limit: number): StoredResult[] {
    this.reads += 1;
    if (this.unreadable) throw new Error('cannot be read');
    return this.results
      .filter(({ sequence }) => sequence > afterSequence && !this.done.has(sequence))
      .slice(0, limit);
  }

  delivered(sequence: number): void {
    if (this.full) throw new SwipeError('storageFull', 'no room');
    this.done.add(sequence);
  }

  resultOf(id: string): StoredResult | null {
    return this.results.findLast((result) => result.id === id) ?? null;
  }
}
