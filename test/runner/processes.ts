import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** A process that a test file started, directly or not. */
export interface Leftover {
  pid: number;
  name: string;
}

/**
 * The processes that are still alive out of a process group, or anywhere else with a mark of that test file in
 * their environment: a daemon leaves its group, but inherits the environment. Empty where there is no /proc.
 */
export function startedBy(group: number, mark: string): Leftover[] {
  const found: Leftover[] = [];
  for (const entry of filesIn('/proc')) {
    if (!/^\d+$/.test(entry) || Number(entry) === process.pid) continue;
    const stat = /^\d+ \((?<name>.*)\) (?<state>\S) \d+ (?<group>\d+) /s.exec(textOf(`/proc/${entry}/stat`));
    // Z: it has ended, and waits for somebody to ask how. In a container nobody may ever ask.
    if (stat?.groups === undefined || stat.groups.state === 'Z' || stat.groups.state === 'X') continue;
    const marked = textOf(`/proc/${entry}/environ`).split('\0').includes(`${mark}=1`);
    if (marked || Number(stat.groups.group) === group)
      found.push({ pid: Number(entry), name: stat.groups.name ?? '' });
  }
  return found;
}

/** Ends a test file's process and everything that it started. */
export async function killAll(group: number, mark: string): Promise<void> {
  // Again and again, since a process may start another while it is being looked for; but not for ever.
  for (let round = 0; round < 100; round += 1) {
    kill(-group);
    const left = startedBy(group, mark);
    if (left.length === 0) return;
    for (const { pid } of left) kill(pid);
    await sleep(10);
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself in the meantime.
  }
}

function filesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}
