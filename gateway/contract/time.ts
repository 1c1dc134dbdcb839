/** RFC 3339 in UTC with milliseconds, as every time on the wire and in a file is written. */
export function isoTime(epochMs: number): string {
  // biome-ignore lint/style/noRestrictedGlobals: a pure conversion of a given time, no clock is read
  return new Date(epochMs).toISOString();
}

const timestamp = /^(\d{4}-\d\d-\d\d)T(?:[01]\d|2[0-3]):\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;

/** Milliseconds since 1970 UTC of an RFC 3339 timestamp with its offset; NaN for anything else. */
export function parseIsoTime(text: string): number {
  const [, day] = timestamp.exec(text) ?? [];
  // ECMAScript takes 31 February for 3 March.
  return day !== undefined && isDay(day) ? millisecondsOf(text) : Number.NaN;
}

function isDay(day: string): boolean {
  const midnightMs = millisecondsOf(`${day}T00:00:00Z`);
  return !Number.isNaN(midnightMs) && isoTime(midnightMs).startsWith(day);
}

// biome-ignore lint/style/noRestrictedGlobals: a pure conversion of a given text, no clock is read
const millisecondsOf = (text: string): number => Date.parse(text);
