/** Damages journals in every way at many places, and looks what their next start makes of it. */
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Child, startChild } from '../bench/children.ts';
import { root } from '../support/child.ts';
import { casesOf, type DamageCase, pairCases } from './damage-cases.ts';
import { makeImages } from './damage-images.ts';
import type { Fate } from './processes/opener.ts';

/** One case and what came of it. */
export interface Damaged {
  damage: DamageCase;
  fate: Fate;
}

/** A journal that was refused stays open until its process ends, so that a process takes so many only. */
const casesPerProcess = 100;

/** What is damaged here was synced before: a disk in memory shows the same, and sooner. */
const disk = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

/** Whether this may be. */
export const isAllowed = ({ fate }: Fate): boolean => fate === fate.toLowerCase();

/** Runs every case, cuts and flips at so many places of each file; tells each as it is done. */
export async function damageJournals(places: number, done: (one: Damaged) => void): Promise<void> {
  const directory = mkdtempSync(join(disk, 'swipe-damage-'));
  const openers = new Openers(join(directory, 'opener.log'));
  try {
    for (const { image, knowledgeFile } of makeImages(directory))
      for (const damage of [...casesOf(image, places), ...pairCases(image)]) {
        const copy = join(directory, 'copy');
        cpSync(image.directory, copy, { recursive: true });
        damage.spoil(copy);
        done({ damage, fate: await openers.open(copy, knowledgeFile) });
        rmSync(copy, { recursive: true, force: true, maxRetries: 3 });
      }
  } finally {
    await openers.close();
    rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Processes that open journals, one at a time. */
class Openers {
  readonly #logFile: string;
  #child: Child | null = null;
  #taken = 0;

  constructor(logFile: string) {
    this.#logFile = logFile;
  }

  async open(directory: string, knowledgeFile: string): Promise<Fate> {
    if (this.#taken % casesPerProcess === 0) await this.close();
    this.#taken += 1;
    try {
      this.#child ??= await this.#start();
      return (await this.#child.ask({ directory, knowledgeFile })) as Fate;
    } catch (error) {
      this.#child = null;
      return { fate: 'STOPPED WITHOUT A CLEAR ERROR', text: (error as Error).message };
    }
  }

  async #start(): Promise<Child> {
    const child = startChild({
      command: process.execPath,
      args: ['--import', 'tsx', join(root, 'test/crash/processes/opener.ts')],
      logFile: this.#logFile,
      died() {},
    });
    await child.next();
    return child;
  }

  async close(): Promise<void> {
    await this.#child?.stop();
    this.#child = null;
  }
}
