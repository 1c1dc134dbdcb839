/**
 * What is still to be done outside the database, at the broker above all. It is written down in the transaction of the
 * change that makes it necessary, so that neither a crash nor an absent broker loses it; any instance may do it.
 */
import { sql } from 'kysely';
import type { Reader, Store, Tx } from './store.ts';

/** What there is to do: see upkeep/errands.ts for what becomes of each. */
export type ErrandKind = 'box' | 'notice' | 'saleSystem' | 'trust' | 'keyEnds' | 'reconcile' | 'ending';

/** Something to do, taken by this instance for a while. */
export interface Errand {
  id: number;
  kind: ErrandKind;
  subject: string;
  version: number;
  /** How often it was tried, this time included. */
  tries: number;
}

/** Something that is asked for, about whom. */
export type Wish = Pick<Errand, 'kind' | 'subject'>;

/**
 * Who comes first, whatever waits longer: whom the broker trusts, since nothing else can be done at a broker that takes
 * nobody in; who may use it, so that whoever is revoked is cut off; what one customer waits for; a change of many.
 */
export const turns = { trust: 0, access: 1, soon: 2, many: 3 } as const;

const turnOf: Readonly<Record<ErrandKind, number>> = {
  trust: turns.trust,
  box: turns.access,
  saleSystem: turns.access,
  ending: turns.access,
  notice: turns.soon,
  keyEnds: turns.soon,
  reconcile: turns.soon,
};

/** Asks for it. The same asked for again is done once, as early as either wanted. */
export const ask = (tx: Tx, kind: ErrandKind, subject: string, dueMs: number): Promise<void> =>
  askAll(tx, [{ kind, subject }], dueMs);

/** The same for several: a few hundred at most. */
export async function askAll(tx: Tx, wishes: readonly Wish[], dueMs: number): Promise<void> {
  // PostgreSQL does not meet one row twice in a statement.
  const once = new Map(
    wishes.map(({ kind, subject }) => [`${kind} ${subject}`, { kind, subject, turn: turnOf[kind] }]),
  );
  if (once.size === 0) return;
  await tx
    .insertInto('errands')
    .values([...once.values()].map((wish) => ({ ...wish, due_ms: dueMs, tries: 0, version: 0 })))
    .onConflict((conflict) =>
      conflict.columns(['kind', 'subject']).doUpdateSet((eb) => ({
        // Who is asked for again and again must not be put off each time.
        due_ms: eb
          .case()
          .when('errands.due_ms', '<', dueMs)
          .then(eb.ref('errands.due_ms'))
          .else(eb.ref('excluded.due_ms'))
          .end(),
        turn: eb
          .case()
          .when('errands.turn', '<', eb.ref('excluded.turn'))
          .then(eb.ref('errands.turn'))
          .else(eb.ref('excluded.turn'))
          .end(),
        tries: 0,
        version: sql<number>`${eb.ref('errands.version')} + 1`,
      })),
    )
    .execute();
}

/** How long an instance has for what it took, before another may take it. */
export const leaseMs = 60_000;

/** Of a change of many, so many are taken together: whoever comes meanwhile waits for no more than these. */
const manyAtOnce = 5;

/** So many of those whom one customer waits for come along, however many others are to be cut off: a large customer leaves. */
const soonAlways = 5;

/**
 * Takes up to so many that are due, by {@link turns}, then oldest first; a few more where those that come first are many.
 * Nobody else gets them for {@link leaseMs}.
 */
export function takeDue(store: Store, nowMs: number, most: number): Promise<Errand[]> {
  return store.write(async (tx) => {
    const due: (Omit<Errand, 'kind'> & { kind: string })[] = [];
    for (const turn of Object.values(turns)) {
      const left = most - due.length;
      const limit =
        turn === turns.soon
          ? Math.max(left, soonAlways)
          : Math.min(left, turn === turns.many ? manyAtOnce : most);
      if (limit > 0) due.push(...(await oldest(tx, turn, nowMs, limit)));
    }
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

const oldest = (tx: Tx, turn: number, nowMs: number, limit: number) =>
  tx
    .selectFrom('errands')
    .select(['id', 'kind', 'subject', 'version', 'tries'])
    .where('turn', '=', turn)
    .where('due_ms', '<=', nowMs)
    .orderBy('due_ms')
    .limit(limit)
    .forUpdate()
    .skipLocked()
    .execute();

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
    .where('turn', 'in', Object.values(turns))
    .where('due_ms', '<=', nowMs)
    .executeTakeFirstOrThrow();
  return { count: Number(row.count), oldestMs: row.oldest === null ? null : Number(row.oldest) };
}
