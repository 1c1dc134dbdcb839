/** The header Retry-After (RFC 9110 §10.2.3): a number of seconds, or a date. Pure. */

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const month = `(${months.join('|')})`;
const time = '(\\d\\d):(\\d\\d):(\\d\\d)';

// RFC 9110 §5.6.7: the one form that is sent, and the two that must still be read.
const imfFixdate = new RegExp(`^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (\\d\\d) ${month} (\\d{4}) ${time} GMT$`);
const rfc850 = new RegExp(
  `^(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, (\\d\\d)-${month}-(\\d\\d) ${time} GMT$`,
);
const asctime = new RegExp(`^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) ${month} ([ \\d]\\d) ${time} (\\d{4})$`);

/** Nobody is silenced for longer by a header. */
export const retryAfterMaxMs = 86_400_000;

/**
 * How long the server wants to be left alone, in milliseconds from 0 to {@link retryAfterMaxMs}; null when it does not
 * say, or not in a form that there is. A date is taken against the server's own `Date` (RFC 9110 §6.6.1), so that the
 * reader's clock does not matter; without that header it says nothing.
 */
export function readRetryAfter(retryAfter: string | undefined, date: string | undefined): number | null {
  const told = retryAfter?.trim() ?? '';
  if (/^\d+$/.test(told)) return Math.min(Number(told) * 1000, retryAfterMaxMs);
  const leftMs = httpDateMs(told) - httpDateMs(date?.trim() ?? '');
  return Number.isNaN(leftMs) ? null : Math.min(Math.max(0, leftMs), retryAfterMaxMs);
}

/** Milliseconds since 1970 UTC; NaN for anything else. */
function httpDateMs(text: string): number {
  const fixed = imfFixdate.exec(text);
  if (fixed !== null) return utcMs(fixed[3], fixed[2], fixed[1], fixed.slice(4));
  const old = rfc850.exec(text);
  // Both headers are of one server, hours apart: which century does not matter, as long as it is the same.
  if (old !== null) return utcMs(`20${old[3]}`, old[2], old[1], old.slice(4));
  const oldest = asctime.exec(text);
  if (oldest !== null) return utcMs(oldest[6], oldest[1], oldest[2], oldest.slice(3, 6));
  return Number.NaN;
}

function utcMs(
  year: string | undefined,
  name: string | undefined,
  day: string | undefined,
  [hours, minutes, seconds]: string[],
): number {
  const [h, m, s, d] = [hours, minutes, seconds, day].map(Number) as [number, number, number, number];
  if (h > 23 || m > 59 || s > 60 || d < 1 || d > 31) return Number.NaN;
  // biome-ignore lint/style/noRestrictedGlobals: a pure conversion of given numbers, no clock is read
  return Date.UTC(Number(year), months.indexOf(name ?? ''), d, h, m, s);
}
