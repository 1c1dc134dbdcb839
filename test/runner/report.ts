/**
 * What a test file's process says about itself, one JSON object per line of its report file. Written at once and
 * synchronously, so that whatever ends the process cannot take it back.
 */
export type ReportLine =
  | { event: 'suite'; suite: number; name: string }
  | { event: 'registered'; suite: number; name: string; kind: 'test' | 'only' | 'skip' }
  | { event: 'run'; suite: number; run: number }
  | { event: 'begin'; suite: number; name: string }
  | { event: 'end'; suite: number; name: string }
  | { event: 'hookFailed'; suite: number; hook: string; error: string }
  /** uvu's own count of one run: `passed` of `total`, where `total` is without the skipped ones. */
  | { event: 'counted'; run: number; passed: number; skipped: number; total: number; failed: boolean }
  /** A throw or a rejection that nobody caught, whether or not something swallowed it afterwards. */
  | { event: 'uncaught'; error: string };

/** Reads a report. A last line without its line feed was cut off by the end of the process and is left out. */
export function parseReport(text: string): ReportLine[] {
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as ReportLine);
}
