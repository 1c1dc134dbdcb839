/** Operators' tokens: what they may, whose things, how long. */
import { createHash } from 'node:crypto';
import { givenName } from '../../../gateway/contract/registration.ts';
import { newId } from '../identity/codes.ts';
import { parsedBy } from '../identity/read-jws.ts';
import { dayMs } from '../identity/times.ts';
import { Refusal } from '../refusal.ts';
import { audit } from '../store/audit.ts';
import type { Actor, Core } from './core.ts';

/** What a token may be allowed. */
export const scopes = [
  'boxes:read',
  'boxes:write',
  'claims:write',
  'customers:write',
  'audit:read',
  'tokens:write',
  'authority:write',
  'broker:write',
  'metrics:read',
  'billing:read',
  'billing:write',
] as const;

/** One of {@link scopes}. */
export type Scope = (typeof scopes)[number];

/** Whoever shows a token. */
export interface Operator extends Actor {
  scopes: readonly Scope[];
}

/** What a new token is to be. */
export interface TokenWish {
  name: string;
  scopes: readonly Scope[];
  /** The one customer whose things it sees; null: all. */
  customer: string | null;
  /** How long it is good for; at most two years. */
  lifeMs: number;
}

const form = /^swipe_[A-Za-z0-9_-]{43}$/;

// 256 unpredictable bits need neither salt nor many rounds.
const hashOf = (token: string): string => createHash('sha256').update(token).digest('base64url');

/**
 * Makes a token, which is told this once. Nobody gives more than he has.
 *
 * @throws Refusal `forbidden`, `malformed`, `notFound`
 */
export async function newToken(
  core: Core,
  operator: Operator,
  { name, scopes: wanted, customer, lifeMs }: TokenWish,
): Promise<{ id: string; token: string; expiresAtMs: number }> {
  parsedBy(givenName, name);
  if (!(lifeMs > 0 && lifeMs <= 731 * dayMs))
    throw new Refusal('malformed', 'a token lives at most two years');
  const tooMuch = wanted.filter((scope) => !operator.scopes.includes(scope));
  if (tooMuch.length > 0) throw new Refusal('forbidden', `not yours to give: ${tooMuch.join(', ')}`);
  if (operator.customer !== null && customer !== operator.customer)
    throw new Refusal('forbidden', 'only for the customer that your token is bound to');
  const nowMs = core.clock.nowMs();
  const id = newId('TK', core.random.bytes);
  const token = `swipe_${Buffer.from(core.random.bytes(32)).toString('base64url')}`;
  const expiresAtMs = nowMs + lifeMs;
  return core.store.write(async (tx) => {
    if (customer !== null) {
      const row = await tx
        .selectFrom('customers')
        .select('left_at_ms')
        .where('id', '=', customer)
        .executeTakeFirst();
      if (row === undefined || row.left_at_ms !== null)
        throw new Refusal('notFound', 'there is no such customer');
    }
    await tx
      .insertInto('tokens')
      .values({
        id,
        hash: hashOf(token),
        name,
        scopes: JSON.stringify(wanted),
        customer,
        created_at_ms: nowMs,
        created_by: operator.name,
        expires_at_ms: expiresAtMs,
      })
      .execute();
    await audit(tx, nowMs, {
      actor: operator.name,
      action: 'token.added',
      subject: id,
      customer,
      after: { name, scopes: wanted, expires_at_ms: expiresAtMs },
    });
    return { id, token, expiresAtMs };
  });
}

/** Whose token it is. @throws Refusal `unauthorized` */
export async function operatorOf({ store, clock }: Core, token: string | null): Promise<Operator> {
  if (token === null || !form.test(token)) throw new Refusal('unauthorized');
  const row = await store.reader
    .selectFrom('tokens')
    .select(['id', 'scopes', 'customer', 'expires_at_ms', 'revoked_at_ms'])
    .where('hash', '=', hashOf(token))
    .executeTakeFirst();
  if (row === undefined || row.revoked_at_ms !== null || row.expires_at_ms <= clock.nowMs())
    throw new Refusal('unauthorized');
  return { name: `token:${row.id}`, scopes: JSON.parse(row.scopes) as Scope[], customer: row.customer };
}

/** Ends a token at once. @throws Refusal `notFound` */
export function revokeToken(core: Core, actor: Actor, id: string): Promise<void> {
  const nowMs = core.clock.nowMs();
  return core.store.write(async (tx) => {
    const row = await tx.selectFrom('tokens').selectAll().where('id', '=', id).forUpdate().executeTakeFirst();
    if (row === undefined || (actor.customer !== null && actor.customer !== row.customer))
      throw new Refusal('notFound', 'there is no such token');
    if (row.revoked_at_ms !== null) return;
    await tx.updateTable('tokens').set({ revoked_at_ms: nowMs }).where('id', '=', id).execute();
    await audit(tx, nowMs, {
      actor: actor.name,
      action: 'token.revoked',
      subject: id,
      customer: row.customer,
      before: { revoked_at_ms: null },
      after: { revoked_at_ms: nowMs },
    });
  });
}
