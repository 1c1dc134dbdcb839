import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { SwipeError } from '../gateway/seams/error.ts';
import { createTrustedClock } from '../gateway/system/clock-trust.ts';
import { recordingLog } from './support/scripted-broker.ts';
import { VirtualTime } from './support/virtual-time.ts';

const test = suite('clock trust');
const hourMs = 3_600_000;

function setUp(mode: 'system' | 'timesync' = 'system', keptMs = 0) {
  const time = new VirtualTime();
  const { log, lines } = recordingLog();
  const state = { keptMs, synchronised: false, polls: 0, full: false };
  const noted: string[] = [];
  const clock = createTrustedClock({
    clock: time,
    timers: time,
    journal: {
      latestTrustedMs: () => state.keptMs,
      noteTrustedTime(nowMs, when) {
        if (state.full && when === 'atOnce') throw new SwipeError('storageFull', 'no room');
        state.keptMs = Math.max(state.keptMs, nowMs);
        noted.push(when);
      },
    },
    mode,
    synchronised: () => {
      state.polls += 1;
      return state.synchronised;
    },
    log,
  });
  return { time, clock, state, noted, lines };
}

test("the system's clock is trusted as it is, and kept with every reading", () => {
  const { time, clock, state, noted } = setUp();
  assert.ok(clock.isTrusted());
  assert.is(clock.nowMs(), time.nowMs());
  assert.is(state.keptMs, time.nowMs());
  assert.equal(noted, ['withNextRecord']);
});

test('time that was trusted never goes back; a little is forgiven, more is not trusted', async () => {
  const { time, clock, lines } = setUp();
  const latestMs = clock.nowMs();
  time.jump(-5000);
  assert.is(clock.nowMs(), latestMs);
  assert.ok(clock.isTrusted());
  time.jump(-1);
  assert.is(clock.nowMs(), latestMs);
  assert.not(clock.isTrusted());
  assert.not(clock.isTrusted());
  await time.advance(1);
  assert.ok(clock.isTrusted());
  assert.is(clock.nowMs(), latestMs);
  await time.advance(5001);
  assert.is(clock.nowMs(), latestMs + 1);
  assert.equal(
    lines.map(({ level }) => level),
    ['error', 'info'],
  );
});

test('the latest trusted time of an earlier start counts', async () => {
  const { clock, time } = setUp('system', new VirtualTime().nowMs() + hourMs);
  assert.not(clock.isTrusted());
  assert.is(clock.nowMs(), time.nowMs() + hourMs);
  await time.advance(hourMs - 5000);
  assert.ok(clock.isTrusted());
});

test('an untrusted time is not kept', async () => {
  const { clock, time, state, noted } = setUp('system', new VirtualTime().nowMs() + 48 * hourMs);
  const keptMs = state.keptMs;
  clock.start();
  await time.advance(24 * hourMs);
  assert.is(clock.nowMs(), keptMs);
  assert.is(state.keptMs, keptMs);
  assert.equal(noted, []);
  clock.stop();
});

test('timesync: trusted once synchronised, asked every second until then', async () => {
  const { clock, time, state, noted } = setUp('timesync');
  clock.start();
  assert.not(clock.isTrusted());
  assert.is(clock.nowMs(), time.nowMs());
  await time.advance(10_000);
  assert.is(state.polls, 11);
  assert.not(clock.isTrusted());
  assert.equal(noted, []);
  state.synchronised = true;
  await time.advance(1000);
  assert.ok(clock.isTrusted());
  assert.is(noted.at(-1), 'atOnce');
  await time.advance(60_000);
  assert.is(state.polls, 12);
  clock.stop();
  assert.is(time.pending, 0);
});

test('timesync: before it is synchronised the time is still never earlier than the latest trusted', () => {
  const keptMs = new VirtualTime().nowMs() + hourMs;
  const { clock } = setUp('timesync', keptMs);
  assert.is(clock.nowMs(), keptMs);
  assert.not(clock.isTrusted());
});

test('the time is written down at the start and every hour, whatever the disk says', async () => {
  const { clock, time, state, noted } = setUp();
  clock.start();
  assert.is(noted.filter((when) => when === 'atOnce').length, 1);
  await time.advance(3 * hourMs);
  assert.is(noted.filter((when) => when === 'atOnce').length, 4);
  state.full = true;
  await time.advance(hourMs);
  state.full = false;
  await time.advance(hourMs);
  assert.is(noted.filter((when) => when === 'atOnce').length, 5);
  clock.stop();
  assert.is(time.pending, 0);
});

test.run();
