/** When things are due. Pure. */
import { createHash } from 'node:crypto';

/** A day in milliseconds. */
export const dayMs = 86_400_000;

/** How long a claim code can be used. */
export const claimLifeMs = 7 * dayMs;

/** How long a pairing code can be used. */
export const pairingCodeLifeMs = 2 * 3_600_000;

/** How long a key goes on after another took its place. */
export const keyOverlapMs = dayMs;

/** How far a sale system's clock may be off. */
export const requestSlackMs = 5 * 60_000;

/**
 * When a box registers next: at its own time of day, which follows from its id, so that a fleet is spread over the
 * day; from 12 to 36 hours from now.
 */
export function nextRegistrationMs(box: string, nowMs: number): number {
  const slotMs = createHash('sha256').update(box).digest().readUInt32BE(0) % dayMs;
  const earliestMs = nowMs + dayMs / 2;
  const sinceSlotMs = (((earliestMs - slotMs) % dayMs) + dayMs) % dayMs;
  return earliestMs + ((dayMs - sinceSlotMs) % dayMs);
}

/** When a third of a certificate's life is over: time for the next one. */
export const renewalDueMs = (notBeforeMs: number, notAfterMs: number): number =>
  notBeforeMs + Math.ceil((notAfterMs - notBeforeMs) / 3);
