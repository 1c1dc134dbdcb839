/** Loaded before each test file (`--import`): has every import of uvu answered by the observed one. */
import { register } from 'node:module';
import { isMainThread } from 'node:worker_threads';
import { openReport, report, stackOf } from './reporter.ts';

// A worker thread inherits `--import`, but no test is registered there.
if (isMainThread) {
  openReport();
  register('./hooks.mjs', import.meta.url, { data: new URL('./observed-uvu.ts', import.meta.url).href });
  process.on('uncaughtExceptionMonitor', (error) => report({ event: 'uncaught', error: stackOf(error) }));
}
