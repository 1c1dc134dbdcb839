/** What an operator does with boxes. */
import { Refusal } from '../refusal.ts';
import { audit } from '../store/audit.ts';
import { ask } from '../store/errands.ts';
import type { Tx } from '../store/store.ts';
import type { BoxRow, BoxStatus } from '../store/tables.ts';
import type { Actor, Core } from './core.ts';
import { mine, presentCustomer } from './customers.ts';
import { endBox, endPairings, endPairingsOf, endSaleSystem, endTenures } from './endings.ts';

async function lockMine(tx: Tx, actor: Actor, id: string): Promise<BoxRow> {
  const row = await tx.selectFrom('boxes').selectAll().where('id', '=', id).forUpdate().executeTakeFirst();
  return mine(actor, row, 'box');
}

/** The box, locked, if it is the actor's and in use. @throws Refusal `notFound`, `conflict` */
export async function lockClaimed(tx: Tx, actor: Actor, id: string): Promise<BoxRow> {
  const box = await lockMine(tx, actor, id);
  if (box.status !== 'claimed') throw new Refusal('conflict', `this box is ${box.status}`);
  return box;
}

/**
 * Ends a box in one call: its session at the broker, its certificates, its pairings, its billing. Again, or from
 * `retired` to `stolen`, is no error.
 */
export async function retireBox(
  core: Core,
  actor: Actor,
  id: string,
  status: Exclude<BoxStatus, 'claimed'>,
): Promise<void> {
  const nowMs = core.clock.nowMs();
  await core.store.write(async (tx) => {
    const box = await lockMine(tx, actor, id);
    if (box.status === status) return;
    if (box.status === 'claimed') {
      await endBox(tx, { box, status, actor: actor.name, nowMs });
      return;
    }
    await tx.updateTable('boxes').set({ status }).where('id', '=', id).execute();
    await audit(tx, nowMs, {
      actor: actor.name,
      action: `box.${status}`,
      subject: id,
      customer: box.customer,
      before: { status: box.status },
      after: { status },
    });
  });
  core.errandsWait();
}

/** Gives a box to another customer. The pairings, which were the old one's, end; the new one pays from now on. */
export async function moveBox(core: Core, actor: Actor, id: string, customer: string): Promise<void> {
  const nowMs = core.clock.nowMs();
  if (actor.customer !== null) throw new Refusal('forbidden', 'this token is bound to one customer');
  await core.store.write(async (tx) => {
    await presentCustomer(tx, actor, customer);
    const box = await lockClaimed(tx, actor, id);
    if (box.customer === customer) return;
    await endPairingsOf(tx, [id], nowMs);
    await endTenures(tx, [box.billed_as], nowMs);
    await beginTenure(tx, { billedAs: box.billed_as, customer, nowMs });
    await tx.updateTable('boxes').set({ customer }).where('id', '=', id).execute();
    await ask(tx, 'notice', id, nowMs);
    const change = { actor: actor.name, action: 'box.moved', subject: id };
    const before = { customer: box.customer };
    const after = { customer };
    // Both customers' logs tell of it.
    await audit(tx, nowMs, { ...change, customer: box.customer, before, after });
    await audit(tx, nowMs, { ...change, customer, before, after });
  });
  core.errandsWait();
}

/** From then on the new customer pays; by a clock that went back no earlier than the one before ended. */
async function beginTenure(
  tx: Tx,
  { billedAs, customer, nowMs }: { billedAs: string; customer: string; nowMs: number },
): Promise<void> {
  const { ended } = await tx
    .selectFrom('tenures')
    .select((eb) => eb.fn.max('until_ms').as('ended'))
    .where('billed_as', '=', billedAs)
    .executeTakeFirstOrThrow();
  const from_ms = Math.max(nowMs, Number(ended ?? 0));
  await tx.insertInto('tenures').values({ billed_as: billedAs, customer, from_ms }).execute();
}

/** Ends the pairing of one sale system with one box. */
export async function unpair(core: Core, actor: Actor, id: string): Promise<void> {
  const nowMs = core.clock.nowMs();
  await core.store.write(async (tx) => {
    const pairing = await tx
      .selectFrom('pairings')
      .selectAll()
      .where('id', '=', id)
      .forUpdate()
      .executeTakeFirst();
    if (pairing === undefined) throw new Refusal('notFound', 'there is no such pairing');
    const box = await tx.selectFrom('boxes').selectAll().where('id', '=', pairing.box).executeTakeFirst();
    const { customer } = mine(actor, box, 'pairing');
    if (pairing.ended_at_ms !== null) return;
    await endPairings(tx, [pairing], nowMs);
    await audit(tx, nowMs, {
      actor: actor.name,
      action: 'pairing.ended',
      subject: id,
      customer,
      before: { box: pairing.box, saleSystem: pairing.sale_system },
      after: { ended_at_ms: nowMs },
    });
  });
  core.errandsWait();
}

/** Ends a sale system: all its pairings, its certificates, its session. */
export async function retireSaleSystem(core: Core, actor: Actor, id: string): Promise<void> {
  const nowMs = core.clock.nowMs();
  await core.store.write(async (tx) => {
    const row = await tx
      .selectFrom('sale_systems')
      .selectAll()
      .where('id', '=', id)
      .forUpdate()
      .executeTakeFirst();
    const system = mine(actor, row, 'sale system');
    if (system.ended_at_ms === null) await endSaleSystem(tx, { system, actor: actor.name, nowMs });
  });
  core.errandsWait();
}

/** Ends one command key at once. */
export async function revokeKey(core: Core, actor: Actor, kid: string): Promise<void> {
  const nowMs = core.clock.nowMs();
  await core.store.write(async (tx) => {
    const key = await tx
      .selectFrom('command_keys')
      .innerJoin('pairings', 'pairings.id', 'command_keys.pairing')
      .innerJoin('boxes', 'boxes.id', 'pairings.box')
      .select(['kid', 'ends_at_ms', 'pairings.box', 'boxes.customer'])
      .where('kid', '=', kid)
      .executeTakeFirst();
    const { customer, box, ends_at_ms } = mine(actor, key, 'key');
    if (ends_at_ms !== null && ends_at_ms <= nowMs) return;
    await tx.updateTable('command_keys').set({ ends_at_ms: nowMs }).where('kid', '=', kid).execute();
    await ask(tx, 'notice', box, nowMs);
    await audit(tx, nowMs, {
      actor: actor.name,
      action: 'key.revoked',
      subject: kid,
      customer,
      before: { ends_at_ms },
      after: { ends_at_ms: nowMs },
    });
  });
  core.errandsWait();
}
