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
  /** Null: it was not caught. */
  by: Violation | null;
  seed: number | null;
}

/** Puts a defect into a text. Throws an Error when what it replaces does not stand there exactly once. */
export function withDefect(text: string, { name, file, find, replace }: Defect): string {
  const parts = text.split(find);
  if (parts.length !== 2) throw new Error(`defect "${name}": ${parts.length - 1} places in ${file}, not one`);
  return parts.join(replace);
}

/** Runs seeds from 1 on, at most so many. */
export async function hunt(
  defect: Defect,
  { seeds, operations, jobs }: { seeds: number; operations: number; jobs: number },
): Promise<Catch> {
  const root = mkdtempSync(join(tmpdir(), 'swipe-defect-'));
  try {
    for (const path of ['gateway', 'test/simulation', 'test/support', 'package.json', 'tsconfig.json'])
      cpSync(join(ownRoot, path), join(root, path), { recursive: true });
    symlinkSync(join(ownRoot, 'node_modules'), join(root, 'node_modules'));
    const file = join(root, defect.file);
    writeFileSync(file, withDefect(readFileSync(file, 'utf8'), defect));
    let ran = 0;
    let by: Violation | null = null;
    let seed: number | null = null;
    await runPool({
      from: 1,
      seeds,
      operations,
      jobs,
      root,
      ended(report) {
        ran += 1;
        const [violation = null] = report.violations;
        if (violation !== null && (seed === null || report.seed < seed)) {
          by = violation;
          seed = report.seed;
        }
        return by === null;
      },
    });
    return { defect, seeds: ran, by, seed };
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}
