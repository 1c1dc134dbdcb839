/** What operators look at: lists in pages, each bound to what the actor may see. */
import { sql } from 'kysely';
import { isoTime } from '../../../gateway/contract/time.ts';
import { Refusal } from '../refusal.ts';
import { audit } from '../store/audit.ts';
import type { BoxRow, BoxStatus } from '../store/tables.ts';
import type { Actor, Core } from './core.ts';
import { mine } from './customers.ts';

/** Which part of a list. */
export interface Page {
  /** Only what comes after this (the last id of the page before). */
  after?: string | undefined;
  /** At most so many. */
  limit: number;
}

const timeOrNull = (ms: number | null): string | null => (ms === null ? null : isoTime(ms));

/** Customers by id. */
export async function customers({ store }: Core, { customer }: Actor, { after, limit }: Page) {
  const rows = await store.reader
    .selectFrom('customers')
    .selectAll()
    .$if(customer !== null, (query) => query.where('id', '=', customer ?? ''))
    .$if(after !== undefined, (query) => query.where('id', '>', after ?? ''))
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map(({ id, name, created_at_ms, left_at_ms }) => ({
    customer: id,
    name,
    since: isoTime(created_at_ms),
    left: timeOrNull(left_at_ms),
  }));
}

/** Boxes by id. */
export async function boxes(
  { store }: Core,
  { customer }: Actor,
  { after, limit, of, status }: Page & { of?: string | undefined; status?: BoxStatus | undefined },
) {
  const rows = await store.reader
    .selectFrom('boxes')
    .selectAll()
    .$if(customer !== null, (query) => query.where('customer', '=', customer ?? ''))
    .$if(of !== undefined, (query) => query.where('customer', '=', of ?? ''))
    .$if(status !== undefined, (query) => query.where('status', '=', status ?? 'claimed'))
    // Few of many: as a word of the statement, so that SQLite finds their index by it.
    .$if(status !== undefined && status !== 'claimed', (query) =>
      query.where('status', '!=', sql.lit('claimed')),
    )
    .$if(after !== undefined, (query) => query.where('id', '>', after ?? ''))
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map(toldBox);
}

const toldBox = (row: BoxRow) => ({
  box: row.id,
  customer: row.customer,
  status: row.status,
  billedAs: row.billed_as,
  claimedAt: isoTime(row.claimed_at_ms),
  endedAt: timeOrNull(row.ended_at_ms),
  replaces: row.replaces,
  replacedBy: row.replaced_by,
  registeredAt: isoTime(row.counted_at_ms),
  count: row.count,
  revision: row.revision,
  registryKey: row.registry_kid,
  version: row.version,
  hardware: { model: row.hardware_model, serial: row.hardware_serial, system: row.hardware_system },
  terminal: {
    vendor: row.terminal_vendor,
    model: row.terminal_model,
    software: row.terminal_software,
    id: row.terminal_id,
  },
  sequence: row.sequence,
});

/** One box with its sale systems, their keys, and its certificates. @throws Refusal `notFound` */
export async function box(core: Core, actor: Actor, id: string) {
  const { reader } = core.store;
  const row = await reader.selectFrom('boxes').selectAll().where('id', '=', id).executeTakeFirst();
  const known = toldBox(mine(actor, row, 'box'));
  const pairings = await reader
    .selectFrom('pairings')
    .innerJoin('sale_systems', 'sale_systems.id', 'pairings.sale_system')
    .select(['pairings.id', 'sale_system', 'name', 'allow', 'pairings.created_at_ms'])
    .where('box', '=', id)
    .where('pairings.ended_at_ms', 'is', null)
    .orderBy('pairings.id')
    .execute();
  const keys = await reader
    .selectFrom('command_keys')
    .select(['kid', 'pairing', 'alg', 'ends_at_ms'])
    .where('pairing', 'in', ['', ...pairings.map((pairing) => pairing.id)])
    .orderBy('kid')
    .execute();
  const certificates = await reader
    .selectFrom('certificates')
    .selectAll()
    .where('subject', '=', id)
    .orderBy('not_after_ms', 'desc')
    .limit(10)
    .execute();
  return {
    ...known,
    pairings: pairings.map((pairing) => ({
      pairing: pairing.id,
      saleSystem: pairing.sale_system,
      name: pairing.name,
      allow: JSON.parse(pairing.allow) as string[],
      since: isoTime(pairing.created_at_ms),
      keys: keys
        .filter((key) => key.pairing === pairing.id)
        .map(({ kid, alg, ends_at_ms }) => ({ kid, alg, endsAt: timeOrNull(ends_at_ms) })),
    })),
    certificates: certificates.map((certificate) => ({
      serial: certificate.serial,
      notAfter: isoTime(certificate.not_after_ms),
      revokedAt: timeOrNull(certificate.revoked_at_ms),
    })),
  };
}

/** Claim codes by id, without the codes, which nobody knows. */
export async function claims({ store }: Core, { customer }: Actor, { after, limit }: Page) {
  const rows = await store.reader
    .selectFrom('claims')
    .selectAll()
    .$if(customer !== null, (query) => query.where('customer', '=', customer ?? ''))
    .$if(after !== undefined, (query) => query.where('id', '>', after ?? ''))
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    claim: row.id,
    customer: row.customer,
    replaces: row.replaces,
    createdAt: isoTime(row.created_at_ms),
    createdBy: row.created_by,
    expiresAt: isoTime(row.expires_at_ms),
    usedAt: timeOrNull(row.used_at_ms),
    usedBy: row.used_by,
  }));
}

/** The audit log, newest first; `after`: the number of the last line of the page before. */
export async function auditLog(
  { store }: Core,
  { customer }: Actor,
  { after, limit, subject }: Page & { subject?: string | undefined },
) {
  const rows = await store.reader
    .selectFrom('audit')
    .selectAll()
    .$if(customer !== null, (query) => query.where('customer', '=', customer ?? ''))
    .$if(subject !== undefined, (query) => query.where('subject', '=', subject ?? ''))
    .$if(after !== undefined, (query) => query.where('id', '<', Number(after)))
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    number: row.id,
    at: isoTime(row.at_ms),
    actor: row.actor,
    action: row.action,
    subject: row.subject,
    customer: row.customer,
    before: row.before === null ? null : (JSON.parse(row.before) as object),
    after: row.after === null ? null : (JSON.parse(row.after) as object),
  }));
}

/** Alarms, newest first: those that are open, or all. */
export async function alarms(
  { store }: Core,
  { customer }: Actor,
  { after, limit, all }: Page & { all?: boolean },
) {
  const rows = await store.reader
    .selectFrom('alarms')
    .selectAll()
    .$if(customer !== null, (query) => query.where('customer', '=', customer ?? ''))
    .$if(all !== true, (query) => query.where('acknowledged_at_ms', 'is', null))
    .$if(after !== undefined, (query) => query.where('id', '<', Number(after)))
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    alarm: row.id,
    kind: row.kind,
    subject: row.subject,
    customer: row.customer,
    detail: row.detail,
    firstAt: isoTime(row.first_at_ms),
    lastAt: isoTime(row.last_at_ms),
    times: row.times,
    acknowledgedAt: timeOrNull(row.acknowledged_at_ms),
    acknowledgedBy: row.acknowledged_by,
  }));
}

/** Somebody has seen to it. @throws Refusal `notFound` */
export function acknowledge({ store, clock }: Core, { name, customer }: Actor, alarm: number): Promise<void> {
  const nowMs = clock.nowMs();
  return store.write(async (tx) => {
    const row = await tx
      .selectFrom('alarms')
      .selectAll()
      .where('id', '=', alarm)
      .forUpdate()
      .executeTakeFirst();
    if (row === undefined || (customer !== null && customer !== row.customer))
      throw new Refusal('notFound', 'there is no such alarm');
    if (row.acknowledged_at_ms !== null) return;
    await tx
      .updateTable('alarms')
      .set({ acknowledged_at_ms: nowMs, acknowledged_by: name })
      .where('id', '=', alarm)
      .execute();
    await audit(tx, nowMs, {
      actor: name,
      action: 'alarm.acknowledged',
      subject: String(alarm),
      customer: row.customer,
      before: { kind: row.kind, subject: row.subject, times: row.times },
      after: { acknowledged_at_ms: nowMs },
    });
  });
}

/** Tokens by id, without the tokens, which nobody knows. */
export async function tokens({ store }: Core, { customer }: Actor, { after, limit }: Page) {
  const rows = await store.reader
    .selectFrom('tokens')
    .selectAll()
    .$if(customer !== null, (query) => query.where('customer', '=', customer ?? ''))
    .$if(after !== undefined, (query) => query.where('id', '>', after ?? ''))
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    scopes: JSON.parse(row.scopes) as string[],
    customer: row.customer,
    createdAt: isoTime(row.created_at_ms),
    createdBy: row.created_by,
    expiresAt: isoTime(row.expires_at_ms),
    revokedAt: timeOrNull(row.revoked_at_ms),
  }));
}
