/**
 * What is still to be done outside the database, at the broker above all. It is written down in the transaction of the
 * change that makes it necessary, so that neither a crash nor an absent broker loses it; any instance may do it.
 */
import { sql } from 'kysely';
import type { Reader, Store, Tx } from './store.ts';

/** What there is to do: see upkeep/errands.ts for what becomes of each. */
export type ErrandKind = 'box' | 'notice' | 'saleSystem' | 'trust' | 'keyEnds' | 'reconcile';

/** Something to do, taken by this instance for a while. */
export interface Errand {
  id: number;
  kind: ErrandKind;
  subject: string;
  version: number;
  /** How often it was tried, this time included. */
  tries: number;
}

/** Asks for it. The same asked for again is done once, as early as either wanted. */
export async function ask(tx: Tx, kind: ErrandKind, subject: string, dueMs: number): Promise<void> {
  await tx
    .insertInto('errands')
    .values({ kind, subject, due_ms: dueMs, tries: 0, version: 0 })
    .onConflict((conflict) =>
      conflict.columns(['kind', 'subject']).doUpdateSet((eb) => ({
        due_ms: dueMs,
        tries: 0,
        version: sql<number>`${eb.ref('errands.version')} + 1`,
      })),
    )
    .execute();
}

/** How long an instance has for what it took, before another may take it. */
export const leaseMs = 60_000;

/** Takes up to so many that are due, oldest first. Nobody else gets them for {@link leaseMs}. */
export function takeDue(store: Store, nowMs: number, most: number): Promise<Errand[]> {
  return store.write(async (tx) => {
    const due = await tx
      .selectFrom('errands')
      .select(['id', 'kind', 'subject', 'version', 'tries'])
      .where('due_ms', '<=', nowMs)
      .orderBy('due_ms')
      .limit(most)
      .forUpdate()
      .skipLocked()
      .execute();
    if (due.length === 0) return [];
    await tx
      .updateTable('errands')
      .set((eb) => ({ due_ms: nowMs + leaseMs, tries: eb('tries', '+', 1) }))
      .where(
        'id',
        'in',
        due.map(({ id }) => id),
      )
      .execute();
    return due.map((errand) => ({ ...errand, kind: errand.kind as ErrandKind, tries: errand.tries + 1 }));
  });
}

/** It was done. If it was asked for again meanwhile, it stays. */
export async function done(tx: Tx, { id, version }: Errand): Promise<void> {
  await tx.deleteFrom('errands').where('id', '=', id).where('version', '=', version).execute();
}

/** It could not be done; when to try again. */
export async function postpone(tx: Tx, { id, version }: Errand, dueMs: number): Promise<void> {
  await tx
    .updateTable('errands')
    .set({ due_ms: dueMs })
    .where('id', '=', id)
    .where('version', '=', version)
    .execute();
}

/** How many wait that are due, and since when the oldest. */
export async function backlog(
  reader: Reader,
  nowMs: number,
): Promise<{ count: number; oldestMs: number | null }> {
  const row = await reader
    .selectFrom('errands')
    .select((eb) => [eb.fn.countAll<number>().as('count'), eb.fn.min('due_ms').as('oldest')])
    .where('due_ms', '<=', nowMs)
    .executeTakeFirstOrThrow();
  return { count: Number(row.count), oldestMs: row.oldest === null ? null : Number(row.oldest) };
}
