/** The one way in: what becomes of the bytes of a command, whichever link brought them. */
import { type ParsedCommand, parseCommand } from '../contract/parse.ts';
import { commandMaxBytes } from '../contract/topics.ts';
import { isSwipeError } from '../seams/error.ts';
import type { Log } from '../seams/log.ts';
import type { Clock } from '../seams/time.ts';
import { createLineLimit } from './line-limit.ts';
import type { Signatures, Verified } from './ports.ts';

/** Why a command was dropped without a result. */
export type DropReason = 'retained' | 'oversized' | 'unsigned' | 'otherBox' | 'malformed';

/** What {@link createAdmission} needs. */
export interface AdmissionParts<Received> {
  box: string;
  signatures: Pick<Signatures, 'verify'>;
  /** Where checked commands go; what must be on disk is on disk when it returns. */
  desk: { receive(kid: string, parsed: ParsedCommand): Received };
  clock: Pick<Clock, 'monotonicMs'>;
  log: Log;
  /** Resolves when commands can be taken in; absent: at once. */
  ready?: () => Promise<void>;
  /** Which link brings them, for the log; absent: the broker. */
  link?: string;
}

/** What became of a command: dropped, or at the desk. */
export type Admitted<Received> = { dropped: DropReason } | { kid: string; received: Received };

/** The way in of one link. */
export interface Admission<Received> {
  /** Takes a JWS in compact serialisation. Rejects with what is ours to repair, and with a SwipeError `storageFull`. */
  admit(payload: Uint8Array): Promise<Admitted<Received>>;
  /** Counts and logs a message that is not even looked at. */
  drop(reason: DropReason, payload: Uint8Array, kid?: string): { dropped: DropReason };
  /** How many were dropped since the start, by reason. */
  dropped(): Readonly<Record<DropReason, number>>;
}

const dropLinesPerMinute = 20;

/** Makes the way in of one link. All of them end at the same desk: one cashier, one journal, one idempotency. */
export function createAdmission<Received>(parts: AdmissionParts<Received>): Admission<Received> {
  const { box, signatures, desk, log, ready, link } = parts;
  const counts: Record<DropReason, number> = {
    retained: 0,
    oversized: 0,
    unsigned: 0,
    otherBox: 0,
    malformed: 0,
  };
  const lines = createLineLimit(parts.clock, dropLinesPerMinute);

  function drop(reason: DropReason, payload: Uint8Array, kid?: string): { dropped: DropReason } {
    counts[reason] += 1;
    const heldBack = lines.admit();
    if (heldBack !== null)
      log.warn('a command was dropped', {
        reason,
        bytes: payload.length,
        ...(kid !== undefined && { kid }),
        ...(heldBack > 0 && { count: heldBack }),
        ...(link !== undefined && { link }),
      });
    return { dropped: reason };
  }

  /** Null: not signed by a known key. Other failures are ours and pass through. */
  async function verify(payload: Uint8Array): Promise<Verified | null> {
    try {
      return await signatures.verify(Buffer.from(payload).toString('latin1'));
    } catch (error) {
      if (isSwipeError(error, 'signatureInvalid')) return null;
      throw error;
    }
  }

  return {
    async admit(bytes) {
      if (bytes.length > commandMaxBytes) return drop('oversized', bytes);
      const verified = await verify(bytes);
      if (verified === null) return drop('unsigned', bytes);
      const { kid, payload } = verified;
      if (typeof payload !== 'object' || payload === null || Array.isArray(payload))
        return drop('malformed', bytes, kid);
      if ((payload as { box?: unknown }).box !== box) return drop('otherBox', bytes, kid);
      await ready?.();
      return { kid, received: desk.receive(kid, parseCommand(payload)) };
    },
    drop,
    dropped: () => ({ ...counts }),
  };
}
