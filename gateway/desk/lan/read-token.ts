/** Who may read: whoever shows a short-lived JWS of a known key. */
import * as v from 'valibot';
import { readTokenMaxLifeMs, readTokenSchema } from '../../contract/desk-api.ts';
import { parseIsoTime } from '../../contract/time.ts';
import { isSwipeError } from '../../seams/error.ts';
import type { DeskAround } from '../ports.ts';
import { DeskRefusal } from '../refusal.ts';

/** A reader. */
export interface Reader {
  kid: string;
  /** When the token ends: wall-clock time. */
  untilMs: number;
}

/** As for commands (docs/contract.md): a sender's clock may be so far ahead. */
const aheadMaxMs = 120_000;
const tokenMaxLength = 4096;

/**
 * Who asks, by the request's `Authorization`.
 *
 * @throws DeskRefusal `unsigned` with what is wrong; `otherBox`; `clockUnknown`
 */
export async function readerOf(
  { box, verify, clock }: Pick<DeskAround, 'box' | 'verify' | 'clock'>,
  authorization: string | undefined,
): Promise<Reader> {
  const token = /^Bearer ([A-Za-z0-9_.-]+)$/i.exec(authorization ?? '')?.[1];
  if (token === undefined || token.length > tokenMaxLength)
    throw new DeskRefusal('unsigned', 'reading needs Authorization: Bearer and a read token');
  const { kid, payload } = await verify(token).catch((error: unknown) => {
    throw isSwipeError(error, 'signatureInvalid') ? new DeskRefusal('unsigned') : error;
  });
  const read = v.safeParse(readTokenSchema, payload);
  if (!read.success) throw new DeskRefusal('unsigned', 'this JWS is no read token');
  if (read.output.box !== box) throw new DeskRefusal('otherBox');
  if (!clock.isTrusted()) throw new DeskRefusal('clockUnknown');
  const nowMs = clock.nowMs();
  const issuedMs = parseIsoTime(read.output.issuedAt);
  const untilMs = parseIsoTime(read.output.expiresAt);
  if (!(untilMs > issuedMs && untilMs - issuedMs <= readTokenMaxLifeMs))
    throw new DeskRefusal('unsigned', 'expiresAt: allowed: later than issuedAt, by at most 15 minutes');
  if (issuedMs > nowMs + aheadMaxMs) throw new DeskRefusal('unsigned', 'issuedAt: it lies ahead');
  if (untilMs <= nowMs) throw new DeskRefusal('unsigned', 'expiresAt: it has passed');
  return { kid, untilMs };
}
