/** How long certificates and revocation lists live. */

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

/** How long a client certificate lives from the moment it is issued. */
export const clientLifeMs = 90 * dayMs;

/** How long the broker's own certificate lives: public CAs' longest (CA/Browser Forum, 398 days). */
export const serverLifeMs = 398 * dayMs;

/** How long the registry's certificate for one of its own connections lives. */
export const instanceLifeMs = dayMs;

/** How long a CA lives. */
export const caLifeMs = 3650 * dayMs;

/** Certificates begin this much before they are issued: the broker's clock may be behind the registry's. */
export const backdatedMs = 60 * minuteMs;

/** How long a revocation list is valid (RFC 5280 §5.1.2.5). Afterwards the broker lets nobody in. */
export const crlLifeMs = 30 * dayMs;

/** From when to when something is valid. */
export interface Validity {
  notBeforeMs: number;
  notAfterMs: number;
}

/** X.509's whole seconds, rounded down. */
export const wholeSeconds = (epochMs: number): number => Math.floor(epochMs / 1000) * 1000;
