/** Runs the seeds that it is handed, one after the other, in a process of its own. */
import { type RunReport, runSeed } from './run.ts';

/** What a worker is asked. */
export interface WorkerTask {
  seed: number;
  operations: number;
}

process.on('message', ({ seed, operations }: WorkerTask) => {
  void runSeed(seed, operations).then(({ report }) => {
    const answer: RunReport = report;
    process.send?.(answer);
  });
});
