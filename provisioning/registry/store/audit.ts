/** The audit log and the alarms: written in the transaction of what they tell of. */
import { sql } from 'kysely';
import type { Tx } from './store.ts';

/** A change: who, what, to whom, how it was and how it is. Never a secret. */
export interface Change {
  /** `box:SW-…`, `saleSystem:SS-…`, `token:TK-…`, `person:NAME` at the command line, or `registry`. */
  actor: string;
  action: string;
  /** What was changed: its id. */
  subject: string;
  /** Whose it is; null: nobody's. */
  customer: string | null;
  before?: object | null;
  after?: object | null;
}

/** Writes a change down. */
export const audit = (tx: Tx, atMs: number, change: Change): Promise<void> => auditAll(tx, atMs, [change]);

/** Writes several changes down: a few hundred at most. */
export async function auditAll(tx: Tx, atMs: number, changes: readonly Change[]): Promise<void> {
  const rows = changes.map(({ actor, action, subject, customer, before = null, after = null }) => ({
    at_ms: atMs,
    actor,
    action,
    subject,
    customer,
    before: textOf(before),
    after: textOf(after),
  }));
  if (rows.length > 0) await tx.insertInto('audit').values(rows).execute();
}

const textOf = (value: object | null): string | null => (value === null ? null : JSON.stringify(value));

/** Something that a person should look at. */
export interface Alarm {
  kind: string;
  subject: string;
  customer: string | null;
  /** What happened this time; one line. */
  detail: string;
}

/** What is quiet for so long is over; what goes on for longer than a day is told again. */
const episode = { quietMs: 3_600_000, longestMs: 86_400_000 };

/**
 * Raises an alarm for something that goes on for a while: whoever has acknowledged it hears of it again when it was
 * quiet for an hour in between, or after a day. Until then it only counts up.
 */
export async function raiseForEpisode(tx: Tx, atMs: number, alarm: Alarm): Promise<void> {
  const { kind, subject, detail } = alarm;
  const last = await tx
    .selectFrom('alarms')
    .select(['id', 'last_at_ms', 'first_at_ms', 'acknowledged_at_ms'])
    .where('kind', '=', kind)
    .where('subject', '=', subject)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  const goesOn =
    last !== undefined &&
    last.acknowledged_at_ms !== null &&
    atMs - last.last_at_ms < episode.quietMs &&
    atMs - last.first_at_ms < episode.longestMs;
  if (!goesOn) return raiseAlarm(tx, atMs, alarm);
  await tx
    .updateTable('alarms')
    .set((eb) => ({ times: eb('times', '+', 1), last_at_ms: atMs, detail }))
    .where('id', '=', last.id)
    .execute();
}

/** Raises an alarm, or counts up the same one that nobody has acknowledged yet. */
export async function raiseAlarm(
  tx: Tx,
  atMs: number,
  { kind, subject, customer, detail }: Alarm,
): Promise<void> {
  await tx
    .insertInto('alarms')
    .values({ kind, subject, customer, detail, first_at_ms: atMs, last_at_ms: atMs, times: 1 })
    .onConflict((conflict) =>
      conflict
        .columns(['kind', 'subject'])
        .where('acknowledged_at_ms', 'is', null)
        .doUpdateSet((eb) => ({
          times: sql<number>`${eb.ref('alarms.times')} + 1`,
          last_at_ms: atMs,
          detail,
          customer,
        })),
    )
    .execute();
}
