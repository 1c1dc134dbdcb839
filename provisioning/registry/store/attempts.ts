/** Wrong tries of codes, counted where every instance sees them. */
import { type Attempts, afterFailure, afterFailureOfAnybody, noAttempts } from '../identity/attempts.ts';
import type { Tx } from './store.ts';

/** The key under which the tries of all together are counted. */
const anybody = 'anybody';

/** Until when whoever tries is not listened to. */
export interface Gate {
  blockedUntilMs: number;
  /** Writes down that the code was wrong. */
  wrong(): Promise<void>;
  /** Forgets the wrong tries of this address and box: the code was right. */
  right(): Promise<void>;
}

/**
 * Locks what is known of these who try (`address:…`, `box:…`), so that no two tries of one of them are weighed at
 * once. Held until the transaction ends. What all did together is only read: right codes do not wait for each other.
 */
export async function gateFor(tx: Tx, who: readonly string[], nowMs: number): Promise<Gate> {
  const known = new Map<string, Attempts>();
  // In one order everywhere: two transactions never wait for each other.
  for (const key of [...who].sort()) known.set(key, await lock(tx, key));
  const together = await read(tx, anybody);
  const blocked = [...known.values(), together].map(({ blockedUntilMs }) => blockedUntilMs);
  return {
    blockedUntilMs: Math.max(0, ...blocked.filter((untilMs) => untilMs > nowMs)),
    async wrong() {
      for (const [key, before] of known) await keep(tx, key, afterFailure(before, nowMs));
      await keep(tx, anybody, afterFailureOfAnybody(await lock(tx, anybody), nowMs));
    },
    async right() {
      await tx
        .deleteFrom('attempts')
        .where('key', 'in', [...who])
        .execute();
    },
  };
}

async function keep(tx: Tx, key: string, after: Attempts): Promise<void> {
  await tx
    .updateTable('attempts')
    .set({
      failures: after.failures,
      first_at_ms: after.firstAtMs,
      last_at_ms: after.lastAtMs,
      blocked_until_ms: after.blockedUntilMs,
    })
    .where('key', '=', key)
    .execute();
}

async function lock(tx: Tx, key: string): Promise<Attempts> {
  await tx
    .insertInto('attempts')
    .values({ key, failures: 0, first_at_ms: 0, last_at_ms: 0, blocked_until_ms: 0 })
    .onConflict((conflict) => conflict.column('key').doNothing())
    .execute();
  return read(tx, key, true);
}

async function read(tx: Tx, key: string, locked = false): Promise<Attempts> {
  const row = await tx
    .selectFrom('attempts')
    .selectAll()
    .where('key', '=', key)
    .$if(locked, (query) => query.forUpdate())
    .executeTakeFirst();
  if (row === undefined) return noAttempts;
  return {
    failures: row.failures,
    firstAtMs: row.first_at_ms,
    lastAtMs: row.last_at_ms,
    blockedUntilMs: row.blocked_until_ms,
  };
}

/** Forgets tries that are too old to count. */
export async function pruneAttempts(tx: Tx, beforeMs: number): Promise<void> {
  await tx.deleteFrom('attempts').where('last_at_ms', '<', beforeMs).execute();
}
