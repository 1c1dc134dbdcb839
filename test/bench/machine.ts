/** What the numbers were taken on. */
import { closeSync, fdatasyncSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { arch, cpus, loadavg, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { median, short } from './numbers.ts';

const syncs = 200;

/** One line about machine, disk and parts. */
export function machineLine(directory: string, parts: readonly string[]): string {
  const processors = cpus();
  const one = processors[0]?.model.trim() ?? 'unknown processor';
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  const disk = `state on ${fileSystemOf(directory)}, fdatasync ${short(syncMs(directory))} ms`;
  return [
    `node ${process.version}`,
    `${one} x ${processors.length}`,
    `${arch()}, Linux ${release()}`,
    memory,
    disk,
    ...parts,
  ].join('; ');
}

/** Whether others used the processors in the minute before: then the numbers are theirs, too. Null when not. */
export function busyNote(): string | null {
  const [load = 0] = loadavg();
  if (load < cpus().length / 2) return null;
  return `the machine was busy before this run (load average ${load.toFixed(1)}): repeat it on a quiet one`;
}

/** The type of the file system that a directory is on: the longest mount point above it (proc(5), mountinfo). */
function fileSystemOf(directory: string): string {
  let best = { point: '', type: 'an unknown file system' };
  for (const line of readFileSync('/proc/self/mountinfo', 'utf8').split('\n')) {
    const [before = '', after = ''] = line.split(' - ');
    const point = before.split(' ')[4] ?? '';
    const isAbove = directory === point || directory.startsWith(point.endsWith('/') ? point : `${point}/`);
    if (isAbove && point.length >= best.point.length) best = { point, type: after.split(' ')[0] ?? '' };
  }
  return best.type;
}

/** The median of writing 4 KiB through to the disk. */
function syncMs(directory: string): number {
  const path = join(directory, 'sync');
  const file = openSync(path, 'w');
  const page = Buffer.alloc(4096, 1);
  const took: number[] = [];
  for (let n = 0; n < syncs; n += 1) {
    const beganMs = performance.now();
    writeSync(file, page, 0, page.length, 0);
    fdatasyncSync(file);
    took.push(performance.now() - beganMs);
  }
  closeSync(file);
  rmSync(path);
  return median(took);
}
