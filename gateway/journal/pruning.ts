/** Which operations are old enough to be forgotten. */
import type { OperationRow } from './codec.ts';
import type { Records } from './records.ts';
import { numberQueries, operationQueries } from './statements.ts';

/** How many operations are looked at together, and removed in one transaction at most. */
export const pruneBatch = 500;

/** How many such batches one call looks at. */
export const pruneBatches = 10;

/** A few of the oldest operations. */
export interface PruneBatch {
  /** Numbers to remove. */
  numbers: number[];
  /** Where the next batch begins. */
  after: number;
  /** Nothing later can be old enough. */
  last: boolean;
}

/**
 * Looks at the next operations by number. Removed may be what ended before the given time and is told in full;
 * `kept` are numbers that must stay, such as the newest, since the next number is one more.
 */
export function nextBatch(
  records: Records,
  after: number,
  beforeMs: number,
  kept: ReadonlySet<number>,
): PruneBatch {
  const rows = records.operations(operationQueries.after, after, pruneBatch);
  const isPrunable = ({ number, endedAtMs }: OperationRow): boolean =>
    endedAtMs !== null &&
    endedAtMs < beforeMs &&
    !kept.has(number) &&
    records.number(numberQueries.undeliveredOfNumber, number) === 0;
  return {
    numbers: rows.filter(isPrunable).map(({ number }) => number),
    after: rows.at(-1)?.number ?? after,
    // Numbers follow the clock, but a clock may have been set: one odd row does not end the search, a batch does.
    last: rows.length < pruneBatch || rows.every(({ record }) => record.acceptedAtMs >= beforeMs),
  };
}
