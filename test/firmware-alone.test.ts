/** What the panel does on its own: without a gateway, after one has died, after the sketch itself hung. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { describeLed } from '../gateway/simulators/panel/describe.ts';
import { Bench, bits14, own, reportIn, sysex } from './firmware/bench.ts';

const test = suite('firmware-alone');

const red = { red: 255, green: 0, blue: 0 };
const off = { red: 0, green: 0, blue: 0 };
const causes = { powerOn: 1, external: 2, watchdog: 8 };

/** The changes of the LED since a moment, as times from that moment and colours. */
function changesSince(bench: Bench, fromMs: number) {
  return bench.panel.ledHistory
    .filter(({ atMs }) => atMs >= fromMs)
    .map(({ atMs, red, green, blue }) => ({ afterMs: atMs - fromMs, colour: { red, green, blue } }));
}

function near(actual: number | undefined, wanted: number, tolerance: number, what: string): void {
  assert.ok(
    actual !== undefined && Math.abs(actual - wanted) <= tolerance,
    `${what}: ${actual}, wanted ${wanted}`,
  );
}

test('without a gateway: a dim white flash each second, after five seconds gateway down', () => {
  const bench = new Bench({ isFresh: true });
  bench.panel.run(9_600);
  const changes = changesSince(bench, 0);
  const dim = { red: 24, green: 24, blue: 24 };
  const wanted = [0, 1000, 2000, 3000, 4000].flatMap((atMs) => [
    { afterMs: atMs, colour: dim },
    { afterMs: atMs + 60, colour: off },
  ]);
  for (const fromMs of [5000, 7000, 9000])
    for (const flashMs of [0, 250])
      wanted.push(
        { afterMs: fromMs + flashMs, colour: red },
        { afterMs: fromMs + flashMs + 100, colour: off },
      );
  assert.equal(
    changes.map(({ colour }) => colour),
    wanted.map(({ colour }) => colour),
  );
  for (const [index, { afterMs }] of wanted.entries())
    near(changes[index]?.afterMs, afterMs, 4, `change ${index}`);
});

test('a lost heartbeat: the LED is taken over at the time-out, in its own rhythm, and the host is told', () => {
  const bench = new Bench();
  bench.beat(500);
  bench.colour(0, 160, 0);
  bench.beat(500);
  const beatMs = bench.panel.nowMs - 2;
  bench.heard.length = 0;
  bench.panel.run(6_600);
  const changes = changesSince(bench, beatMs);
  const flashes = [500, 750, 2500, 2750, 4500, 4750, 6500];
  near(changes[0]?.afterMs, 500, 4, 'taken over');
  for (const [index, startMs] of flashes.slice(0, 6).entries()) {
    near(changes[2 * index]?.afterMs, startMs, 5, `flash ${index}`);
    near(changes[2 * index + 1]?.afterMs, startMs + 100, 5, `end of flash ${index}`);
    assert.equal(changes[2 * index]?.colour, red, 'fully red: the duty at the pin is 1');
    assert.equal(changes[2 * index + 1]?.colour, off);
  }
  assert.equal(bench.heard.length, 1);
  const report = reportIn(bench.heard[0] ?? []);
  assert.ok(report.isTakenOver);
  assert.is(report.heartbeatsLost, 1);
});

test('the next heartbeat gives the LED back, with what was written meanwhile', () => {
  const bench = new Bench();
  bench.beat(200);
  bench.colour(0, 160, 0);
  bench.panel.run(1_000);
  assert.equal(bench.panel.colour, off);
  bench.colour(1, 2, 3);
  bench.panel.run(500);
  assert.equal(bench.panel.colour, off, 'remembered, not shown');
  bench.heard.length = 0;
  bench.beat(200);
  bench.panel.run(5);
  assert.equal(bench.panel.colour, { red: 1, green: 2, blue: 3 });
  assert.is(reportIn(bench.heard[0] ?? []).isTakenOver, false);
  assert.is(bench.state().heartbeatsLost, 1);
});

test('heartbeats in time keep it, and the time-out is at least 100 ms', () => {
  const bench = new Bench();
  bench.beat(1);
  bench.colour(9, 9, 9);
  for (let times = 0; times < 50; times += 1) {
    bench.beat(1);
    bench.panel.run(80);
    assert.equal(bench.panel.colour, { red: 9, green: 9, blue: 9 });
  }
  bench.beat(1);
  assert.is(bench.state().heartbeatsLost, 0);
  bench.panel.run(100);
  assert.ok(bench.state().isTakenOver);
});

test('a signal ends when the gateway does, and none is begun without one', () => {
  const bench = new Bench();
  const signal = sysex(own.signal, ...bits14(1000), ...bits14(2000));
  bench.say(signal, 50);
  assert.is(bench.panel.frequencyHz, 0);
  bench.beat(300);
  bench.say(signal, 100);
  assert.ok(bench.panel.frequencyHz > 0);
  bench.panel.run(300);
  assert.is(bench.panel.frequencyHz, 0);
  assert.ok((bench.panel.tones.at(-1)?.durationMs ?? 0) < 310);
});

test('the system reset of Firmata turns the LED off and leaves the heartbeat watched', () => {
  const bench = new Bench();
  bench.beat(300);
  bench.colour(0, 0, 99);
  bench.say([0xff], 5);
  assert.equal(bench.panel.colour, off);
  assert.is(bench.state().isTakenOver, false);
  bench.panel.run(400);
  assert.ok(bench.state().isTakenOver);
});

for (const interrupts of [true, false])
  test(`the watchdog resets a sketch that hangs with interrupts ${interrupts ? 'on' : 'off'}`, () => {
    const bench = new Bench();
    bench.beat(16_000);
    bench.colour(0, 160, 0);
    bench.panel.run(3_000);
    assert.is(bench.state().resetCause, causes.powerOn);
    bench.heard.length = 0;
    bench.panel.hang({ interrupts });
    const afterMs = bench.until(() => bench.heard.length > 0, 4_000, 5);
    // 2^18 cycles of its own oscillator of 128 kHz (data sheet DS40002061, table 11-2).
    assert.ok(afterMs > 1_900 && afterMs < 2_300, `reset after ${afterMs} ms`);
    bench.panel.run(20);
    assert.is(bench.state().resetCause, causes.watchdog);
    assert.is(bench.state().uptimeS, 0);
    assert.is(bench.state().isTakenOver, true, 'until the gateway says that it is there');
    bench.beat(500);
    bench.colour(0, 160, 0);
    assert.equal(bench.panel.colour, { red: 0, green: 160, blue: 0 });
  });

test('says why it was started, also when it is started again and again', () => {
  const bench = new Bench();
  assert.is(bench.state().resetCause, causes.powerOn);
  bench.panel.run(2_500);
  bench.panel.reset('external');
  bench.panel.run(30);
  assert.is(bench.state().resetCause, causes.external);
  bench.panel.hang();
  bench.panel.run(2_500);
  assert.is(bench.state().resetCause, causes.watchdog);
  bench.panel.reset('external');
  bench.panel.run(30);
  assert.is(bench.state().resetCause, causes.external, 'an old hang is not told again');
  bench.panel.reset('powerOn');
  bench.panel.run(30);
  assert.is(bench.state().resetCause, causes.powerOn);
});

test('a bootloader that clears the cause leaves a hang to be seen, and nothing else', () => {
  const bench = new Bench();
  bench.panel.bootloader = 'clearsCause';
  bench.panel.run(3_000);
  bench.panel.reset('external');
  bench.panel.run(30);
  assert.is(bench.state().resetCause, 0);
  bench.panel.hang();
  bench.panel.run(2_500);
  assert.is(bench.state().resetCause, causes.watchdog);
});

test('a minute without a gateway is dull', () => {
  const bench = new Bench();
  bench.panel.run(60_000);
  const before = describeLed(bench.panel.ledHistory, bench.panel.nowMs);
  assert.is(before.text, 'red, 2 flashes every 2.0 s: 100 100 ms');
  const { uptimeS, dropped, heartbeatsLost } = bench.state();
  assert.equal({ uptimeS, dropped, heartbeatsLost }, { uptimeS: 60, dropped: 0, heartbeatsLost: 0 });
});

test.run();
