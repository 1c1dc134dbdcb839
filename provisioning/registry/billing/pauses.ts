/** Days on which a box is not billed: whole ones, to come, at an operator's call. The box goes on working as it is. */
import { newId } from '../identity/codes.ts';
import { Refusal } from '../refusal.ts';
import type { Actor, Core } from '../services/core.ts';
import { mine } from '../services/customers.ts';
import { audit } from '../store/audit.ts';
import type { Billing } from './billing.ts';
import { mayWork } from './ledger/working.ts';
import { addDays, isDay } from './rules/dates.ts';
import type { Day } from './shapes.ts';

/** The longest pause. */
const longestDays = 731;

/** Days, first and last included, on which a billing identity is not billed. */
export interface NewPause {
  billedAs: string;
  from: Day;
  to: Day;
}

/** A pause as it stands. */
export interface Pause extends NewPause {
  pause: string;
  customer: string;
}

/**
 * Pauses a box. The pause is its present customer's: who gets the box pays for it.
 *
 * @throws Refusal `forbidden`, `restored`, `malformed`; `notFound` when nobody has such a box now
 */
export async function pauseBox(
  core: Core,
  billing: Billing,
  actor: Actor,
  { billedAs, from, to }: NewPause,
): Promise<Pause> {
  mayWork(core, actor);
  const nowMs = core.clock.nowMs();
  const today = billing.calendar.dayAt(nowMs);
  if (!isDay(from) || !isDay(to) || from <= today || to < from || to > addDays(from, longestDays))
    throw new Refusal(
      'malformed',
      `allowed: days after ${today}, the last not before the first, at most ${longestDays} of them`,
    );
  return core.store.write(async (tx) => {
    const row = await tx
      .selectFrom('tenures')
      .select('customer')
      .where('billed_as', '=', billedAs)
      .where('until_ms', 'is', null)
      .executeTakeFirst();
    if (row === undefined) throw new Refusal('notFound', 'no box in use is billed so');
    const { customer } = row;
    const pause = newId('PA', core.random.bytes);
    await tx
      .insertInto('billing_pauses')
      .values({
        id: pause,
        customer,
        billed_as: billedAs,
        from_day: from,
        to_day: to,
        created_at_ms: nowMs,
      })
      .execute();
    const after = { billedAs, from, to };
    await audit(tx, nowMs, { actor: actor.name, action: 'billing.paused', subject: pause, customer, after });
    return { pause, customer, billedAs, from, to };
  });
}

/**
 * Ends a pause early: today is its last day, and one that has not begun is gone.
 *
 * @throws Refusal `forbidden`, `restored`, `notFound`; `conflict` when it is over
 */
export async function endPause(core: Core, billing: Billing, actor: Actor, id: string): Promise<void> {
  mayWork(core, actor);
  const nowMs = core.clock.nowMs();
  const today = billing.calendar.dayAt(nowMs);
  await core.store.write(async (tx) => {
    const row = await tx
      .selectFrom('billing_pauses')
      .selectAll()
      .where('id', '=', id)
      .forUpdate()
      .executeTakeFirst();
    if (row === undefined) throw new Refusal('notFound', 'there is no such pause');
    if (row.to_day <= today) throw new Refusal('conflict', 'this pause is over');
    if (row.from_day > today) await tx.deleteFrom('billing_pauses').where('id', '=', id).execute();
    else await tx.updateTable('billing_pauses').set({ to_day: today }).where('id', '=', id).execute();
    await audit(tx, nowMs, {
      actor: actor.name,
      action: 'billing.pause.ended',
      subject: id,
      customer: row.customer,
      before: { billedAs: row.billed_as, from: row.from_day, to: row.to_day },
      after: row.from_day > today ? null : { to: today },
    });
  });
}

/** A customer's pauses that are not over, by day. @throws Refusal `notFound` */
export async function pauses(
  core: Core,
  billing: Billing,
  actor: Actor,
  { customer }: { customer: string },
): Promise<Pause[]> {
  mine(actor, { customer }, 'customer');
  const rows = await core.store.reader
    .selectFrom('billing_pauses')
    .selectAll()
    .where('customer', '=', customer)
    .where('to_day', '>=', billing.calendar.dayAt(core.clock.nowMs()))
    .orderBy('from_day')
    .orderBy('id')
    .limit(1000)
    .execute();
  return rows.map((row) => ({
    pause: row.id,
    customer: row.customer,
    billedAs: row.billed_as,
    from: row.from_day,
    to: row.to_day,
  }));
}
