/** Wrong tries of codes, counted where every instance sees them. */
import {
  type Attempts,
  afterFailure,
  afterFailureOfAnybody,
  allPerMinute,
  failuresNow,
  noAttempts,
} from '../identity/attempts.ts';
import type { AlarmKind } from '../identity/decide.ts';
import { raiseForEpisode } from './audit.ts';
import type { Reader, Tx } from './store.ts';

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
  const known = await lock(tx, who);
  const together = (await read(tx, [anybody])).get(anybody) ?? noAttempts;
  const blocked = [...known.values(), together].map(({ blockedUntilMs }) => blockedUntilMs);
  return {
    blockedUntilMs: Math.max(0, ...blocked.filter((untilMs) => untilMs > nowMs)),
    async wrong() {
      for (const [key, before] of known) await keep(tx, key, afterFailure(before, nowMs));
      const before = (await lock(tx, [anybody])).get(anybody) ?? noAttempts;
      const after = afterFailureOfAnybody(before, nowMs);
      await keep(tx, anybody, after);
      // What was on its way when the door closed changes nothing of it.
      if (after.blockedUntilMs > before.blockedUntilMs) await tellOfGuessing(tx, who, nowMs);
    },
    async right() {
      await tx
        .deleteFrom('attempts')
        .where('key', 'in', [...who])
        .execute();
    },
  };
}

/** How many wrong codes came in the minute that runs now, of all together. */
export async function wrongCodesNow(reader: Reader, nowMs: number): Promise<number> {
  return failuresNow((await read(reader, [anybody])).get(anybody) ?? noAttempts, nowMs);
}

/** Right codes have to wait as well now, which nobody else would notice. */
async function tellOfGuessing(tx: Tx, who: readonly string[], nowMs: number): Promise<void> {
  const kind: AlarmKind = 'codesGuessed';
  await raiseForEpisode(tx, nowMs, {
    kind,
    subject: 'codes',
    customer: null,
    detail: `${allPerMinute} wrong codes within a minute, the last one by ${who.join(', ')}`,
  });
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

/** Locks these in one order, the same everywhere: two transactions never wait for each other. */
async function lock(tx: Tx, keys: readonly string[]): Promise<Map<string, Attempts>> {
  const sorted = [...keys].sort();
  await tx
    .insertInto('attempts')
    .values(sorted.map((key) => ({ key, failures: 0, first_at_ms: 0, last_at_ms: 0, blocked_until_ms: 0 })))
    .onConflict((conflict) => conflict.column('key').doNothing())
    .execute();
  return read(tx, sorted, true);
}

async function read(reader: Reader, keys: readonly string[], locked = false): Promise<Map<string, Attempts>> {
  const rows = await reader
    .selectFrom('attempts')
    .selectAll()
    .where('key', 'in', [...keys])
    .orderBy('key')
    .$if(locked, (query) => query.forUpdate())
    .execute();
  return new Map(
    rows.map((row) => [
      row.key,
      {
        failures: row.failures,
        firstAtMs: row.first_at_ms,
        lastAtMs: row.last_at_ms,
        blockedUntilMs: row.blocked_until_ms,
      },
    ]),
  );
}
