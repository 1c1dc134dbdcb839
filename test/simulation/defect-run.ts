/** Runs the simulation on a copy of the gateway with one defect, until it is caught. */
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Defect } from './defects.ts';
import { ownRoot, runPool } from './pool.ts';
import type { Violation } from './violation.ts';

/** How a defect fared. */
export interface Catch {
  defect: Defect;
  /** Seeds run until it was caught, or until they were used up. */
  seeds: number;
  /** The last of them. */
  seed: number;
  /** Null: it was not caught. */
  by: Violation | null;
}

/** Puts a defect into a text. Throws an Error when what it replaces does not stand there exactly once. */
export function withDefect(text: string, { name, file, find, replace }: Defect): string {
  const parts = text.split(find);
  if (parts.length !== 2) throw new Error(`defect "${name}": ${parts.length - 1} places in ${file}, not one`);
  return parts.join(replace);
}

/** What a hunt is allowed. */
export interface HuntOptions {
  from: number;
  /** At most so many. */
  seeds: number;
  operations: number;
}

/** Runs one seed after the other until the defect is caught. */
export async function hunt(defect: Defect, { from, seeds, operations }: HuntOptions): Promise<Catch> {
  const root = mkdtempSync(join(tmpdir(), 'swipe-defect-'));
  try {
    for (const path of ['gateway', 'test/simulation', 'test/support', 'package.json', 'tsconfig.json'])
      cpSync(join(ownRoot, path), join(root, path), { recursive: true });
    symlinkSync(join(ownRoot, 'node_modules'), join(root, 'node_modules'));
    const file = join(root, defect.file);
    writeFileSync(file, withDefect(readFileSync(file, 'utf8'), defect));
    const found: Catch = { defect, seeds: 0, seed: from, by: null };
    await runPool({
      from,
      seeds,
      operations,
      jobs: 1,
      root,
      ended({ seed, violations }) {
        found.seeds += 1;
        found.seed = seed;
        found.by = violations[0] ?? null;
        return found.by === null;
      },
    });
    return found;
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}
