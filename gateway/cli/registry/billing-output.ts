/** Where long output goes: to a new file, or line by line to whoever called. */
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { messageOf, SwipeError } from '../../seams/error.ts';
import type { CliIo } from '../command.ts';

/**
 * Writes pieces of text to a file that was not there before, or says them. What could not be written whole is removed.
 *
 * @throws SwipeError `usage` when there is such a file, or none can be made
 */
export async function writeOut(
  io: CliIo,
  to: string | undefined,
  pieces: AsyncIterable<string> | Iterable<string>,
): Promise<void> {
  if (to === undefined) return sayAll(io, pieces);
  const file = makeFile(to);
  try {
    for await (const piece of pieces) writeSync(file, piece);
  } catch (error) {
    rmSync(to, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
}

async function sayAll(io: CliIo, pieces: AsyncIterable<string> | Iterable<string>): Promise<void> {
  let left = '';
  for await (const piece of pieces) {
    const lines = (left + piece).split('\n');
    left = lines.pop() ?? '';
    for (const line of lines) io.out(line);
  }
  if (left !== '') io.out(left);
}

function makeFile(path: string): number {
  try {
    return openSync(path, 'wx', 0o644);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST')
      throw new SwipeError('usage', `--to: ${path} is there already: it is not replaced`);
    throw new SwipeError('usage', `--to: ${path} cannot be written: ${messageOf(error)}`);
  }
}

/** Says something at most once in so long, so that a long run shows that it goes on. */
export function paced(
  say: (line: string) => void,
  nowMs: () => number,
  everyMs = 1000,
): (line: string) => void {
  let saidMs = nowMs();
  return (line) => {
    const atMs = nowMs();
    if (atMs - saidMs < everyMs) return;
    saidMs = atMs;
    say(line);
  };
}
