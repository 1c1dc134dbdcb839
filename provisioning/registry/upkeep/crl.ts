/** The list of certificates that are no longer to be accepted. */
import { dayMs } from '../identity/times.ts';
import type { Core } from '../services/core.ts';
import { raiseAlarm } from '../store/audit.ts';

/** How long a list is good for; the authority signs it so. */
const crlLifeMs = 30 * dayMs;
const alarmMs = 7 * dayMs;

/** Signs a new list and keeps it. Its number grows whoever makes it. */
export async function issueCrl({
  store,
  authority,
  clock,
}: Pick<Core, 'store' | 'authority' | 'clock'>): Promise<string> {
  const nowMs = clock.nowMs();
  const number = await store.write(async (tx) => {
    const row = await tx
      .updateTable('meta')
      .set((eb) => ({ crl_number: eb('crl_number', '+', 1) }))
      .returning('crl_number')
      .executeTakeFirstOrThrow();
    return row.crl_number;
  });
  // Read after the number was taken: a list of a higher number never lacks what one of a lower has.
  const rows = await store.reader
    .selectFrom('certificates')
    .select(['serial', 'ca', 'revoked_at_ms'])
    .where('revoked_at_ms', 'is not', null)
    .where('not_after_ms', '>', nowMs)
    .orderBy('serial')
    .execute();
  const revoked = rows.map(({ serial, ca, revoked_at_ms }) => ({
    serial,
    ca,
    revokedAtMs: revoked_at_ms ?? nowMs,
  }));
  const crl = await authority.crl(revoked, number, nowMs);
  await store.write((tx) =>
    tx
      .updateTable('meta')
      .set({ crl, crl_until_ms: nowMs + crlLifeMs })
      .where('crl_number', '=', number)
      .execute(),
  );
  return crl;
}

/** Raises an alarm when the list is about to end: without a valid one the broker takes nobody. */
export async function checkCrlAge({ store, clock }: Pick<Core, 'store' | 'clock'>): Promise<void> {
  const nowMs = clock.nowMs();
  const { crl_until_ms } = await store.reader
    .selectFrom('meta')
    .select('crl_until_ms')
    .executeTakeFirstOrThrow();
  if (crl_until_ms === null || crl_until_ms - nowMs > alarmMs) return;
  await store.write((tx) =>
    raiseAlarm(tx, nowMs, {
      kind: 'crlAge',
      subject: 'crl',
      customer: null,
      detail: `it ends in ${Math.round((crl_until_ms - nowMs) / dayMs)} days and could not be made anew`,
    }),
  );
}
