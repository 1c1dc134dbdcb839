import { openSync, writeSync } from 'node:fs';
import type { ReportLine } from './report.ts';

/** The environment variable that names the report file. */
export const reportVariable = 'SWIPE_TEST_REPORT';

let file: number | null = null;

/** Opens the report. The variable is removed: what the tests start must not write into this report. */
export function openReport(): void {
  const path = process.env[reportVariable];
  delete process.env[reportVariable];
  if (path !== undefined) file = openSync(path, 'a');
}

/** Adds a line to the report, on disk when it returns. */
export function report(line: ReportLine): void {
  if (file !== null) writeSync(file, `${JSON.stringify(line)}\n`);
}

/** The stack of anything that was thrown. */
export const stackOf = (thrown: unknown): string =>
  thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
