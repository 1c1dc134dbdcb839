import { sql } from 'kysely';
import type { Tx } from '../../store/store.ts';

/** Boxes that are called in one second: what revokes a certificate must not wait behind a large customer's boxes. */
const perSecond = 100;

/**
 * Has the boxes of these customers register, so that they learn where they stand: at once, and of a multitude so many
 * in a second. One statement, however many they are.
 */
export async function tellBoxes(tx: Tx, customers: readonly string[], nowMs: number): Promise<void> {
  if (customers.length === 0) return;
  // Of the same asked for twice the earlier time counts.
  await sql`
    INSERT INTO errands (kind, subject, due_ms, tries, version)
    SELECT 'notice', id, ${sql.lit(nowMs)} + (row_number() OVER (ORDER BY id) - 1) / ${sql.lit(perSecond)} * 1000, 0, 0
    FROM boxes WHERE customer IN (${sql.join(customers)}) AND status = 'claimed' ORDER BY id
    ON CONFLICT (kind, subject) DO UPDATE SET
      due_ms = CASE WHEN errands.due_ms < excluded.due_ms THEN errands.due_ms ELSE excluded.due_ms END,
      tries = 0, version = errands.version + 1`.execute(tx);
}
