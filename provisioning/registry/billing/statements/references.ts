import { createHash } from 'node:crypto';
import type { StatementEntry } from './shapes.ts';

/** An entry before it has its reference. */
export type Unreferenced = Omit<StatementEntry, 'reference' | 'referenceFrom'> & {
  /** What the bank identifies it by. */
  bankReference: string | null;
  /** What else tells it from others, such as the payer's document number. */
  more: readonly string[];
};

/** Whether it refers: banks fill the place in also where they have nothing to put there. */
export const isReference = (text: string): boolean =>
  !/^(|NOT ?PROVIDED|NOTREF|NONREF|NONE|N\/A|-+|0+)$/i.test(text);

/** What of an entry makes it this one and no other. */
export type Content = Pick<StatementEntry, 'account' | 'day' | 'amount' | 'currency' | 'payer' | 'purpose'>;

/**
 * Gives every entry a reference that it has in other statements, too: the bank's, else a hash of all that is told of it.
 * Its number in the statement (`NtryRef`) is none: it begins anew in every statement, and is another one in the month's
 * than in the day's. A reversal and a debit may bear the reference of what they belong to, so they are marked. Entries
 * that are the same in everything are counted in the order of the file, so that none is lost; entries that share a
 * reference of the bank and nothing else both have it, and are told apart by whoever takes them.
 */
export function withReferences(entries: readonly Unreferenced[]): StatementEntry[] {
  const counts = new Map<string, number>();
  return entries.map(({ bankReference, more, ...entry }) => {
    const marks = `${entry.direction === 'debit' ? ':D' : ''}${entry.reversal ? ':R' : ''}`;
    const base = bankReference ?? `hash:${hashOf(entry, more).slice(0, 32)}`;
    const key = `${entry.account}\n${base}${marks}\n${hashOf(entry)}`;
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    return {
      ...entry,
      reference: `${base}${marks}${count === 1 ? '' : `#${count}`}`,
      referenceFrom: bankReference === null ? 'content' : 'bank',
    };
  });
}

/** A hash of an entry's content, and of what else there is of it. */
export function hashOf(
  { account, day, amount, currency, payer, purpose }: Content,
  more: readonly string[] = [],
): string {
  const content = [account, day, amount, currency, payer.name, payer.iban, payer.code, purpose, ...more];
  return createHash('sha256').update(JSON.stringify(content)).digest('hex');
}
