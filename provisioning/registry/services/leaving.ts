/** What is too much for one transaction when somebody leaves: it is done by and by, and goes on wherever it stopped. */
import { sql } from 'kysely';
import { audit } from '../store/audit.ts';
import { ask } from '../store/errands.ts';
import type { Tx } from '../store/store.ts';
import type { Core } from './core.ts';
import { askForMore, endBoxes, endedAtOnce, endSaleSystem, endSomePairings } from './endings.ts';

/** Sale systems of a customer that end in one transaction; each may have pairings that end with it. */
const systemsAtOnce = 5;

/**
 * The next part of an ending that has begun, in a transaction of its own, and the errand for the one after it.
 *
 * @param subject a customer that has left, or a sale system that has ended
 */
export async function endNext(
  { store, clock }: Pick<Core, 'store' | 'clock'>,
  subject: string,
): Promise<void> {
  const nowMs = clock.nowMs();
  await store.write(async (tx) => {
    const customer = await tx
      .selectFrom('customers')
      .select('left_at_ms')
      .where('id', '=', subject)
      .executeTakeFirst();
    if (customer === undefined) await endMorePairings(tx, subject, nowMs);
    else if (customer.left_at_ms !== null)
      await endPartOf(tx, subject, { actor: 'registry', nowMs, sinceMs: customer.left_at_ms });
  });
}

async function endMorePairings(tx: Tx, saleSystem: string, nowMs: number): Promise<void> {
  const system = await tx
    .selectFrom('sale_systems')
    .select(['customer', 'ended_at_ms'])
    .where('id', '=', saleSystem)
    .where('ended_at_ms', 'is not', null)
    .executeTakeFirst();
  if (system === undefined) return;
  const boxes = await endSomePairings(tx, saleSystem, nowMs);
  if (boxes.length === 0) return;
  await audit(tx, nowMs, {
    actor: 'registry',
    action: 'saleSystem.unpaired',
    subject: saleSystem,
    customer: system.customer,
    after: { boxes },
  });
  await askForMore(tx, saleSystem, system.ended_at_ms ?? nowMs);
}

/** Who ends it, and since when it counts. */
export interface Leaving {
  actor: string;
  nowMs: number;
  sinceMs: number;
}

/**
 * Ends a part of what a customer that has left still has: each box and each sale system whole, with its line in the
 * audit log. Where more may be left, an errand asks for the next part.
 */
export async function endPartOf(tx: Tx, customer: string, { actor, nowMs, sinceMs }: Leaving): Promise<void> {
  const systems = await tx
    .selectFrom('sale_systems')
    .selectAll()
    .where('customer', '=', customer)
    .where('ended_at_ms', 'is', null)
    .orderBy('id')
    .limit(systemsAtOnce)
    .forUpdate()
    .execute();
  for (const system of systems) await endSaleSystem(tx, { system, actor, nowMs });
  const boxes =
    systems.length === systemsAtOnce
      ? []
      : await tx
          .selectFrom('boxes')
          .selectAll()
          .where('customer', '=', customer)
          // As a word of the statement: SQLite finds the index of the boxes in use by it.
          .where('status', '=', sql.lit('claimed'))
          .orderBy('id')
          .limit(endedAtOnce)
          .forUpdate()
          .execute();
  if (boxes.length > 0) await endBoxes(tx, boxes, { status: 'retired', actor, nowMs, sinceMs });
  const more = systems.length === systemsAtOnce || boxes.length === endedAtOnce;
  if (more) await askForMore(tx, customer, sinceMs);
  else await ask(tx, 'trust', 'crl', nowMs);
}
