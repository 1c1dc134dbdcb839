/** Deliberate defects that a killed process must show, each in a copy of the repository: proof that the judge can fail. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withDefect } from '../simulation/defect-run.ts';
import { type Defect, defects as simulated } from '../simulation/defects.ts';
import { root } from '../support/child.ts';

/** Of the simulation's defects those that need no more than a kill, a broken connection, or a sender who repeats. */
const shared = [
  'PUBACK before the journal',
  'dedupe in memory only',
  'an abort is taken as proof',
  'a sender that asks again gets no answer',
  'accepted operations start after a restart',
  'the last receipt is taken as ours',
];

/** Defects of what the simulation does not have: the journal's file. */
const own: readonly Defect[] = [
  {
    name: 'the witness is written before the journal',
    file: 'gateway/journal/sqlite-journal.ts',
    find: 'mayStart(record, standing);',
    replace:
      'mayStart(record, standing); { const { journal, revision, lastSequence } = this.#ledger.meta; this.#witness.testify({ journal, revision: revision + 1, sequence: lastSequence, number: standing.number }); }',
  },
  {
    name: 'an operation that was told stays open on disk',
    file: 'gateway/journal/sqlite-journal.ts',
    find: 'if (standing === null) this.#ledger.insert(draft, told);\n      else this.#ledger.replace(draft, told, standing);',
    replace:
      'const body = standing === null ? told : { ...told, stage: standing.record.stage }; if (standing === null) this.#ledger.insert(draft, body);\n      else this.#ledger.replace(draft, body, standing);',
  },
];

/** Every defect; a shared one that the simulation no longer has is an Error. */
export function crashDefects(): readonly Defect[] {
  const found = shared.map((name) => {
    const defect = simulated.find((one) => one.name === name);
    if (defect === undefined) throw new Error(`the simulation has no defect "${name}"`);
    return defect;
  });
  return [...found, ...own];
}

/** Runs so many kills on a copy with this defect; the first violation, null when there was none. */
export async function runDefect(defect: Defect, kills: number, seed: number): Promise<string | null> {
  const copy = mkdtempSync(join(tmpdir(), 'swipe-crash-defect-'));
  try {
    for (const path of ['gateway', 'firmware', 'test', '.ci', 'package.json', 'tsconfig.json'])
      cpSync(join(root, path), join(copy, path), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
    const file = join(copy, defect.file);
    writeFileSync(file, withDefect(readFileSync(file, 'utf8'), defect));
    const args = ['--import', 'tsx', join(copy, 'test/crash/main.ts')];
    const child = spawn(process.execPath, [...args, '--kills', String(kills), '--seed', String(seed)], {
      cwd: copy,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    child.stdout.on('data', (bytes: Buffer) => {
      said += bytes.toString();
    });
    await once(child, 'close');
    return said.split('\n').find((line) => line.startsWith('violation: ')) ?? null;
  } finally {
    rmSync(copy, { recursive: true, force: true, maxRetries: 3 });
  }
}
