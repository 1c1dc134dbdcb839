import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The part of a uvu suite that {@link tempDirs} uses. */
interface HasAfterEach {
  after: { each(hook: () => void): void };
}

/**
 * Gives a suite a maker of empty directories: `const tempDir = tempDirs(test)`, then `tempDir()` within a test.
 * What a test made is removed after that test, whether it passed or not.
 */
export function tempDirs(test: HasAfterEach): () => string {
  const made: string[] = [];
  test.after.each(() => {
    for (const directory of made.splice(0))
      rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
  });
  return () => {
    const directory = mkdtempSync(join(tmpdir(), 'swipe-test-'));
    made.push(directory);
    return directory;
  };
}
