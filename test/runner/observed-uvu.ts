/**
 * uvu as the test files see it under the runner: the same functions, and everything that is registered, run and
 * counted goes into the report as well. Written against uvu 0.5.6, src/index.js.
 */
import * as uvu from 'uvu';
import { report, stackOf } from './reporter.ts';

type Handler = (state: object) => unknown;
type HookKind = ((handler: Handler) => void) & { each(handler: Handler): void };
/** What uvu's suite() really returns; its own types leave out the hooks' `each`. */
interface Suite {
  (name: string, handler: Handler): void;
  only(name: string, handler: Handler): void;
  skip(name?: string): void;
  before: HookKind;
  after: HookKind;
  run(): void;
}
/** How uvu ends one run of one suite: its failures as text or `true`, then passed, skipped, total. */
type Count = [string | true, number, number, number];

let suites = 0;
let runs = 0;

/** uvu's suite(). */
export function suite(name = '', state: object = {}): Suite {
  const id = ++suites;
  report({ event: 'suite', suite: id, name });
  return observed(uvu.suite(name, state) as unknown as Suite, id);
}

/** uvu's nameless suite. Like uvu's own it exists whether or not a file uses it, so it counts from its first test. */
export const test: Suite = observed(uvu.test as unknown as Suite, 0);

/** uvu's exec(). */
export const exec = uvu.exec;

function observed(real: Suite, id: number): Suite {
  const registering =
    (kind: 'test' | 'only', add: (name: string, handler: Handler) => void) =>
    (name: string, handler: Handler): void => {
      report({ event: 'registered', suite: id, name, kind });
      add(name, async (state) => {
        report({ event: 'begin', suite: id, name });
        try {
          await handler(state);
        } finally {
          report({ event: 'end', suite: id, name });
        }
      });
    };
  // uvu swallows what a hook throws wherever it returns out of its `finally`; so it is told here.
  const hooked = (hook: string, add: (handler: Handler) => void) => (handler: Handler) =>
    add(async (state) => {
      try {
        await handler(state);
      } catch (error) {
        report({ event: 'hookFailed', suite: id, hook, error: stackOf(error) });
        throw error;
      }
    });
  const hooks = (name: 'before' | 'after'): HookKind =>
    Object.assign(hooked(name, real[name]), { each: hooked(`${name}.each`, real[name].each) });

  return Object.assign(registering('test', real), {
    only: registering('only', real.only),
    skip(name = ''): void {
      report({ event: 'registered', suite: id, name, kind: 'skip' });
      real.skip(name);
    },
    before: hooks('before'),
    after: hooks('after'),
    run: () => counted(real, id),
  });
}

/** Runs a suite; its count is taken where uvu hands it to its own exec(). */
function counted(real: Suite, id: number): void {
  const run = ++runs;
  report({ event: 'run', suite: id, run });
  real.run();
  const { UVU_QUEUE, UVU_INDEX } = globalThis as unknown as {
    UVU_QUEUE: (() => Promise<Count>)[][];
    UVU_INDEX?: number;
  };
  const queue = UVU_QUEUE[UVU_INDEX ?? 0];
  const queued = queue?.pop();
  if (queue === undefined || queued === undefined) throw new Error('uvu queued no run: is it still 0.5?');
  queue.push(async () => {
    const count = await queued();
    const [errors, passed, skipped, total] = count;
    report({ event: 'counted', run, passed, skipped, total, failed: errors !== true });
    return count;
  });
}
