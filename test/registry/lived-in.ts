/** A registry that has been in use for a week: some of everything that its tables can hold, made by its services. */
import { generateKeyPairSync } from 'node:crypto';
import * as v from 'valibot';
import {
  jwsTypes,
  keyRotationAnswerSchema,
  type PairingAnswer,
  pairingAnswerSchema,
} from '../../gateway/contract/registration.ts';
import { isoTime } from '../../gateway/contract/time.ts';
import { moveBox, retireBox, unpair } from '../../provisioning/registry/services/boxes.ts';
import { customerLeaves, newClaim, withdrawClaim } from '../../provisioning/registry/services/customers.ts';
import { acknowledge } from '../../provisioning/registry/services/lists.ts';
import { newPairingCode } from '../../provisioning/registry/services/pairing.ts';
import { newToken, revokeToken } from '../../provisioning/registry/services/tokens.ts';
import { issueCrl } from '../../provisioning/registry/upkeep/crl.ts';
import { hmacJws, root, TestBox, type World } from './world.ts';

/** What people, boxes and sale systems hold of it, which no database has. */
export interface Held {
  /** When it was left alone. */
  nowMs: number;
  customer: string;
  token: string;
  /** A claim code that nobody has used, and one that would take the place of `box`. */
  claim: string;
  replacement: string;
  /** A code that `box` shows. */
  pairingCode: string;
  /** A box in use, with two sale systems. */
  box: HeldBox;
  /** One that was stolen. */
  stolen: HeldBox;
  /** A sale system of `box`: its key by which it goes on. */
  saleSystem: { id: string; kid: string; secret: string };
}

/** What stands on a box's disk. */
export interface HeldBox {
  /** Of its key, hexadecimal. */
  seed: string;
  count: number;
  revision: number;
  certificate: string | null;
  serial: string | null;
}

const dayMs = 86_400_000;
const csr = '-----BEGIN CERTIFICATE REQUEST-----\nx\n-----END CERTIFICATE REQUEST-----\n';

/** Lets a fresh registry live for a week. */
export async function liveIn(world: World): Promise<Held> {
  const { core } = world;
  const customer = await world.customer("Крамниця «Ромашка» O'Hara; -- \\ \u{1f4b3}");
  const other = await world.customer('Other');
  const leaving = await world.customer('Leaving');

  const box = await known(world, customer, 'box');
  const first = await paired(world, box);
  const own = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }).x ?? '';
  await paired(world, box, { publicKey: own });
  const ended = await paired(world, box);
  const { id: pairing } = await core.store.reader
    .selectFrom('pairings')
    .select('id')
    .where('sale_system', '=', ended.saleSystem)
    .executeTakeFirstOrThrow();
  await unpair(core, root, pairing);
  world.nowMs += 1000;
  const rotation = hmacJws(
    { time: isoTime(world.nowMs) },
    { typ: jwsTypes.keyRotation, kid: first.kid },
    first.secret ?? '',
  );
  const rotated = await world.call('POST', '/v1/keys', { body: rotation, type: 'application/jose' });
  const { kid, secret = '' } = v.parse(keyRotationAnswerSchema, rotated.json);

  const stolen = await known(world, customer, 'stolen');
  await retireBox(core, root, stolen.id, 'stolen');
  const moved = await known(world, customer, 'moved');
  await moveBox(core, root, moved.id, other);
  const replaced = await known(world, other, 'replaced');
  await paired(world, replaced);
  await new TestBox(seedOf('replacing')).register(world, { claim: await world.claim(other, replaced.id) });
  const back = await known(world, other, 'back');
  await retireBox(core, root, back.id, 'retired');
  await back.register(world, { claim: await world.claim(other) });
  await known(world, leaving, 'leaving');
  await customerLeaves(core, root, leaving);

  const withdrawn = await newClaim(core, root, { customer });
  await withdrawClaim(core, root, withdrawn.claim);
  const spare = await newToken(core, root, { ...wish, customer: other });
  await revokeToken(core, root, spare.id);

  // A replay, a copied disk, somebody else's key; one of the alarms was seen to.
  const replay = box.signed();
  await box.send(world, replay);
  box.revision += 1;
  const copy = new TestBox(seedOf('box'));
  await copy.send(world, copy.signed(copy.request({ count: box.count + 1 })));
  const foreign = new TestBox();
  await foreign.send(world, foreign.signed(foreign.request({ box: box.id }), { kid: box.id }));
  world.nowMs += dayMs;
  await box.send(world, replay);
  const { id: alarm } = await core.store.reader
    .selectFrom('alarms')
    .select('id')
    .orderBy('id')
    .executeTakeFirstOrThrow();
  await acknowledge(core, root, alarm);
  await stolen.send(world, stolen.signed());
  // Codes that are well formed and nobody's.
  const elsewhere = { ...core, masterKey: { ...core.masterKey, mac: (text: string) => `${text}!` } };
  for (let at = 0; at < 3; at += 1) {
    const { code } = await newClaim(elsewhere, root, { customer });
    await new TestBox().register(world, { claim: code }, '192.0.2.66');
  }
  world.nowMs += 6 * dayMs;
  const answer = await box.register(world);
  if (answer.state !== 'active') throw new Error(answer.state);
  await issueCrl(core);
  const { code: pairingCode } = await newPairingCode(core, root, box.id);
  const { token } = await newToken(core, root, { ...wish, customer: null });
  return {
    nowMs: world.nowMs,
    customer,
    token,
    claim: await world.claim(customer),
    replacement: await world.claim(customer, box.id),
    pairingCode,
    box: held(box, 'box'),
    stolen: held(stolen, 'stolen'),
    saleSystem: { id: first.saleSystem, kid, secret },
  };
}

/** The box that was held, as it comes back. */
export function heldBox({ seed, count, revision, certificate, serial }: HeldBox): TestBox {
  const box = new TestBox(Buffer.from(seed, 'hex'));
  return Object.assign(box, { count, revision, certificate, serial });
}

const wish = { name: 'accounting', scopes: ['boxes:read', 'audit:read'], lifeMs: 365 * dayMs } as const;

const seedOf = (name: string): Buffer => Buffer.alloc(32, name);

async function known(world: World, customer: string, name: string): Promise<TestBox> {
  const box = new TestBox(seedOf(name));
  await box.register(world, { claim: await world.claim(customer) });
  await box.register(world);
  return box;
}

async function paired(world: World, box: TestBox, more: object = {}): Promise<PairingAnswer> {
  const { code } = await newPairingCode(world.core, root, box.id);
  const reply = await world.call('POST', '/v1/pairings', { body: { code, name: '1С', csr, ...more } });
  return v.parse(pairingAnswerSchema, reply.json);
}

const held = ({ count, revision, certificate, serial }: TestBox, name: string): HeldBox => ({
  seed: seedOf(name).toString('hex'),
  count,
  revision,
  certificate,
  serial,
});
