/** Numbers after a restore: what was sent to customers since the backup is never given twice. */
import { Refusal } from '../refusal.ts';
import { audit } from '../store/audit.ts';
import type { Tx } from '../store/store.ts';
import type { Billing } from './billing.ts';
import { isFarLeap, numberText, readNumber } from './rules/numbers.ts';
import { lockSeriesRow } from './run/series.ts';
import type { DocumentKind } from './shapes.ts';

/** Numbers that were given to documents which the database does not know. */
export interface LostNumbers {
  prefix: string;
  year: number;
  first: number;
  last: number;
}

const kinds: readonly DocumentKind[] = ['invoice', 'act', 'creditNote'];

/**
 * Writes down the last number of each series that was sent to customers before the restore, in the transaction that
 * confirms it. The numbers between what the database knows and that one are lost: the series goes on after them.
 *
 * @param numbers such as `SW-2026-000123`; of a series the database may know more
 * @param thatMany true: also where a series leaps far, see {@link leapMax}
 * @throws Refusal `malformed` for what is no number of this seller's; `conflict` for a leap that is too far unasked
 */
export async function loseNumbers(
  tx: Tx,
  billing: Billing,
  {
    actor,
    numbers,
    nowMs,
    thatMany = false,
  }: { actor: string; numbers: readonly string[]; nowMs: number; thatMany?: boolean },
): Promise<LostNumbers[]> {
  const lost: LostNumbers[] = [];
  for (const text of [...numbers].sort()) {
    const number = readNumber(text);
    const kind = kinds.find((one) => billing.prefixOf(one) === number?.prefix);
    if (number === null || kind === undefined)
      throw new Refusal('malformed', `${text} is no number of this seller's: such as SW-2026-000123`);
    const { prefix, year, count } = number;
    const known = await lockSeriesRow(tx, { prefix, year, kind, seller: billing.config.seller.code });
    if (count <= known) continue;
    if (!thatMany && isFarLeap(known, count))
      throw new Refusal(
        'conflict',
        `${text} gives up ${count - known} numbers for ever, since the last one that is known is ${known === 0 ? 'none' : numberText({ prefix, year, count: known })}. If that is right: --yes-that-many`,
      );
    const gone = { prefix, year, first: known + 1, last: count };
    await tx
      .insertInto('billing_lost_numbers')
      .values({ ...gone, at_ms: nowMs })
      .execute();
    await tx
      .updateTable('billing_series')
      .set({ last: count })
      .where('prefix', '=', prefix)
      .where('year', '=', year)
      .execute();
    await audit(tx, nowMs, {
      actor,
      action: 'billing.numbers.lost',
      subject: `${prefix}-${year}`,
      customer: null,
      before: { last: known },
      after: { last: count },
    });
    lost.push(gone);
  }
  return lost;
}
