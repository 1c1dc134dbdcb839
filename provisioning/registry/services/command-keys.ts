/** The keys that sale systems sign commands with. */
import { newId } from '../identity/codes.ts';
import { keyOverlapMs } from '../identity/times.ts';
import { ask } from '../store/errands.ts';
import type { Tx } from '../store/store.ts';
import { type Core, purposes } from './core.ts';

/** A key as its owner is told it. */
export interface NewKey {
  kid: string;
  alg: 'HS256' | 'EdDSA';
  secret?: string;
}

// 36 bytes are 48 printable characters; 1C takes the text as it is.
const secretBytes = 36;

/**
 * A new key of a pairing: EdDSA where a public key was given, else an HS256 secret. The one before it goes on for a day;
 * older ones end.
 */
export async function addKey(
  { masterKey, random }: Core,
  tx: Tx,
  pairing: string,
  publicKey: string | undefined,
  nowMs: number,
): Promise<NewKey> {
  await letEnd(tx, pairing, nowMs);
  const kid = newId('K', random.bytes);
  const row = { kid, pairing, created_at_ms: nowMs, last_request_ms: 0 };
  if (publicKey !== undefined) {
    await tx
      .insertInto('command_keys')
      .values({ ...row, alg: 'EdDSA', public_key: publicKey })
      .execute();
    return { kid, alg: 'EdDSA' };
  }
  // What is signed with is what the base64url says; its bytes are ASCII, for those who know texts only.
  const secret = Buffer.from(Buffer.from(random.bytes(secretBytes)).toString('base64url')).toString(
    'base64url',
  );
  const sealed = masterKey.seal(Buffer.from(secret), purposes.commandKey(kid));
  await tx
    .insertInto('command_keys')
    .values({ ...row, alg: 'HS256', sealed })
    .execute();
  return { kid, alg: 'HS256', secret };
}

async function letEnd(tx: Tx, pairing: string, nowMs: number): Promise<void> {
  const alive = await tx
    .selectFrom('command_keys')
    .select(['kid', 'ends_at_ms'])
    .where('pairing', '=', pairing)
    .where((eb) => eb.or([eb('ends_at_ms', 'is', null), eb('ends_at_ms', '>', nowMs)]))
    .orderBy('created_at_ms', 'desc')
    .orderBy('kid')
    .forUpdate()
    .execute();
  for (const [age, { kid, ends_at_ms }] of alive.entries()) {
    const endsAtMs = age === 0 ? (ends_at_ms ?? nowMs + keyOverlapMs) : nowMs;
    await tx.updateTable('command_keys').set({ ends_at_ms: endsAtMs }).where('kid', '=', kid).execute();
    if (endsAtMs > nowMs) await ask(tx, 'keyEnds', kid, endsAtMs);
  }
}
