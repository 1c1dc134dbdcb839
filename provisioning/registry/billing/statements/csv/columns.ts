import { StatementFault } from '../fault.ts';
import { folded } from '../look-alikes.ts';
import type { Column, CsvProfile } from './profiles.ts';

/** Where each column stands. */
export type Places = ReadonlyMap<Column, number>;

const needed: readonly Column[] = ['day', 'purpose'];

/** Finds the columns of a profile in the first line. Throws a {@link StatementFault} where one is missing or twice. */
export function placesOf(header: readonly string[], profile: CsvProfile): Places {
  const names = header.map(key);
  const places = new Map<Column, number>();
  for (const [column, allowed] of Object.entries(profile.columns) as [Column, readonly string[]][]) {
    const wanted = new Set(allowed.map(key));
    const found = names.flatMap((name, index) => (wanted.has(name) ? [index] : []));
    if (found.length > 1)
      throw new StatementFault(1, `column "${allowed[0]}"`, `${found.length} of them`, 'one');
    if (found[0] !== undefined) places.set(column, found[0]);
  }
  for (const column of needed) demand(places.has(column), column, header, profile);
  demand(places.has('account') || profile.account !== null, 'account', header, profile);
  demand(places.has('currency') || profile.currency !== null, 'currency', header, profile);
  const hasSides = places.has('credit') && places.has('debit');
  demand(places.has('amount') !== hasSides, 'amount', header, profile);
  return places;
}

const key = (name: string): string => folded(name.replace(/\s+/g, ' ').trim());

function demand(is: boolean, column: Column, header: readonly string[], profile: CsvProfile): void {
  if (is) return;
  const names = column === 'amount' ? '"amount", or both "credit" and "debit"' : `"${column}"`;
  throw new StatementFault(
    1,
    'the names of the columns',
    header.join(profile.delimiter),
    `a line with ${names}${namesOf(column, profile)}, parted by "${profile.delimiter}" (profile ${profile.name})`,
  );
}

const namesOf = (column: Column, { columns }: CsvProfile): string => {
  const names = columns[column];
  return names === undefined ? '' : ` (${names.join(' or ')})`;
};
