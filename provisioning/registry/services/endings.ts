/** How boxes and sale systems end: everything that hung on them, in one transaction. */
import { audit } from '../store/audit.ts';
import { ask } from '../store/errands.ts';
import type { Tx } from '../store/store.ts';
import type { BoxRow, BoxStatus, PairingRow, SaleSystemRow } from '../store/tables.ts';
import { revokeCertificates } from './box-access.ts';

/** Takes a box out of use: session, certificates, pairings, codes and billing end. The row must be locked and `claimed`. */
export async function endBox(
  tx: Tx,
  {
    box,
    status,
    actor,
    nowMs,
  }: { box: BoxRow; status: Exclude<BoxStatus, 'claimed'>; actor: string; nowMs: number },
): Promise<void> {
  await tx.updateTable('boxes').set({ status, ended_at_ms: nowMs }).where('id', '=', box.id).execute();
  await endPairingsOf(tx, box.id, nowMs);
  await revokeCertificates(tx, box.id, nowMs);
  await endTenure(tx, box.billed_as, nowMs);
  // Whoever moves disks about must not find a claim that still waits for this one.
  await tx
    .updateTable('claims')
    .set({ expires_at_ms: nowMs })
    .where('customer', '=', box.customer)
    .where('replaces', '=', box.id)
    .where('used_by', 'is', null)
    .where('expires_at_ms', '>', nowMs)
    .execute();
  await ask(tx, 'box', box.id, nowMs);
  await ask(tx, 'trust', 'crl', nowMs);
  await audit(tx, nowMs, {
    actor,
    action: `box.${status}`,
    subject: box.id,
    customer: box.customer,
    before: { status: box.status },
    after: { status },
  });
}

/** Ends whatever pairs this box, and the code that it may be showing. */
export async function endPairingsOf(tx: Tx, box: string, nowMs: number): Promise<void> {
  const open = await tx
    .selectFrom('pairings')
    .selectAll()
    .where('box', '=', box)
    .where('ended_at_ms', 'is', null)
    .forUpdate()
    .execute();
  for (const pairing of open) await endPairing(tx, pairing, nowMs);
  await tx
    .updateTable('pairing_codes')
    .set({ sealed: null, expires_at_ms: nowMs })
    .where('box', '=', box)
    .where('sealed', 'is not', null)
    .execute();
}

/** Ends one pairing: its keys sign no more commands, its sale system reads nothing of the box any more. */
export async function endPairing(tx: Tx, { id, box, sale_system }: PairingRow, nowMs: number): Promise<void> {
  await tx.updateTable('pairings').set({ ended_at_ms: nowMs }).where('id', '=', id).execute();
  await tx
    .updateTable('command_keys')
    .set({ ends_at_ms: nowMs })
    .where('pairing', '=', id)
    .where((eb) => eb.or([eb('ends_at_ms', 'is', null), eb('ends_at_ms', '>', nowMs)]))
    .execute();
  await ask(tx, 'box', box, nowMs);
  await ask(tx, 'notice', box, nowMs);
  await ask(tx, 'saleSystem', sale_system, nowMs);
}

/** A sale system ends with all its pairings. */
export async function endSaleSystem(
  tx: Tx,
  { system, actor, nowMs }: { system: SaleSystemRow; actor: string; nowMs: number },
): Promise<void> {
  await tx.updateTable('sale_systems').set({ ended_at_ms: nowMs }).where('id', '=', system.id).execute();
  const open = await tx
    .selectFrom('pairings')
    .selectAll()
    .where('sale_system', '=', system.id)
    .where('ended_at_ms', 'is', null)
    .forUpdate()
    .execute();
  for (const pairing of open) await endPairing(tx, pairing, nowMs);
  await revokeCertificates(tx, system.id, nowMs);
  await ask(tx, 'saleSystem', system.id, nowMs);
  await ask(tx, 'trust', 'crl', nowMs);
  await audit(tx, nowMs, {
    actor,
    action: 'saleSystem.ended',
    subject: system.id,
    customer: system.customer,
    before: { ended_at_ms: null },
    after: { ended_at_ms: nowMs, boxes: open.map(({ box }) => box) },
  });
}

/** From now on nobody pays for it. */
export async function endTenure(tx: Tx, billedAs: string, nowMs: number): Promise<void> {
  await tx
    .updateTable('tenures')
    .set({ until_ms: nowMs })
    .where('billed_as', '=', billedAs)
    .where('until_ms', 'is', null)
    .execute();
}
