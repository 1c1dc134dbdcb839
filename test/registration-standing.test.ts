import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createTrustedClock } from '../gateway/system/clock-trust.ts';
import { box, registrarBench } from './support/registrar-bench.ts';
import { recordingLog } from './support/scripted-broker.ts';
import { VirtualTime } from './support/virtual-time.ts';

const test = suite('registration: standing and time');

const secondMs = 1000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

test('a box that was never answered is unregistered, for ever', async () => {
  const bench = registrarBench();
  bench.registry.away = true;
  bench.start();
  await bench.time.advance(40 * dayMs);
  const { state, untilMs } = bench.standing();
  assert.equal([state, untilMs], ['unregistered', null]);
  assert.is(bench.state.changes, 0);
  assert.is(bench.registrar.view().heardAt, null);
  assert.is(bench.matching(/silent for weeks/).length, 0);
  await bench.stop();
});

test('every state is told as it is, with its end', async () => {
  const bench = registrarBench();
  const { registry, time } = bench;
  await bench.boot();
  const until = '2026-12-05T08:00:00.000Z';
  for (const [state, end] of [
    ['trial', until],
    ['pastDue', null],
    ['suspended', null],
    ['unregistered', null],
    ['active', null],
  ] as const) {
    const before = bench.state.changes;
    registry.told = { state, until: end, reason: state === 'unregistered' ? 'claimNeeded' : null };
    bench.registrar.notice(registry.notice(box, registry.revision + 1));
    await time.advance(secondMs);
    const now = bench.standing();
    assert.equal([now.state, now.untilMs], [state, end === null ? null : Date.parse(end)]);
    assert.is(bench.state.changes, before + 1);
  }
  await bench.stop();
});

test('the registry away: 35 days by the last answer, a warning a day from the 28th, then no more', async () => {
  const bench = registrarBench();
  const { registry, time } = bench;
  const bootMs = time.nowMs();
  await bench.boot();
  registry.away = true;
  // It asks again on the next day; only then the registry is missed.
  await time.advance(bootMs + 28 * dayMs - time.nowMs() - 1);
  assert.is(bench.registrar.view().endsAt, null);
  assert.is(bench.matching(/silent for weeks/).length, 0);
  await time.advance(hourMs);
  assert.is(bench.registrar.view().endsAt, new Date(bootMs + 35 * dayMs).toISOString());
  assert.equal(
    bench.matching(/silent for weeks/).map(({ level }) => level),
    ['warn'],
  );
  await time.advance(bootMs + 35 * dayMs - time.nowMs() - 1);
  assert.is(bench.standing().state, 'active');
  assert.is(bench.matching(/silent for weeks/).length, 7);
  await time.advance(1);
  assert.is(bench.standing().state, 'unregistered');
  await time.advance(hourMs);
  assert.is(bench.state.changes, 2, 'once for the answer, once for its end');
  assert.is(bench.matching(/silent for weeks/).at(-1)?.level, 'error');
  registry.away = false;
  await time.advance(hourMs);
  assert.is(bench.standing().state, 'active');
  assert.is(bench.registrar.view().endsAt, null);
  await bench.stop();
});

test('restarts do not lengthen it', async () => {
  const bench = registrarBench();
  const { registry, time } = bench;
  await bench.boot();
  registry.away = true;
  for (let each = 0; each < 6; each += 1) {
    await bench.stop();
    await time.advance(6 * dayMs - minuteMs);
    await bench.boot();
    assert.is(bench.standing().state, each < 5 ? 'active' : 'unregistered', `restart ${each}`);
  }
  await bench.stop();
});

test('nor does a clock that is set back', async () => {
  const bench = registrarBench();
  const { registry, time } = bench;
  await bench.boot();
  registry.away = true;
  await time.advance(20 * dayMs);
  time.jump(-10 * dayMs);
  // No payment starts: the clock stands before the latest trusted time.
  assert.not(bench.clock?.isTrusted());
  await time.advance(10 * dayMs);
  assert.ok(bench.clock?.isTrusted());
  await time.advance(16 * dayMs);
  assert.is(bench.standing().state, 'unregistered');
  await bench.stop();
});

test('while the time is not known nothing ends by it', async () => {
  const bench = registrarBench();
  const { registry, time } = bench;
  await bench.boot();
  await bench.stop();
  registry.away = true;
  time.jump(4000 * dayMs);
  bench.start({ clock: 'timesync' });
  assert.not(bench.clock?.isTrusted());
  assert.is(bench.standing().state, 'active');
  await bench.stop();
});

test('a listener that throws costs nothing', async () => {
  const bench = registrarBench();
  const registrar = bench.start();
  registrar.registration.onChange(() => {
    throw new Error('the panel fell off');
  });
  await bench.time.advance(minuteMs);
  assert.is(bench.standing().state, 'active');
  assert.is(bench.matching(/could not be told/).length, 1);
  await bench.time.advance(dayMs);
  assert.is(bench.registry.requests.length, 2);
  await bench.stop();
});

test('a pairing code is shown while it can be used', async () => {
  const bench = registrarBench();
  const { registry, time } = bench;
  const expiresAt = '2026-11-21T10:00:00.000Z';
  registry.told = { pairing: { code: '7K3M-9QX-A2BC', expiresAt } };
  await bench.boot();
  assert.equal(bench.registrar.view().pairing, { code: '7K3M-9QX-A2BC', expiresAt });
  await time.advance(2 * hourMs);
  assert.is(bench.registrar.view().pairing, null);
  await bench.stop();
});

test("a registry's signed time is a source of trust; the machine's own clock may be wrong by years", async () => {
  const bench = registrarBench({ clock: 'timesync' });
  const { registry, time } = bench;
  registry.aheadMs = 400 * dayMs;
  registry.script.push(async (request, jws) => {
    const reply = registry.usual(request, jws);
    await new Promise<void>((resolve) => void time.after(2000, resolve));
    return reply;
  });
  bench.start();
  assert.not(bench.clock?.isTrusted());
  await time.advance(2000);
  assert.ok(bench.clock?.isTrusted());
  // Signed at the start of the two seconds: half of them is the best guess.
  assert.is(bench.clock?.nowMs(), time.nowMs() + 400 * dayMs - 1000);
  // The monotonic clock carries it on, whatever happens to the other one.
  time.jump(-3000 * dayMs);
  await time.advance(hourMs);
  assert.ok(bench.clock?.isTrusted());
  assert.is(bench.clock?.nowMs(), Date.UTC(2026, 10, 21, 9) + 400 * dayMs + 1000);
  assert.ok(bench.state.trustedMs >= Date.UTC(2026, 10, 21, 9) + 400 * dayMs);
  await bench.stop();
});

test('a slow answer tells no time', async () => {
  const bench = registrarBench({ clock: 'timesync' });
  const { registry, time } = bench;
  registry.script.push(async (request, jws) => {
    await new Promise<void>((resolve) => void time.after(5001, resolve));
    return registry.usual(request, jws);
  });
  await bench.boot();
  assert.is(bench.standing().state, 'active');
  assert.not(bench.clock?.isTrusted());
  await bench.stop();
});

test('an answer that is not believed tells no time', async () => {
  const bench = registrarBench({ clock: 'timesync' });
  bench.registry.script.push(bench.registry.says({ nonce: Buffer.alloc(16, 99).toString('base64url') }));
  bench.start();
  await bench.time.advance(secondMs);
  assert.not(bench.clock?.isTrusted());
  await bench.stop();
});

function clockSetUp(mode: 'system' | 'timesync', keptMs = 0) {
  const time = new VirtualTime();
  const { log, matching } = recordingLog();
  const state = { keptMs, synchronised: false };
  const clock = createTrustedClock({
    clock: time,
    timers: time,
    journal: {
      latestTrustedMs: () => state.keptMs,
      noteTrustedTime(nowMs) {
        state.keptMs = Math.max(state.keptMs, nowMs);
      },
    },
    mode,
    synchronised: () => state.synchronised,
    log,
  });
  clock.start();
  return { time, clock, state, matching };
}

test('never an earlier time than the latest trusted one, whoever signed it', async () => {
  const keptMs = Date.UTC(2027, 0, 1);
  const { time, clock, state, matching } = clockSetUp('timesync', keptMs);
  clock.learn({ atMs: keptMs - 6000, roundTripMs: 0 });
  assert.not(clock.isTrusted());
  assert.is(clock.nowMs(), keptMs);
  assert.is(matching(/earlier time than the latest trusted/).length, 1);
  clock.learn({ atMs: keptMs - 4000, roundTripMs: 0 });
  assert.ok(clock.isTrusted());
  assert.is(clock.nowMs(), keptMs);
  await time.advance(10_000);
  assert.is(clock.nowMs(), keptMs + 6000);
  assert.is(state.keptMs, keptMs + 6000);
  clock.stop();
  assert.is(time.pending, 0);
});

test('once the machine has the time from its own source, that counts; a difference is told', async () => {
  const { time, clock, state, matching } = clockSetUp('timesync');
  clock.learn({ atMs: time.nowMs() + 3000, roundTripMs: 100 });
  assert.is(clock.nowMs(), time.nowMs() + 3050);
  state.synchronised = true;
  await time.advance(secondMs);
  assert.is(clock.nowMs(), state.keptMs, 'a little behind is forgiven and waited for');
  assert.ok(clock.isTrusted());
  await time.advance(10 * secondMs);
  assert.is(clock.nowMs(), time.nowMs());
  clock.learn({ atMs: time.nowMs() + hourMs, roundTripMs: 100 });
  assert.is(clock.nowMs(), time.nowMs());
  assert.is(matching(/differs from the registry/).length, 1);
  clock.stop();
  assert.is(time.pending, 0);
});

test("a machine whose clock is right by config learns nothing from the registry's", () => {
  const { time, clock, matching } = clockSetUp('system');
  for (const roundTripMs of [100, Number.NaN, 6000]) clock.learn({ atMs: time.nowMs() + dayMs, roundTripMs });
  assert.is(clock.nowMs(), time.nowMs());
  assert.is(matching(/differs from the registry/).length, 1);
  clock.learn({ atMs: time.nowMs() - dayMs, roundTripMs: 100 });
  assert.is(matching(/earlier time/).length, 0);
  clock.stop();
});

test.run();
