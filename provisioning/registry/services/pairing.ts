/** How a sale system gets at a box: a code, a key of its own, its certificate. */

import type * as v from 'valibot';
import type { OperationType } from '../../../gateway/contract/command.ts';
import { operationTypes } from '../../../gateway/contract/command.ts';
import type {
  furtherPairingSchema,
  PairingAnswer,
  pairingRequestSchema,
} from '../../../gateway/contract/registration.ts';
import { countedAddress } from '../identity/attempts.ts';
import { newCode, newId, readCode, shownCode } from '../identity/codes.ts';
import { publicKeyOf } from '../identity/read-jws.ts';
import { pairingCodeLifeMs } from '../identity/times.ts';
import type { IssuedCertificate } from '../ports.ts';
import { Refusal } from '../refusal.ts';
import { gateFor } from '../store/attempts.ts';
import { audit } from '../store/audit.ts';
import { ask } from '../store/errands.ts';
import type { Tx } from '../store/store.ts';
import type { BoxRow } from '../store/tables.ts';
import { brokerOf, hadEnough, issuing, recordCertificate } from './box-access.ts';
import { lockClaimed } from './boxes.ts';
import { addKey } from './command-keys.ts';
import { type Actor, type Core, purposes } from './core.ts';

/** What a sale system may ask for that was paired with no more said: money only goes to the shop. */
export const defaultAllow: readonly OperationType[] = operationTypes.filter(
  (type) => !(['refund', 'cashback', 'instalmentRefund', 'resolve'] as readonly string[]).includes(type),
);

/** Makes a code for this box; the box shows it too. An earlier one that waits ends. */
export async function newPairingCode(
  core: Core,
  actor: Actor,
  box: string,
): Promise<{ code: string; expiresAtMs: number }> {
  const nowMs = core.clock.nowMs();
  const code = newCode(core.random.bytes);
  const id = newId('PC', core.random.bytes);
  const expiresAtMs = nowMs + pairingCodeLifeMs;
  await core.store.write(async (tx) => {
    const { customer } = await lockClaimed(tx, actor, box);
    await tx
      .updateTable('pairing_codes')
      .set({ sealed: null, expires_at_ms: nowMs })
      .where('box', '=', box)
      .where('sealed', 'is not', null)
      .execute();
    await tx
      .insertInto('pairing_codes')
      .values({
        id,
        mac: core.masterKey.mac(code, purposes.pairingCode),
        box,
        sealed: core.masterKey.seal(Buffer.from(code), purposes.pairingCodeShown(id)),
        created_at_ms: nowMs,
        created_by: actor.name,
        expires_at_ms: expiresAtMs,
      })
      .execute();
    await ask(tx, 'notice', box, nowMs);
    await audit(tx, nowMs, {
      actor: actor.name,
      action: 'pairingCode.added',
      subject: box,
      customer,
      after: { id, expires_at_ms: expiresAtMs },
    });
  });
  core.errandsWait();
  return { code: shownCode(code), expiresAtMs };
}

/** A sale system that pairs: known already, or by the name that it gives itself. */
export type Pairer =
  | { known: null; request: v.InferOutput<typeof pairingRequestSchema> }
  | { known: string; request: v.InferOutput<typeof furtherPairingSchema> };

/**
 * Pairs a sale system with the box that the code is for.
 *
 * @throws Refusal `codeUnknown`, `codeExpired`, `codeUsed`, `tooMany`, `malformed`
 */
export async function pair(core: Core, pairer: Pairer, address: string): Promise<PairingAnswer> {
  const nowMs = core.clock.nowMs();
  const { request } = pairer;
  if (request.publicKey !== undefined) publicKeyOf(request.publicKey);
  const code = readCode(request.code);
  if (code === null) throw new Refusal('codeUnknown', 'no such code: it was mistyped');
  const outcome = await core.store.write(async (tx) => {
    const who = `address:${countedAddress(address)}`;
    const gate = await gateFor(tx, [who], nowMs);
    if (gate.blockedUntilMs > 0)
      return new Refusal('tooMany', 'too many wrong codes', { retryAfterMs: gate.blockedUntilMs - nowMs });
    const found = await boxOfCode(core, tx, code, nowMs);
    if (found instanceof Refusal) {
      await gate.wrong();
      return found;
    }
    await gate.right();
    return makePairing(core, tx, pairer, found, nowMs);
  });
  if (outcome instanceof Refusal) throw outcome;
  core.errandsWait();
  return outcome;
}

interface Found {
  id: string;
  box: BoxRow;
}

async function boxOfCode({ masterKey }: Core, tx: Tx, code: string, nowMs: number): Promise<Found | Refusal> {
  const row = await tx
    .selectFrom('pairing_codes')
    .selectAll()
    .where('mac', '=', masterKey.mac(code, purposes.pairingCode))
    .forUpdate()
    .executeTakeFirst();
  if (row === undefined) return new Refusal('codeUnknown');
  if (row.used_at_ms !== null) return new Refusal('codeUsed');
  if (row.expires_at_ms <= nowMs) return new Refusal('codeExpired');
  const box = await tx
    .selectFrom('boxes')
    .selectAll()
    .where('id', '=', row.box)
    .where('status', '=', 'claimed')
    .forUpdate()
    .executeTakeFirst();
  return box === undefined ? new Refusal('codeExpired') : { id: row.id, box };
}

async function makePairing(
  core: Core,
  tx: Tx,
  pairer: Pairer,
  { id: codeId, box }: Found,
  nowMs: number,
): Promise<PairingAnswer | Refusal> {
  const saleSystem = pairer.known ?? newId('SS', core.random.bytes);
  if (pairer.known !== null && !(await isSameCustomer(tx, saleSystem, box.customer)))
    return new Refusal('conflict', "the box is another customer's: pair it as a new sale system");
  // Before anything is written: a request that cannot be signed must not use up the code.
  const issued = await issueFor(core, tx, saleSystem, pairer.request.csr, nowMs);
  if (pairer.known === null)
    await tx
      .insertInto('sale_systems')
      .values({ id: saleSystem, name: pairer.request.name, customer: box.customer, created_at_ms: nowMs })
      .execute();
  const pairing = await openPairing(core, tx, box.id, saleSystem, nowMs);
  const key = await addKey(core, tx, pairing, pairer.request.publicKey, nowMs);
  await tx
    .updateTable('pairing_codes')
    .set({ used_at_ms: nowMs, used_by: saleSystem, sealed: null })
    .where('id', '=', codeId)
    .execute();
  await ask(tx, 'box', box.id, nowMs);
  await ask(tx, 'notice', box.id, nowMs);
  await ask(tx, 'saleSystem', saleSystem, nowMs);
  await audit(tx, nowMs, {
    actor: `saleSystem:${saleSystem}`,
    action: 'pairing.added',
    subject: pairing,
    customer: box.customer,
    after: { box: box.id, saleSystem, kid: key.kid, alg: key.alg, code: codeId },
  });
  return {
    saleSystem,
    box: box.id,
    ...key,
    allow: [...defaultAllow],
    resultKey: { kty: 'OKP', crv: 'Ed25519', x: box.public_key },
    broker: await brokerOf(core),
    certificate: issued?.chain ?? null,
  };
}

async function isSameCustomer(tx: Tx, saleSystem: string, customer: string): Promise<boolean> {
  const row = await tx
    .selectFrom('sale_systems')
    .select('customer')
    .where('id', '=', saleSystem)
    .where('ended_at_ms', 'is', null)
    .forUpdate()
    .executeTakeFirst();
  return row?.customer === customer;
}

/** A certificate for the sale system, written down; null where none was asked for or too many were. */
export async function issueFor(
  core: Core,
  tx: Tx,
  saleSystem: string,
  csr: string | undefined,
  nowMs: number,
): Promise<IssuedCertificate | null> {
  if (csr === undefined || (await hadEnough(tx, saleSystem, nowMs))) return null;
  const issued = await issuing(core.authority.issueSaleSystem(saleSystem, csr, nowMs));
  await recordCertificate(tx, saleSystem, issued, nowMs);
  return issued;
}

// Two keys each are at most what a box takes.
const pairingsMax = 32;

/** The pairing of these two: a new one, or the one that is there. */
async function openPairing(
  core: Core,
  tx: Tx,
  box: string,
  saleSystem: string,
  nowMs: number,
): Promise<string> {
  const open = await tx
    .selectFrom('pairings')
    .select(['id', 'sale_system'])
    .where('box', '=', box)
    .where('ended_at_ms', 'is', null)
    .execute();
  const already = open.find(({ sale_system }) => sale_system === saleSystem);
  if (already !== undefined) return already.id;
  if (open.length >= pairingsMax)
    throw new Refusal('conflict', `this box has ${open.length} sale systems: end one of them first`);
  const id = newId('PA', core.random.bytes);
  await tx
    .insertInto('pairings')
    .values({
      id,
      box,
      sale_system: saleSystem,
      allow: JSON.stringify(defaultAllow),
      created_at_ms: nowMs,
    })
    .execute();
  return id;
}
