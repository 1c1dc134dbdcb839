/** How boxes and sale systems end: everything that hung on them, in one transaction. */
import { audit, auditAll } from '../store/audit.ts';
import { ask, askAll, type Wish } from '../store/errands.ts';
import type { Tx } from '../store/store.ts';
import type { BoxRow, BoxStatus, PairingRow, SaleSystemRow } from '../store/tables.ts';
import { revokeCertificates } from './box-access.ts';

/** How boxes end. */
export interface BoxEnding {
  status: Exclude<BoxStatus, 'claimed'>;
  actor: string;
  nowMs: number;
  /** Since when they are out of use and nobody pays for them, where that was before now. */
  sinceMs?: number;
}

/** At most so many end in one transaction: what others wait for meanwhile stays short. */
export const endedAtOnce = 200;

/** Takes a box out of use: session, certificates, pairings, codes and billing end. The row must be locked and `claimed`. */
export async function endBox(tx: Tx, { box, ...ending }: BoxEnding & { box: BoxRow }): Promise<void> {
  await endBoxes(tx, [box], ending);
  await ask(tx, 'trust', 'crl', ending.nowMs);
}

/** The same for several of one customer, but for the list of revoked certificates, which is the caller's to ask for. */
export async function endBoxes(
  tx: Tx,
  boxes: readonly BoxRow[],
  { status, actor, nowMs, sinceMs = nowMs }: BoxEnding,
): Promise<void> {
  const ids = boxes.map(({ id }) => id);
  await tx.updateTable('boxes').set({ status, ended_at_ms: sinceMs }).where('id', 'in', ids).execute();
  await endPairingsOf(tx, ids, nowMs);
  await revokeCertificates(tx, ids, nowMs);
  await endTenures(
    tx,
    boxes.map(({ billed_as }) => billed_as),
    sinceMs,
  );
  await endReplacements(tx, boxes, nowMs);
  await askAll(
    tx,
    ids.map((subject) => ({ kind: 'box', subject })),
    nowMs,
  );
  await auditAll(
    tx,
    nowMs,
    boxes.map((box) => ({
      actor,
      action: `box.${status}`,
      subject: box.id,
      customer: box.customer,
      before: { status: box.status },
      after: { status },
    })),
  );
}

/** Whoever moves disks about must not find a claim that still waits for one of these. */
async function endReplacements(tx: Tx, boxes: readonly BoxRow[], nowMs: number): Promise<void> {
  const customers = new Map(boxes.map(({ id, customer }) => [id, customer]));
  const waiting = await tx
    .selectFrom('claims')
    .select(['id', 'replaces', 'customer'])
    .where('replaces', 'in', [...customers.keys()])
    .where('used_by', 'is', null)
    .where('expires_at_ms', '>', nowMs)
    .execute();
  const own = waiting.filter(({ replaces, customer }) => customers.get(replaces ?? '') === customer);
  if (own.length === 0) return;
  await tx
    .updateTable('claims')
    .set({ expires_at_ms: nowMs })
    .where(
      'id',
      'in',
      own.map(({ id }) => id),
    )
    .where('used_by', 'is', null)
    .execute();
}

/** Ends whatever pairs these boxes, and the codes that they may be showing. */
export async function endPairingsOf(tx: Tx, boxes: readonly string[], nowMs: number): Promise<void> {
  const open = await tx
    .selectFrom('pairings')
    .selectAll()
    .where('box', 'in', [...boxes])
    .where('ended_at_ms', 'is', null)
    .forUpdate()
    .execute();
  await endPairings(tx, open, nowMs);
  await tx
    .updateTable('pairing_codes')
    .set({ sealed: null, expires_at_ms: nowMs })
    .where('box', 'in', [...boxes])
    .where('sealed', 'is not', null)
    .execute();
}

/** Ends pairings: their keys sign no more commands, their sale systems read nothing of the boxes any more. */
export async function endPairings(tx: Tx, pairings: readonly PairingRow[], nowMs: number): Promise<void> {
  if (pairings.length === 0) return;
  const ids = pairings.map(({ id }) => id);
  await tx.updateTable('pairings').set({ ended_at_ms: nowMs }).where('id', 'in', ids).execute();
  await tx
    .updateTable('command_keys')
    .set({ ends_at_ms: nowMs })
    .where('pairing', 'in', ids)
    .where((eb) => eb.or([eb('ends_at_ms', 'is', null), eb('ends_at_ms', '>', nowMs)]))
    .execute();
  const wishes = pairings.flatMap(({ box, sale_system }): Wish[] => [
    { kind: 'box', subject: box },
    { kind: 'notice', subject: box },
    { kind: 'saleSystem', subject: sale_system },
  ]);
  await askAll(tx, wishes, nowMs);
}

/**
 * A sale system ends: from now on it has no access, and its pairings end with it. Of more than {@link endedAtOnce} the
 * rest end by and by (services/leaving.ts).
 */
export async function endSaleSystem(
  tx: Tx,
  { system, actor, nowMs }: { system: SaleSystemRow; actor: string; nowMs: number },
): Promise<void> {
  await tx.updateTable('sale_systems').set({ ended_at_ms: nowMs }).where('id', '=', system.id).execute();
  const boxes = await endSomePairings(tx, system.id, nowMs);
  await revokeCertificates(tx, [system.id], nowMs);
  await ask(tx, 'saleSystem', system.id, nowMs);
  await ask(tx, 'trust', 'crl', nowMs);
  await audit(tx, nowMs, {
    actor,
    action: 'saleSystem.ended',
    subject: system.id,
    customer: system.customer,
    before: { ended_at_ms: null },
    after: { ended_at_ms: nowMs, boxes },
  });
  if (boxes.length === endedAtOnce) await askForMore(tx, system.id, nowMs);
}

/** Asks for the next part of an ending that began then: before all that each part leaves to be done at the broker. */
export const askForMore = (tx: Tx, subject: string, sinceMs: number): Promise<void> =>
  ask(tx, 'ending', subject, sinceMs - 1);

/** Ends up to {@link endedAtOnce} pairings of a sale system; whose boxes they were. */
export async function endSomePairings(tx: Tx, saleSystem: string, nowMs: number): Promise<string[]> {
  const open = await tx
    .selectFrom('pairings')
    .selectAll()
    .where('sale_system', '=', saleSystem)
    .where('ended_at_ms', 'is', null)
    .limit(endedAtOnce)
    .forUpdate()
    .execute();
  await endPairings(tx, open, nowMs);
  return open.map(({ box }) => box);
}

/** From then on nobody pays for these. */
export async function endTenures(tx: Tx, billedAs: readonly string[], sinceMs: number): Promise<void> {
  await tx
    .updateTable('tenures')
    // A claim that was used at the very moment when the customer left: no tenure ends before it began.
    .set((eb) => ({
      until_ms: eb.case().when('from_ms', '>', sinceMs).then(eb.ref('from_ms')).else(eb.val(sinceMs)).end(),
    }))
    .where('billed_as', 'in', [...billedAs])
    .where('until_ms', 'is', null)
    .execute();
}
