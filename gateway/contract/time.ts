/** RFC 3339 in UTC with milliseconds, as every time on the wire and in a file is written. */
export function isoTime(epochMs: number): string {
  // biome-ignore lint/style/noRestrictedGlobals: a pure conversion of a given time, no clock is read
  return new Date(epochMs).toISOString();
}

const utcTimestamp = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;

/** Milliseconds since 1970 UTC of an RFC 3339 timestamp with its offset; NaN for anything else. */
export function parseIsoTime(text: string): number {
  // biome-ignore lint/style/noRestrictedGlobals: a pure conversion of a given text, no clock is read
  return utcTimestamp.test(text) ? Date.parse(text) : Number.NaN;
}
