import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { keptMs, type MaintenanceParts, maintainDaily } from '../gateway/journal/maintenance.ts';
import { SwipeError } from '../gateway/seams/error.ts';
import { silentLog } from '../gateway/seams/log.ts';
import { VirtualTime } from './support/virtual-time.ts';

const test = suite('maintenance');
const dayMs = 86_400_000;

function bench(change: Partial<MaintenanceParts> = {}) {
  const time = new VirtualTime();
  const notes = new Map<string, string>();
  const prunedBefore: number[] = [];
  const failures: unknown[] = [];
  let night = (): void => {};
  let isTrusted = true;
  const parts: MaintenanceParts = {
    journal: {
      prune: (beforeMs) => prunedBefore.push(beforeMs),
      note: (name) => notes.get(name) ?? null,
      setNote: (name, text) => void notes.set(name, text),
    },
    schedule: {
      daily(_hour, run) {
        night = run;
        return () => {
          night = () => {};
        };
      },
    },
    clock: { nowMs: () => time.nowMs(), isTrusted: () => isTrusted },
    timers: time,
    log: silentLog,
    verifyStep: null,
    fatal: (error) => failures.push(error),
    ...change,
  };
  const distrust = (): void => {
    isTrusted = false;
  };
  return {
    time,
    parts,
    prunedBefore,
    failures,
    distrust,
    night: () => night(),
    start: () => maintainDaily(parts),
  };
}

test('a missed night is made up for at the start, once a day', () => {
  const { start, prunedBefore, time } = bench();
  start();
  start();
  assert.equal(prunedBefore, [time.nowMs() - keptMs]);
  assert.is(keptMs, 400 * dayMs);
});

test('every night what is older than 400 days goes, and the whole file is read in steps', async () => {
  let steps = 0;
  const { start, night, prunedBefore, time } = bench({
    verifyStep: () => {
      steps += 1;
      return { roundComplete: steps === 5 };
    },
  });
  start();
  assert.is(steps, 0);
  night();
  assert.is(prunedBefore.length, 2);
  assert.is(steps, 1);
  await time.advance(dayMs);
  assert.is(steps, 5);
});

test('nothing is old while the time is not known', () => {
  const { start, night, distrust, prunedBefore } = bench();
  distrust();
  start();
  night();
  assert.equal(prunedBefore, []);
});

test('a damaged row ends the process; a stopped gateway reads no further', async () => {
  const damaged = bench({
    verifyStep: () => {
      throw new SwipeError('journalDamaged', 'row 7');
    },
  });
  damaged.start();
  damaged.night();
  assert.is(damaged.failures.length, 1);

  let steps = 0;
  const stopped = bench({
    verifyStep: () => {
      steps += 1;
      return { roundComplete: false };
    },
  });
  const stop = stopped.start();
  stopped.night();
  stop();
  await stopped.time.advance(dayMs);
  assert.is(steps, 1);
});

test.run();
