/** How wrong codes are answered: a few are free, then the pauses grow. Pure. */

/** What is known of the wrong tries of one address, one box, or all together. */
export interface Attempts {
  failures: number;
  firstAtMs: number;
  lastAtMs: number;
  blockedUntilMs: number;
}

/** Nobody has tried anything. */
export const noAttempts: Attempts = { failures: 0, firstAtMs: 0, lastAtMs: 0, blockedUntilMs: 0 };

const free = 5;
const firstPauseMs = 60_000;
const longestPauseMs = 24 * 3_600_000;
/** Whoever was quiet for so long begins anew. */
export const forgottenAfterMs = 48 * 3_600_000;

/** After one more wrong code by the same address or the same box. */
export function afterFailure(before: Attempts, nowMs: number): Attempts {
  const known = nowMs - before.lastAtMs < forgottenAfterMs ? before : { ...noAttempts, firstAtMs: nowMs };
  const failures = known.failures + 1;
  const doubled = 2 ** Math.min(failures - free, 20);
  const pauseMs = failures < free ? 0 : Math.min(firstPauseMs * doubled, longestPauseMs);
  return { failures, firstAtMs: known.firstAtMs, lastAtMs: nowMs, blockedUntilMs: nowMs + pauseMs };
}

const windowMs = 60_000;
/**
 * All together, in a minute. With 10,000 codes alive, 50 bits each, that is one lucky guess in two thousand years;
 * whoever has a code to type waits for a minute at most.
 */
export const allPerMinute = 100;

/** After one more wrong code by anybody. */
export function afterFailureOfAnybody(before: Attempts, nowMs: number): Attempts {
  const sameWindow = nowMs - before.firstAtMs < windowMs && nowMs >= before.firstAtMs;
  const failures = (sameWindow ? before.failures : 0) + 1;
  const firstAtMs = sameWindow ? before.firstAtMs : nowMs;
  const blockedUntilMs = failures < allPerMinute ? 0 : firstAtMs + windowMs;
  return { failures, firstAtMs, lastAtMs: nowMs, blockedUntilMs };
}

/** How many wrong codes anybody has tried in the minute that runs now. */
export const failuresNow = ({ failures, firstAtMs }: Attempts, nowMs: number): number =>
  nowMs >= firstAtMs && nowMs - firstAtMs < windowMs ? failures : 0;

/** An address as it is counted: of IPv6 the network, since whoever has one address has 2^64. */
export function countedAddress(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.toLowerCase().split('%', 1).join('').split('::');
  const front = head === '' ? [] : head.split(':');
  const back = tail === undefined || tail === '' ? [] : tail.split(':');
  const missing = Math.max(0, 8 - front.length - back.length);
  const groups =
    tail === undefined ? front : [...front, ...Array.from({ length: missing }, () => '0'), ...back];
  return `${groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`;
}
