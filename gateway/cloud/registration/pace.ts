/** When the box asks again. Pure. */
import type { ProblemCode } from '../../contract/registration.ts';

const secondMs = 1000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;

/** What became of one try, as far as the next one depends on it. */
export type Tried =
  | {
      kind: 'answered';
      /** How long after this answer the registry wants to hear from the box. */
      afterMs: number;
      /** There is a claim code that the registry did not look at. */
      codeWaits: boolean;
    }
  /** Nobody there, or nothing that can be believed. `code`: what the registry said instead of an answer. */
  | { kind: 'unanswered'; code: ProblemCode | null; retryAfterMs: number | null };

// What only a person can change.
const lasting: readonly (ProblemCode | null)[] = [
  'keyMismatch',
  'hardwareChanged',
  'malformed',
  'signatureInvalid',
];

const firstMs = 5 * secondMs;
const longestMs = 15 * minuteMs;
const retryAfterMaxMs = 24 * hourMs;

/**
 * How long to wait, in milliseconds. After an answer as the registry wishes, between a minute and a day and a half.
 * After none: from 5 s, doubling up to a quarter of an hour; an hour where only a person can help; at least what the
 * registry asked for. Always with jitter, so that boxes that lost the registry together do not come back together.
 *
 * @param failures how many tries in a row were not answered, this one among them
 * @param fraction a random number from 0 (included) to 1 (excluded)
 */
export function pauseMs(tried: Tried, failures: number, fraction: number): number {
  if (tried.kind === 'answered') {
    const mostMs = tried.codeWaits ? hourMs : 36 * hourMs;
    return Math.min(Math.max(tried.afterMs, minuteMs), mostMs);
  }
  const ceilingMs = lasting.includes(tried.code)
    ? hourMs
    : Math.min(longestMs, firstMs * 2 ** Math.min(failures - 1, 16));
  const ownMs = ceilingMs * (0.5 + fraction / 2);
  const askedMs = Math.min(tried.retryAfterMs ?? 0, retryAfterMaxMs) * (1 + fraction / 4);
  return Math.round(Math.max(ownMs, askedMs));
}
