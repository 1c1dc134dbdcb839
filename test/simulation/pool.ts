/** Shares seeds out among worker processes. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { RunReport } from './run.ts';
import type { WorkerTask } from './worker.ts';

/** What is run. */
export interface PoolOptions {
  from: number;
  seeds: number;
  operations: number;
  /** Worker processes. */
  jobs: number;
  /** The repository whose simulation is run: this one, or a copy with a defect. */
  root?: string;
  /** Hears each run as it ends; false: no further seed is begun. */
  ended(report: RunReport): boolean;
}

/** The repository of this file. */
export const ownRoot = fileURLToPath(new URL('../../', import.meta.url));

/** Runs the seeds. Rejects when a worker dies of something that is no violation. */
export async function runPool({
  from,
  seeds,
  operations,
  jobs,
  root = ownRoot,
  ended,
}: PoolOptions): Promise<void> {
  let next = from;
  const hasNext = (): boolean => next < from + seeds;
  const work = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const worker: ChildProcess = fork(`${root}/test/simulation/worker.ts`, [], {
        cwd: root,
        execArgv: ['--import', pathToFileURL(`${root}/node_modules/tsx/dist/loader.mjs`).href],
      });
      let seed = 0;
      const give = (): void => {
        if (!hasNext()) return void worker.disconnect();
        seed = next;
        next += 1;
        const task: WorkerTask = { seed, operations };
        worker.send(task);
      };
      worker.on('message', (report) => {
        if (!ended(report as RunReport)) next = from + seeds;
        give();
      });
      worker.once('error', reject);
      worker.once('exit', (code, signal) =>
        code === 0 ? resolve() : reject(new Error(`a worker ended with ${signal ?? code} in seed ${seed}`)),
      );
      give();
    });
  await Promise.all(Array.from({ length: Math.min(jobs, seeds) }, work));
}
