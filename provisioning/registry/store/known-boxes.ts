/** Many boxes in one transaction: what the registrations of boxes of which nothing is new read and write. */
import { CompiledQuery } from 'kysely';
import type { Dialect } from './schema.ts';
import type { Tx } from './store.ts';
import type { BoxRow } from './tables.ts';

/**
 * Those of the boxes that are known and whose customer has not left, locked. Who is locked by somebody else is left
 * out: to wait for one would let all wait, and two that wait for each other's boxes would wait for ever.
 */
export async function lockKnown(tx: Tx, boxes: readonly string[]): Promise<Map<string, BoxRow>> {
  const rows = await tx
    .selectFrom('boxes')
    .innerJoin('customers', 'customers.id', 'boxes.customer')
    .selectAll('boxes')
    .where('boxes.id', 'in', [...boxes])
    .where('customers.left_at_ms', 'is', null)
    .forUpdate('boxes')
    .skipLocked()
    .execute();
  return new Map(rows.map((row) => [row.id, row]));
}

/** What every answer moves on. */
export type Counted = Pick<BoxRow, 'id' | 'count' | 'nonce' | 'counted_at_ms' | 'revision' | 'sequence'>;

// No column of an index: PostgreSQL then changes none, and SQLite writes one page for a box.
const columns = ['count', 'nonce', 'counted_at_ms', 'revision', 'sequence'] as const;

const one = `UPDATE boxes SET ${columns.map((name) => `${name} = ?`).join(', ')}, count_raised = 0 WHERE id = ?`;
const many = `UPDATE boxes SET ${columns.map((name) => `${name} = told.${name}`).join(', ')}, count_raised = 0
  FROM json_to_recordset($1) AS told (id text, count bigint, nonce text, counted_at_ms bigint, revision bigint, sequence bigint)
  WHERE boxes.id = told.id`;

/** Writes down that these were answered. The rows must be locked. */
export async function countAll(tx: Tx, dialect: Dialect, boxes: readonly Counted[]): Promise<void> {
  if (boxes.length === 0) return;
  if (dialect === 'postgres') {
    // One statement and one way there and back, whatever their number.
    await tx.executeQuery(CompiledQuery.raw(many, [JSON.stringify(boxes)]));
    return;
  }
  for (const box of boxes)
    await tx.executeQuery(CompiledQuery.raw(one, [...columns.map((name) => box[name]), box.id]));
}
