/** The numbers of documents. Whoever gives one has locked its series, and raises it in the transaction that issues. */

import { Refusal } from '../../refusal.ts';
import type { Tx } from '../../store/store.ts';
import type { Billing } from '../billing.ts';
import { monthOf } from '../rules/dates.ts';
import { numberText } from '../rules/numbers.ts';
import type { Day, DocumentKind } from '../shapes.ts';

/** A series that this transaction has locked. */
export interface Series {
  /** The next number. */
  next(): string;
  /** Writes down how far it has come. */
  keep(): Promise<void>;
}

/** Locks a row of the table, and makes it where there is none. */
export async function lockSeriesRow(
  tx: Tx,
  { prefix, year, seller, kind }: { prefix: string; year: number; seller: string; kind: DocumentKind },
): Promise<number> {
  const find = () =>
    tx
      .selectFrom('billing_series')
      .selectAll()
      .where('prefix', '=', prefix)
      .where('year', '=', year)
      .forUpdate()
      .executeTakeFirst();
  let row = await find();
  if (row === undefined) {
    await tx
      .insertInto('billing_series')
      .values({ prefix, year, seller, kind, last: 0 })
      .onConflict((conflict) => conflict.columns(['prefix', 'year']).doNothing())
      .execute();
    row = await find();
  }
  if (row === undefined) throw new Refusal('failed', `the series ${prefix}-${year} is gone`);
  if (row.seller !== seller || row.kind !== kind)
    throw new Refusal(
      'conflict',
      `billing.prefixes.${kind}: ${prefix}-${year} numbers ${row.kind}s of ${row.seller}; allowed: another prefix`,
    );
  return row.last;
}

/**
 * The series of a kind of documents in the year of their day, locked until the transaction ends: instances take turns.
 *
 * @throws Refusal `conflict` when the prefix is another kind's or another seller's in that year
 */
export async function lockSeries(tx: Tx, billing: Billing, kind: DocumentKind, day: Day): Promise<Series> {
  const prefix = billing.prefixOf(kind);
  const year = Number(monthOf(day).slice(0, 4));
  const before = await lockSeriesRow(tx, { prefix, year, seller: billing.config.seller.code, kind });
  let last = before;
  return {
    next() {
      last += 1;
      return numberText({ prefix, year, count: last });
    },
    async keep() {
      if (last === before) return;
      await tx
        .updateTable('billing_series')
        .set({ last })
        .where('prefix', '=', prefix)
        .where('year', '=', year)
        .execute();
    },
  };
}
