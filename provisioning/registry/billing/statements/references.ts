import { createHash } from 'node:crypto';
import type { StatementEntry } from './shapes.ts';

/** An entry before it has its reference. */
export type Unreferenced = Omit<StatementEntry, 'reference' | 'referenceFrom'> & {
  /** What the bank identifies it by. */
  bankReference: string | null;
  /** Its number within the statement. */
  entryReference: string | null;
  /** What else tells it from others, such as the payer's document number. */
  more: readonly string[];
};

/**
 * Gives every entry a reference that it has in other statements, too: the bank's, else its number in the statement with
 * the day, else a hash. A reversal and a debit may bear the reference of what they belong to, so they are marked; what is
 * the same after that is counted in the order of the file, so that none is lost.
 */
export function withReferences(entries: readonly Unreferenced[]): StatementEntry[] {
  const counts = new Map<string, number>();
  return entries.map(({ bankReference, entryReference, more, ...entry }) => {
    const marks = `${entry.direction === 'debit' ? ':D' : ''}${entry.reversal ? ':R' : ''}`;
    const [referenceFrom, base] =
      bankReference !== null
        ? (['bank', bankReference] as const)
        : entryReference !== null
          ? (['entry', `${entry.day}:${entryReference}`] as const)
          : (['content', hashOf(entry, more)] as const);
    const key = `${entry.account}\n${base}${marks}`;
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    return { ...entry, reference: `${base}${marks}${count === 1 ? '' : `#${count}`}`, referenceFrom };
  });
}

function hashOf(
  { account, day, amount, currency, payer, purpose }: Omit<StatementEntry, 'reference' | 'referenceFrom'>,
  more: readonly string[],
): string {
  const content = [account, day, amount, currency, payer.name, payer.iban, payer.code, purpose, ...more];
  return `hash:${createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 32)}`;
}
