/** What a box is told besides its state: keys of sale systems, a code that waits, the broker, a certificate. */
import type { CommandKey } from '../../../gateway/contract/config.ts';
import type { Registration, RegistrationAnswer } from '../../../gateway/contract/registration.ts';
import { isoTime } from '../../../gateway/contract/time.ts';
import { isSwipeError } from '../../../gateway/seams/error.ts';
import { shownCode } from '../identity/codes.ts';
import { dayMs } from '../identity/times.ts';
import type { IssuedCertificate } from '../ports.ts';
import { Refusal } from '../refusal.ts';
import type { Tx } from '../store/store.ts';
import type { BoxRow } from '../store/tables.ts';
import { type Core, purposes } from './core.ts';

/** The keys that may sign commands for each of these boxes now; boxes without any are left out. */
export async function commandKeysOf(
  { masterKey }: Core,
  tx: Tx,
  boxes: readonly string[],
  nowMs: number,
): Promise<Map<string, CommandKey[]>> {
  const rows = await tx
    .selectFrom('pairings')
    .innerJoin('command_keys', 'command_keys.pairing', 'pairings.id')
    .select(['box', 'kid', 'alg', 'command_keys.sealed', 'public_key', 'ends_at_ms', 'allow'])
    .where('pairings.box', 'in', [...boxes])
    .where('pairings.ended_at_ms', 'is', null)
    .orderBy('kid')
    .execute();
  const keys = new Map<string, CommandKey[]>();
  for (const { box, kid, alg, sealed, public_key, ends_at_ms, allow: allowText } of rows) {
    if (ends_at_ms !== null && ends_at_ms <= nowMs) continue;
    const allow = JSON.parse(allowText) as NonNullable<CommandKey['allow']>;
    const key: CommandKey =
      alg === 'HS256'
        ? { kid, alg, secret: openText(masterKey, sealed, purposes.commandKey(kid)), allow }
        : { kid, alg, publicKey: public_key ?? '', allow };
    keys.set(box, [...(keys.get(box) ?? []), key]);
  }
  return keys;
}

/** A sealed text, readable. */
export const openText = (masterKey: Core['masterKey'], sealed: string | null, purpose: string): string =>
  Buffer.from(masterKey.open(sealed ?? '', purpose)).toString('utf8');

/** The pairing code that waits to be typed at each of these boxes, as the box shows it: the one that is good longest. */
export async function waitingCodes(
  { masterKey }: Core,
  tx: Tx,
  boxes: readonly string[],
  nowMs: number,
): Promise<Map<string, NonNullable<RegistrationAnswer['pairing']>>> {
  const rows = await tx
    .selectFrom('pairing_codes')
    .select(['id', 'box', 'sealed', 'expires_at_ms'])
    .where('box', 'in', [...boxes])
    .where('sealed', 'is not', null)
    .where('expires_at_ms', '>', nowMs)
    .orderBy('expires_at_ms')
    .execute();
  const last = new Map(rows.map((row) => [row.box, row]));
  return new Map(
    [...last].map(([box, { id, sealed, expires_at_ms }]) => {
      const code = openText(masterKey, sealed, purposes.pairingCodeShown(id));
      return [box, { code: shownCode(code), expiresAt: isoTime(expires_at_ms) }];
    }),
  );
}

/** Where the broker is; null where there is none. */
export async function brokerOf({ broker }: Core): Promise<RegistrationAnswer['broker']> {
  return broker === null ? null : { url: broker.url, ca: await broker.ca() };
}

/**
 * Whether the box is to get a certificate with this answer: it has none that the registry knows of, not the newest, one
 * that has lived a third of its life, or one by a CA that is on its way out. What a box had before it was out of use
 * was revoked.
 *
 * @param ca the CA that signs now
 */
export function isCertificateDue(
  { csr, certificate }: Registration,
  known: BoxRow | null,
  ca: string,
  nowMs: number,
): boolean {
  if (csr === undefined) return false;
  return (
    known?.status !== 'claimed' ||
    known.certificate === null ||
    known.certificate !== certificate ||
    known.certificate_ca !== ca ||
    nowMs >= (known.certificate_renew_ms ?? 0)
  );
}

/** A new certificate for the box, where it is due. */
export async function certificateFor(
  { authority }: Core,
  tx: Tx,
  { request, known }: { request: Registration; known: BoxRow | null },
  nowMs: number,
): Promise<IssuedCertificate | null> {
  if (request.csr === undefined) return null;
  const { ca } = await authority.state();
  if (!isCertificateDue(request, known, ca, nowMs)) return null;
  if (known !== null && (await hadEnough(tx, request.box, nowMs))) return null;
  return issuing(authority.issueBox(request.box, request.csr, nowMs));
}

/** A signing request that cannot be used is the fault of who sent it. */
export async function issuing(issued: Promise<IssuedCertificate>): Promise<IssuedCertificate> {
  try {
    return await issued;
  } catch (cause) {
    if (isSwipeError(cause, 'keyInvalid')) throw new Refusal('malformed', `csr: ${cause.message}`, { cause });
    throw cause;
  }
}

// One a month is what a box needs; some more, when answers are lost or a disk forgets them.
const issuedPerDayMax = 20;

/** Whether so many were issued today that something is wrong with whoever asks: the table must not grow by it. */
export async function hadEnough(tx: Tx, subject: string, nowMs: number): Promise<boolean> {
  const { count } = await tx
    .selectFrom('certificates')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('subject', '=', subject)
    .where('issued_at_ms', '>', nowMs - dayMs)
    .executeTakeFirstOrThrow();
  return Number(count) >= issuedPerDayMax;
}

/** Writes down what was issued. */
export async function recordCertificate(
  tx: Tx,
  subject: string,
  { serial, ca, notBeforeMs, notAfterMs }: IssuedCertificate,
  nowMs: number,
): Promise<void> {
  await tx
    .insertInto('certificates')
    .values({
      serial,
      ca,
      subject,
      issued_at_ms: nowMs,
      not_before_ms: notBeforeMs,
      not_after_ms: notAfterMs,
    })
    .execute();
}

/** Revokes all that these boxes or sale systems still have. */
export async function revokeCertificates(tx: Tx, subjects: readonly string[], nowMs: number): Promise<void> {
  await tx
    .updateTable('certificates')
    .set({ revoked_at_ms: nowMs })
    .where('subject', 'in', [...subjects])
    .where('revoked_at_ms', 'is', null)
    .where('not_after_ms', '>', nowMs)
    .execute();
}
