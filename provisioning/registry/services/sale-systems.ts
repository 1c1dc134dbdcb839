/** What a sale system does that is paired already: it signs with its command key. */

import type { JwsForm } from '../../../gateway/cloud/jws-form.ts';
import {
  furtherPairingSchema,
  jwsTypes,
  type KeyRotationAnswer,
  keyRotationSchema,
  type PairingAnswer,
  type PairingsAnswer,
  pairingsQuerySchema,
} from '../../../gateway/contract/registration.ts';
import { isoTime, parseIsoTime } from '../../../gateway/contract/time.ts';
import { checkEdDsa, checkHs256, formOf, payloadOf, publicKeyOf } from '../identity/read-jws.ts';
import { keyOverlapMs, requestSlackMs } from '../identity/times.ts';
import { Refusal } from '../refusal.ts';
import { audit } from '../store/audit.ts';
import { ask } from '../store/errands.ts';
import type { Tx } from '../store/store.ts';
import { brokerOf, openText } from './box-access.ts';
import { addKey } from './command-keys.ts';
import { type Core, purposes } from './core.ts';
import { issueFor, pair } from './pairing.ts';

interface Signer {
  kid: string;
  pairing: string;
  box: string;
  saleSystem: string;
  customer: string;
  allow: PairingAnswer['allow'];
}

/**
 * Who signed it, if the signature holds, the key and the pairing are in force, and the time is near and later than in
 * any earlier request by this key: a request that is sent again does nothing.
 */
async function signerOf(
  { masterKey }: Core,
  tx: Tx,
  form: JwsForm,
  time: string,
  nowMs: number,
): Promise<Signer> {
  const row = await tx
    .selectFrom('command_keys')
    .innerJoin('pairings', 'pairings.id', 'command_keys.pairing')
    .innerJoin('sale_systems', 'sale_systems.id', 'pairings.sale_system')
    .select(['kid', 'alg', 'command_keys.sealed', 'public_key', 'ends_at_ms', 'last_request_ms'])
    .select(['pairing', 'box', 'sale_system', 'customer', 'allow', 'pairings.ended_at_ms'])
    .where('kid', '=', form.kid)
    .forUpdate()
    .executeTakeFirst();
  if (row === undefined || row.ended_at_ms !== null || (row.ends_at_ms !== null && row.ends_at_ms <= nowMs))
    throw new Refusal('signatureInvalid');
  if (row.alg === 'EdDSA') checkEdDsa(form, publicKeyOf(row.public_key ?? ''));
  else {
    const secret = openText(masterKey, row.sealed, purposes.commandKey(row.kid));
    checkHs256(form, Buffer.from(secret, 'base64url'));
  }
  const timeMs = parseIsoTime(time);
  if (Math.abs(timeMs - nowMs) > requestSlackMs)
    throw new Refusal('conflict', `time: it is ${isoTime(nowMs)} here; allowed: within 5 minutes of it`);
  if (timeMs <= row.last_request_ms)
    throw new Refusal('conflict', 'time: allowed: later than in any earlier request by this key');
  await tx.updateTable('command_keys').set({ last_request_ms: timeMs }).where('kid', '=', row.kid).execute();
  const { kid, pairing, box, sale_system: saleSystem, customer } = row;
  return { kid, pairing, box, saleSystem, customer, allow: JSON.parse(row.allow) as Signer['allow'] };
}

/** Another box for a sale system that is known by a key that it has. @throws Refusal */
export async function pairFurther(core: Core, jws: string, address: string): Promise<PairingAnswer> {
  const form = formOf(jws, jwsTypes.pairing);
  const request = payloadOf(form, furtherPairingSchema);
  const { saleSystem } = await core.store.write((tx) =>
    signerOf(core, tx, form, request.time, core.clock.nowMs()),
  );
  return pair(core, { known: saleSystem, request }, address);
}

/** A new key for the box of the key that signed; that one goes on for a day. @throws Refusal */
export async function rotateKey(core: Core, jws: string): Promise<KeyRotationAnswer> {
  const form = formOf(jws, jwsTypes.keyRotation);
  const { time, publicKey } = payloadOf(form, keyRotationSchema);
  if (publicKey !== undefined) publicKeyOf(publicKey);
  const nowMs = core.clock.nowMs();
  const answer = await core.store.write(async (tx) => {
    const signer = await signerOf(core, tx, form, time, nowMs);
    const key = await addKey(core, tx, signer.pairing, publicKey, nowMs);
    await ask(tx, 'notice', signer.box, nowMs);
    await audit(tx, nowMs, {
      actor: `saleSystem:${signer.saleSystem}`,
      action: 'key.rotated',
      subject: signer.pairing,
      customer: signer.customer,
      before: { kid: signer.kid },
      after: { kid: key.kid, alg: key.alg },
    });
    const previousEndsAt = isoTime(nowMs + keyOverlapMs);
    return { saleSystem: signer.saleSystem, box: signer.box, ...key, allow: signer.allow, previousEndsAt };
  });
  core.errandsWait();
  return answer;
}

/** The boxes of the sale system whose key signed, and a new certificate where it asked for one. @throws Refusal */
export async function pairingsOf(core: Core, jws: string): Promise<PairingsAnswer> {
  const form = formOf(jws, jwsTypes.pairingsQuery);
  const { time, csr } = payloadOf(form, pairingsQuerySchema);
  const nowMs = core.clock.nowMs();
  return core.store.write(async (tx) => {
    const { saleSystem } = await signerOf(core, tx, form, time, nowMs);
    const issued = await issueFor(core, tx, saleSystem, csr, nowMs);
    const rows = await tx
      .selectFrom('pairings')
      .innerJoin('boxes', 'boxes.id', 'pairings.box')
      .innerJoin('command_keys', 'command_keys.pairing', 'pairings.id')
      .select(['box', 'boxes.replaces', 'boxes.public_key', 'allow', 'kid', 'ends_at_ms'])
      .where('pairings.sale_system', '=', saleSystem)
      .where('pairings.ended_at_ms', 'is', null)
      .orderBy('box')
      .orderBy('kid')
      .execute();
    const boxes = new Map<string, PairingsAnswer['boxes'][number]>();
    for (const { box, replaces, public_key: x, allow, kid, ends_at_ms } of rows) {
      if (ends_at_ms !== null && ends_at_ms <= nowMs) continue;
      const told = boxes.get(box) ?? {
        box,
        replaces,
        resultKey: { kty: 'OKP' as const, crv: 'Ed25519' as const, x },
        kids: [],
        allow: JSON.parse(allow) as Signer['allow'],
      };
      told.kids.push(kid);
      boxes.set(box, told);
    }
    const broker = await brokerOf(core);
    return { saleSystem, broker, certificate: issued?.chain ?? null, boxes: [...boxes.values()] };
  });
}
