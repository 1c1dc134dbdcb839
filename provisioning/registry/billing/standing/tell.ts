import { sql } from 'kysely';
import { turns } from '../../store/errands.ts';
import type { Tx } from '../../store/store.ts';

/** Between two boxes of a change of many: 25 in a second, of the hundred or so that one instance can call. */
const everyMs = 40;

/** Of one customer's change so many boxes are called at once. */
const atOnce = 50;

/**
 * Has the boxes of these customers register, so that they learn where they stand: of one customer 50 at once and 25 in a
 * second from then on, of a multitude 25 in a second, after those of the multitude before it. In store/errands.ts a multitude comes last, so that
 * neither a box that is revoked nor one whose customer has just paid waits for it. One statement, however many they are.
 */
export async function tellBoxes(tx: Tx, customers: readonly string[], nowMs: number): Promise<void> {
  if (customers.length === 0) return;
  const isOne = customers.length === 1;
  const first = isOne ? atOnce : 0;
  // The shops of one that has paid are shut: they do not wait until a multitude is through.
  const startMs = isOne ? nowMs : await freeFrom(tx, nowMs);
  // Of the same asked for twice the earlier time and the earlier turn count.
  await sql`
    INSERT INTO errands (kind, subject, due_ms, tries, version, turn)
    SELECT 'notice', id,
      CASE WHEN place < ${sql.lit(first)} THEN ${sql.lit(nowMs)}
        ELSE ${sql.lit(startMs)} + (place - ${sql.lit(first)}) * ${sql.lit(everyMs)} END,
      0, 0, CASE WHEN place < ${sql.lit(first)} THEN ${sql.lit(turns.soon)} ELSE ${sql.lit(turns.many)} END
    FROM (
      SELECT id, row_number() OVER (ORDER BY id) - 1 AS place
      FROM boxes WHERE customer IN (${sql.join(customers)}) AND status = 'claimed'
    ) AS told WHERE true ORDER BY id
    ON CONFLICT (kind, subject) DO UPDATE SET
      due_ms = CASE WHEN errands.due_ms < excluded.due_ms THEN errands.due_ms ELSE excluded.due_ms END,
      turn = CASE WHEN errands.turn < excluded.turn THEN errands.turn ELSE excluded.turn END,
      tries = 0, version = errands.version + 1`.execute(tx);
}

/** When the multitudes are through that were asked for before; what is tried again does not count. */
async function freeFrom(tx: Tx, nowMs: number): Promise<number> {
  const last = await tx
    .selectFrom('errands')
    .select('due_ms')
    .where('turn', '=', turns.many)
    .where('tries', '=', 0)
    .orderBy('due_ms', 'desc')
    .limit(1)
    .executeTakeFirst();
  return last === undefined ? nowMs : Math.max(nowMs, last.due_ms + everyMs);
}
