/** A database out of a backup: what it no longer knows must do no harm. */
import { audit, raiseAlarm } from '../store/audit.ts';
import { ask } from '../store/errands.ts';
import type { Reader, Store } from '../store/store.ts';

/**
 * No box registers so often between a backup and its restore: after this step every request that was ever sent is
 * behind, so that none that somebody kept can be sent again. A box follows a leap of up to a million.
 */
const countStep = 100_000;

/**
 * Marks a database that comes from a backup. From now on nobody is answered, nothing is issued or billed, and the
 * broker is left as it is, until {@link confirmRestore}. What could have been used or ended since the backup is ended:
 * claim codes, pairing codes, tokens.
 */
export async function markRestored(store: Store, actor: string, nowMs: number): Promise<void> {
  await store.write(async (tx) => {
    const changed = await tx
      .updateTable('meta')
      .set({ mode: 'restored', restored_at_ms: nowMs })
      .where('mode', '=', 'normal')
      .returning('only_row')
      .execute();
    // Marked already: a second step would take boxes further than they follow.
    if (changed.length === 0) return;
    await tx
      .updateTable('boxes')
      .set((eb) => ({ count: eb('count', '+', countStep), count_raised: 1 }))
      .execute();
    await tx
      .updateTable('claims')
      .set({ expires_at_ms: nowMs })
      .where('used_by', 'is', null)
      .where('expires_at_ms', '>', nowMs)
      .execute();
    await tx
      .updateTable('pairing_codes')
      .set({ sealed: null, expires_at_ms: nowMs })
      .where('used_at_ms', 'is', null)
      .where('expires_at_ms', '>', nowMs)
      .execute();
    await tx.updateTable('tokens').set({ revoked_at_ms: nowMs }).where('revoked_at_ms', 'is', null).execute();
    // The broker is compared as a whole later. An ending that had begun goes on, keys end when they were to, and whoever
    // was to be called, such as boxes whose customer has just paid, still is: to come and ask is never wrong.
    await tx.deleteFrom('errands').where('kind', 'not in', ['ending', 'keyEnds', 'notice']).execute();
    await tx.deleteFrom('attempts').execute();
    const subject = 'registry';
    await audit(tx, nowMs, { actor, action: 'registry.restored', subject, customer: null });
    await raiseAlarm(tx, nowMs, {
      kind: 'restored',
      subject,
      customer: null,
      detail: 'nothing is answered until the operator confirms',
    });
  });
}

/** What can be told of what happened since the backup. */
export interface SinceBackup {
  restoredAtMs: number | null;
  /** The last change that the database knows. */
  lastChangeMs: number | null;
  /** Boxes that the database does not know and that were answered before: claimed since the backup. */
  unknown: string[];
  /** Boxes that have heard more than the database knows: whoever registered since then, which most do every day. */
  ahead: string[];
}

/** What the operator should look at before he confirms. */
export async function sinceBackup(reader: Reader): Promise<SinceBackup> {
  const meta = await reader.selectFrom('meta').selectAll().executeTakeFirstOrThrow();
  const last = await reader
    .selectFrom('audit')
    .select('at_ms')
    .where('action', '!=', 'registry.restored')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  const seen = await reader
    .selectFrom('alarms')
    .leftJoin('boxes', 'boxes.id', 'alarms.subject')
    .select(['subject', 'boxes.id'])
    .where('kind', '=', 'revisionAhead')
    .where('acknowledged_at_ms', 'is', null)
    .where('last_at_ms', '>=', meta.restored_at_ms ?? 0)
    .orderBy('subject')
    .execute();
  return {
    restoredAtMs: meta.restored_at_ms,
    lastChangeMs: last?.at_ms ?? null,
    unknown: seen.filter(({ id }) => id === null).map(({ subject }) => subject),
    ahead: seen.filter(({ id }) => id !== null).map(({ subject }) => subject),
  };
}

/** The operator has put right what happened since the backup: everything goes on, the broker first. */
export async function confirmRestore(store: Store, actor: string, nowMs: number): Promise<void> {
  await store.write(async (tx) => {
    const changed = await tx
      .updateTable('meta')
      .set({ mode: 'normal' })
      .where('mode', '=', 'restored')
      .returning('only_row')
      .execute();
    if (changed.length === 0) return;
    await ask(tx, 'trust', 'crl', nowMs);
    await ask(tx, 'reconcile', 'all', nowMs);
    await tx
      .updateTable('alarms')
      .set({ acknowledged_at_ms: nowMs, acknowledged_by: actor })
      .where('kind', '=', 'restored')
      .where('acknowledged_at_ms', 'is', null)
      .execute();
    // The operator was shown them. Boxes that are not known still need a claim.
    await tx
      .updateTable('alarms')
      .set({ acknowledged_at_ms: nowMs, acknowledged_by: actor })
      .where('kind', '=', 'revisionAhead')
      .where('acknowledged_at_ms', 'is', null)
      .where('subject', 'in', (eb) => eb.selectFrom('boxes').select('boxes.id'))
      .execute();
    await audit(tx, nowMs, { actor, action: 'registry.confirmed', subject: 'registry', customer: null });
  });
}
