import { execFile } from 'node:child_process';

/** How a program ended. */
export interface Ran {
  /** Null: there is no such program, or it did not end in time. */
  code: number | null;
  isMissing: boolean;
  out: string;
  error: string;
}

const outputMaxBytes = 1024 * 1024;

/** Runs a program without a shell. Never rejects. */
export function runProgram(program: string, args: readonly string[], timeoutMs = 30_000): Promise<Ran> {
  return new Promise((resolve) => {
    // In English: what it says is looked at.
    const env = { ...process.env, LC_ALL: 'C' };
    const options = { timeout: timeoutMs, maxBuffer: outputMaxBytes, env };
    execFile(program, args, options, (failure, out, error) => {
      const code = failure === null ? 0 : typeof failure.code === 'number' ? failure.code : null;
      const isMissing = (failure as NodeJS.ErrnoException | null)?.code === 'ENOENT';
      resolve({ code, isMissing, out, error });
    });
  });
}

/** The last line that says something. */
export const lastLine = (text: string): string => text.trim().split('\n').at(-1)?.trim().slice(0, 300) ?? '';
