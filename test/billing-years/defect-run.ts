/** Runs the years on a copy of the registry with one defect, until it is caught. */
import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Defect, defects, withEdit } from './defects.ts';

const ownRoot = fileURLToPath(new URL('../..', import.meta.url));

/** How a defect fared. */
export interface Catch {
  name: string;
  /** Seeds run until it was caught. */
  seeds: number;
  /** What was seen first; null: nothing. */
  by: string | null;
}

function run(root: string, seed: number, months: number): Promise<string | null> {
  const command = [
    '--import',
    'tsx',
    'test/billing-years/main.ts',
    '--from',
    `${seed}`,
    '--months',
    `${months}`,
  ];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...command, '--boxes', '60', '--acts', '7'], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let text = '';
    child.stdout.on('data', (data) => {
      text += data;
    });
    child.stderr.on('data', (data) => {
      text += data;
    });
    child.once('error', reject);
    child.once('exit', (code) => {
      if (code === 0) resolve(null);
      else
        resolve(
          (/^ {2}\d{4}-\d\d-\d\d: (.*)$/m.exec(text)?.[1] ?? text.trim().split('\n').at(-1) ?? '').slice(
            0,
            160,
          ),
        );
    });
  });
}

/** Hunts one defect, seed after seed. */
export async function hunt({ name, edits, months = 9 }: Defect, seedsMost: number): Promise<Catch> {
  const root = mkdtempSync(join(tmpdir(), 'swipe-billing-defect-'));
  try {
    const folders = [
      'gateway',
      'provisioning',
      'test/billing-years',
      'test/registry',
      'test/simulation',
      'test/support',
    ];
    for (const path of [...folders, 'package.json', 'tsconfig.json'])
      cpSync(join(ownRoot, path), join(root, path), { recursive: true });
    symlinkSync(join(ownRoot, 'node_modules'), join(root, 'node_modules'));
    for (const edit of edits) {
      const file = join(root, edit.file);
      writeFileSync(file, withEdit(readFileSync(file, 'utf8'), name, edit));
    }
    for (let seeds = 1; seeds <= seedsMost; seeds += 1) {
      const by = await run(root, seeds, months);
      if (by !== null) return { name, seeds, by };
    }
    return { name, seeds: seedsMost, by: null };
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** Hunts all whose name holds a text, two at a time. Whether all were caught. */
export async function huntAll({ only, seeds }: { only: string; seeds: number }): Promise<boolean> {
  const waiting = defects.filter(({ name }) => name.includes(only));
  const count = waiting.length;
  let missed = 0;
  const work = async (): Promise<void> => {
    for (let defect = waiting.shift(); defect !== undefined; defect = waiting.shift()) {
      const { name, seeds: tried, by } = await hunt(defect, seeds);
      if (by === null) missed += 1;
      console.log(`| ${name} | ${by === null ? `NOT CAUGHT in ${tried}` : tried} | ${by ?? ''} |`);
    }
  };
  await Promise.all([work(), work()]);
  console.log(`\n${count - missed} of ${count} defects caught`);
  return missed === 0 && count > 0;
}
