/** Customers and the codes by which their boxes become theirs. */
import { sql } from 'kysely';
import { givenName } from '../../../gateway/contract/registration.ts';
import { newCode, newId, shownCode } from '../identity/codes.ts';
import { parsedBy } from '../identity/read-jws.ts';
import { claimLifeMs, dayMs } from '../identity/times.ts';
import { Refusal } from '../refusal.ts';
import { audit } from '../store/audit.ts';
import { ask } from '../store/errands.ts';
import type { Tx } from '../store/store.ts';
import { type Actor, type Core, purposes } from './core.ts';
import { endPartOf } from './leaving.ts';

/** What an actor may not see is not there. @throws Refusal `notFound` */
export function mine<Row extends { customer: string }>(
  actor: Actor,
  row: Row | undefined,
  what: string,
): Row {
  if (row === undefined || (actor.customer !== null && actor.customer !== row.customer))
    throw new Refusal('notFound', `there is no such ${what}`);
  return row;
}

/** Makes a customer. Only for those who see all customers. @throws Refusal `forbidden`, `malformed` */
export async function addCustomer(core: Core, actor: Actor, name: string): Promise<{ customer: string }> {
  if (actor.customer !== null) throw new Refusal('forbidden', 'this token is bound to one customer');
  parsedBy(givenName, name);
  const nowMs = core.clock.nowMs();
  const id = newId('CU', core.random.bytes);
  return core.store.write(async (tx) => {
    await tx.insertInto('customers').values({ id, name, created_at_ms: nowMs }).execute();
    await audit(tx, nowMs, {
      actor: actor.name,
      action: 'customer.added',
      subject: id,
      customer: id,
      after: { name },
    });
    return { customer: id };
  });
}

/** The customer, if the actor may see it and it has not left. @throws Refusal `notFound`, `conflict` */
export async function presentCustomer(tx: Tx, actor: Actor, id: string): Promise<string> {
  const row = await tx
    .selectFrom('customers')
    .selectAll()
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  const { left_at_ms } = mine(actor, row && { ...row, customer: row.id }, 'customer');
  if (left_at_ms !== null) throw new Refusal('conflict', 'this customer has left');
  return id;
}

/** What a technician is to be told. The code is told this once. */
export interface NewClaim {
  claim: string;
  code: string;
  expiresAtMs: number;
}

/**
 * Makes a claim code for a box of this customer.
 *
 * @param replaces the box whose place it takes: pairings and billing continue
 * @param lifeMs how long it can be used; at most 30 days
 */
export async function newClaim(
  core: Core,
  actor: Actor,
  {
    customer,
    replaces = null,
    lifeMs = claimLifeMs,
  }: { customer: string; replaces?: string | null; lifeMs?: number },
): Promise<NewClaim> {
  if (!(lifeMs > 0 && lifeMs <= 30 * dayMs)) throw new Refusal('malformed', 'a claim lives at most 30 days');
  const nowMs = core.clock.nowMs();
  const code = newCode(core.random.bytes);
  const id = newId('CL', core.random.bytes);
  return core.store.write(async (tx) => {
    await presentCustomer(tx, actor, customer);
    if (replaces !== null) {
      const box = await tx.selectFrom('boxes').selectAll().where('id', '=', replaces).executeTakeFirst();
      if (mine({ ...actor, customer }, box, 'box').status !== 'claimed')
        throw new Refusal('conflict', 'that box is out of use: nothing of it can continue');
    }
    await tx
      .insertInto('claims')
      .values({
        id,
        mac: core.masterKey.mac(code, purposes.claimCode),
        customer,
        replaces,
        created_at_ms: nowMs,
        created_by: actor.name,
        expires_at_ms: nowMs + lifeMs,
      })
      .execute();
    await audit(tx, nowMs, {
      actor: actor.name,
      action: 'claim.added',
      subject: id,
      customer,
      after: { replaces, expires_at_ms: nowMs + lifeMs },
    });
    return { claim: id, code: shownCode(code), expiresAtMs: nowMs + lifeMs };
  });
}

/** Ends a claim code that was not used. */
export function withdrawClaim(core: Core, actor: Actor, id: string): Promise<void> {
  const nowMs = core.clock.nowMs();
  return core.store.write(async (tx) => {
    const row = await tx.selectFrom('claims').selectAll().where('id', '=', id).forUpdate().executeTakeFirst();
    const claim = mine(actor, row, 'claim');
    if (claim.used_by !== null) throw new Refusal('conflict', `it was used by ${claim.used_by}`);
    if (claim.expires_at_ms <= nowMs) return;
    await tx.updateTable('claims').set({ expires_at_ms: nowMs }).where('id', '=', id).execute();
    await audit(tx, nowMs, {
      actor: actor.name,
      action: 'claim.withdrawn',
      subject: id,
      customer: claim.customer,
      before: { expires_at_ms: claim.expires_at_ms },
      after: { expires_at_ms: nowMs },
    });
  });
}

/**
 * A customer leaves: boxes, sale systems, codes and tokens end with it. From this call on none of its boxes is answered
 * and none of its codes is good; the boxes end a few hundred at a time, and since now nobody pays for any of them.
 *
 * @returns how many boxes it had
 */
export async function customerLeaves(core: Core, actor: Actor, id: string): Promise<{ boxes: number }> {
  const nowMs = core.clock.nowMs();
  const left = await core.store.write(async (tx) => {
    await presentCustomer(tx, actor, id);
    const boxes = await countOf(tx, 'boxes', id);
    const saleSystems = await countOf(tx, 'sale_systems', id);
    await tx.updateTable('customers').set({ left_at_ms: nowMs }).where('id', '=', id).execute();
    await endAccess(tx, id, nowMs);
    await ask(tx, 'trust', 'crl', nowMs);
    await audit(tx, nowMs, {
      actor: actor.name,
      action: 'customer.left',
      subject: id,
      customer: id,
      before: { left_at_ms: null },
      after: { left_at_ms: nowMs, boxes, saleSystems },
    });
    await endPartOf(tx, id, { actor: actor.name, nowMs, sinceMs: nowMs });
    return { boxes };
  });
  core.errandsWait();
  return left;
}

async function countOf(tx: Tx, table: 'boxes' | 'sale_systems', customer: string): Promise<number> {
  const { count } = await tx
    .selectFrom(table)
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('customer', '=', customer)
    .$if(table === 'boxes', (query) => query.where('status', '=', sql.lit('claimed')))
    .$if(table === 'sale_systems', (query) => query.where('ended_at_ms', 'is', null))
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** Claim codes, pairing codes that a box may be showing, tokens. */
async function endAccess(tx: Tx, customer: string, nowMs: number): Promise<void> {
  await tx
    .updateTable('claims')
    .set({ expires_at_ms: nowMs })
    .where('customer', '=', customer)
    .where('used_by', 'is', null)
    .where('expires_at_ms', '>', nowMs)
    .execute();
  await tx
    .updateTable('pairing_codes')
    .set({ sealed: null, expires_at_ms: nowMs })
    .where('sealed', 'is not', null)
    .where((eb) =>
      eb.exists(
        eb
          .selectFrom('boxes')
          .select('boxes.id')
          .whereRef('boxes.id', '=', 'pairing_codes.box')
          .where('boxes.customer', '=', customer),
      ),
    )
    .execute();
  await tx
    .updateTable('tokens')
    .set({ revoked_at_ms: nowMs })
    .where('customer', '=', customer)
    .where('revoked_at_ms', 'is', null)
    .execute();
}
