/**
 * SQLite's checkpoints on a thread of their own. What was committed lies in the WAL, durable, and goes from there into
 * the database file; done by whoever commits, as SQLite does by itself, that would let all of them wait: hundreds of
 * milliseconds for a thousand pages that lie all over the file.
 */
import { statSync } from 'node:fs';
// Under another name: the bundle's own begins with this one.
import { createRequire as requireFrom } from 'node:module';
// biome-ignore lint/style/noRestrictedImports: an adapter: SQLite waits for the disk, and on this thread nobody waits for it
import { Worker } from 'node:worker_threads';

/** The one who sees to the checkpoints of a database. */
export interface Checkpoints {
  /** Something was committed. */
  committed(): void;
  close(): Promise<void>;
}

/** From this size of the WAL on it is moved: about where SQLite would by itself. */
const walBytes = 4 * 1024 * 1024;
/** The size is looked at after so many commits. */
const lookEvery = 16;

// As text, since a bundle is one file. Passive: waits for nobody and lets nobody wait.
const worker = `
const { parentPort, workerData } = require('node:worker_threads');
const database = new (require(workerData.library))(workerData.path);
database.exec('PRAGMA synchronous = FULL');
parentPort.on('message', (message) => {
  if (message === 'end') {
    database.close();
    parentPort.close();
    return;
  }
  try {
    database.prepare('PRAGMA wal_checkpoint(PASSIVE)').all();
  } catch {
    // Whoever commits next does it, once the WAL is large.
  }
  parentPort.postMessage('done');
});`;

/** Sees to this database; the thread begins when there is enough to do for it. */
export function createCheckpoints(path: string): Checkpoints {
  let thread: Worker | null = null;
  let isBusy = false;
  let commits = 0;

  function begin(): Worker {
    const library = requireFrom(import.meta.url).resolve('libsql');
    const begun = new Worker(worker, { eval: true, workerData: { library, path } });
    begun.on('message', () => {
      isBusy = false;
    });
    // Without it the WAL is moved by whoever commits: slower, and all the same otherwise.
    begun.on('error', () => {});
    begun.unref();
    return begun;
  }

  return {
    committed() {
      commits += 1;
      if (isBusy || commits < lookEvery) return;
      commits = 0;
      const { size = 0 } = statSync(`${path}-wal`, { throwIfNoEntry: false }) ?? {};
      if (size < walBytes) return;
      isBusy = true;
      thread ??= begin();
      thread.postMessage('move');
    },
    async close() {
      const ending = thread;
      thread = null;
      if (ending === null) return;
      const ended = new Promise<void>((resolve) => ending.once('exit', () => resolve()));
      ending.ref();
      ending.postMessage('end');
      await ended;
    },
  };
}
