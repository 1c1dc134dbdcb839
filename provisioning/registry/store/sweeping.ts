/** What is over goes, a part at a time, so that nobody waits long for it. */
import { sql } from 'kysely';
import type { Tx } from './store.ts';

/** Rows in one part. */
const partOf = 1000;

// By which column each is over, and by which one its rows are known.
const swept = {
  attempts: ['last_at_ms', 'key'],
  pairing_codes: ['expires_at_ms', 'id'],
  certificates: ['not_after_ms', 'serial'],
} as const;

/** Tables that are swept. */
export type Swept = keyof typeof swept;

/**
 * Deletes a part of what was over before then.
 *
 * @returns whether there may be more
 */
export async function sweep(tx: Tx, table: Swept, beforeMs: number): Promise<boolean> {
  const [end, key] = swept[table];
  const { rows } = await sql<{ name: string }>`
    SELECT ${sql.ref(key)} AS name FROM ${sql.table(table)} WHERE ${sql.ref(end)} < ${beforeMs}
    ORDER BY ${sql.ref(end)} LIMIT ${sql.lit(partOf)}`.execute(tx);
  const keys = rows.map(({ name }) => name);
  // Whoever was used again since then stays.
  if (keys.length > 0)
    await sql`
      DELETE FROM ${sql.table(table)} WHERE ${sql.ref(key)} IN (${sql.join(keys)}) AND ${sql.ref(end)} < ${beforeMs}`.execute(
      tx,
    );
  return keys.length === partOf;
}

/** Takes a part of the pairing codes that are out of date from what their boxes show. @returns whether there may be more */
export async function hidePairingCodes(tx: Tx, nowMs: number): Promise<boolean> {
  const rows = await tx
    .selectFrom('pairing_codes')
    .select('id')
    .where('sealed', 'is not', null)
    .where('expires_at_ms', '<=', nowMs)
    .limit(partOf)
    .execute();
  const ids = rows.map(({ id }) => id);
  if (ids.length > 0)
    await tx.updateTable('pairing_codes').set({ sealed: null }).where('id', 'in', ids).execute();
  return ids.length === partOf;
}
