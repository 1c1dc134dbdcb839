/** The committed firmware in an emulated chip: what it says in Firmata, and what is at its pins. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Bench, bits14, mode, own, pins, reportVersion, sysex } from './firmware/bench.ts';

const test = suite('firmware');

const nameMessage = sysex(0x79, 1, 0, ...[...Buffer.from('swipe-panel')].flatMap((code) => [code, 0]));

test('tells protocol and name when it starts, and when it is asked', () => {
  const bench = new Bench({ isFresh: true });
  bench.panel.run(20);
  assert.equal(bench.heard, [[reportVersion, 2, 5], nameMessage]);
  assert.equal(bench.ask([reportVersion]), [[reportVersion, 2, 5]]);
  assert.equal(bench.ask(sysex(0x79)), [nameMessage]);
});

test('tells its own protocol and version', () => {
  assert.equal(new Bench().ask(sysex(own.version)), [sysex(own.version, 1, 0, 1, 0, 0)]);
});

test('only the pins with something on them have modes, and none is analog', () => {
  const bench = new Bench();
  const modes = Array.from({ length: 20 }, (_, pin) => {
    if (pin === 2 || pin === 3) return [mode.input, 1, mode.pullup, 1, 0x7f];
    return (Object.values(pins) as number[]).includes(pin) ? [mode.output, 1, mode.pwm, 8, 0x7f] : [0x7f];
  });
  assert.equal(bench.ask(sysex(0x6b)), [sysex(0x6c, ...modes.flat())]);
  assert.equal(bench.ask(sysex(0x69)), [sysex(0x6a, ...Array<number>(20).fill(127))]);
});

test('pin modes are set as far as a pin has them', () => {
  const bench = new Bench();
  const stateOf = (pin: number) => bench.ask(sysex(0x6d, pin))[0]?.slice(2, -1);
  bench.say([0xf4, pins.red, mode.pwm, 0xf4, 2, mode.input, 0xf4, 13, mode.output, 0xf4, 11, mode.pwm]);
  bench.say([0xe0 | pins.red, ...bits14(200)]);
  assert.equal(stateOf(pins.red), [pins.red, mode.pwm, ...bits14(200)]);
  bench.say([0xf4, pins.red, 0x04, 0xf4, pins.red, mode.input]);
  assert.equal(stateOf(pins.red), [pins.red, mode.pwm, ...bits14(200)], 'a servo or an input it cannot be');
  assert.equal(stateOf(2), [2, mode.input, 1, 0], 'the pull-up is always on');
  assert.equal(stateOf(13), [13, mode.none, 0, 0]);
  assert.equal(stateOf(11), [11, mode.none, 0, 0], 'the piezo is no pin of the host');
});

test('a PWM value is the duty at the pin', () => {
  const bench = new Bench();
  bench.beat(16_000);
  for (const [red, green, blue] of [
    [0, 0, 0],
    [1, 2, 3],
    [255, 90, 0],
    [10, 128, 254],
    [255, 255, 255],
    [220, 0, 200],
    [0, 0, 1],
  ] as const) {
    bench.colour(red, green, blue);
    assert.equal(bench.panel.colour, { red, green, blue });
  }
});

test('every value of one channel is met, and leaves the others alone', () => {
  const bench = new Bench();
  bench.beat(16_000);
  bench.colour(0, 77, 13);
  for (let value = 255; value >= 0; value -= 1) {
    bench.say([0xe0 | pins.red, ...bits14(value)], 4);
    assert.equal(bench.panel.colour, { red: value, green: 77, blue: 13 });
  }
});

test('extended analog, digital pins and ports drive the same LED', () => {
  const bench = new Bench();
  bench.beat(16_000);
  bench.say([0xf4, pins.blue, mode.pwm, ...sysex(0x6f, pins.blue, ...bits14(150))], 5);
  assert.equal(bench.panel.colour, { red: 0, green: 0, blue: 150 });
  bench.say([0xf5, pins.red, 1], 5);
  assert.equal(bench.panel.colour, { red: 255, green: 0, blue: 150 });
  bench.say([0x91, 0b100, 0], 5);
  assert.equal(bench.panel.colour, { red: 0, green: 255, blue: 150 }, 'port 1: red off, green on');
  bench.say([0x90, 0, 0], 5);
  assert.equal(
    bench.panel.colour,
    { red: 0, green: 255, blue: 150 },
    'port 0 does not touch a pin that is PWM',
  );
  bench.say([0xff], 5);
  assert.equal(bench.panel.colour, { red: 0, green: 0, blue: 0 });
});

test('a button is reported once it was the same for 5 ms, however it bounces', () => {
  const bench = new Bench();
  assert.equal(bench.ask([0xd0, 1]), [[0x90, 0b1100, 0]]);
  for (const [button, bit] of [
    ['abort', 0b0100],
    ['info', 0b1000],
  ] as const) {
    bench.heard.length = 0;
    // Four bounces, each shorter than the debouncing; it lies still from 9.5 ms on.
    for (const [atMs, isDown] of [
      [0, true],
      [1.5, false],
      [2, true],
      [5.5, false],
      [9.5, true],
    ] as const)
      bench.panel.setButton(button, isDown, atMs);
    bench.panel.run(14.4);
    assert.equal(bench.heard, [], `${button}: too early`);
    const afterMs = 14.4 + bench.until(() => bench.heard.length > 0, 10, 0.1);
    assert.ok(afterMs > 14.5 && afterMs < 17.5, `${button}: reported after ${afterMs} ms`);
    assert.equal(bench.heard, [[0x90, 0b1100 & ~bit, 0]]);
    bench.panel.setButton(button, false);
    bench.panel.setButton(button, true, 3);
    bench.panel.setButton(button, false, 4);
    bench.panel.run(30);
    assert.equal(bench.heard, [
      [0x90, 0b1100 & ~bit, 0],
      [0x90, 0b1100, 0],
    ]);
  }
});

test('a spike on the wire is no press; both buttons together are both', () => {
  const bench = new Bench();
  bench.say([0xd0, 1], 5);
  bench.heard.length = 0;
  bench.panel.setButton('abort', true);
  bench.panel.setButton('abort', false, 3.5);
  bench.panel.run(40);
  assert.equal(bench.heard, []);
  bench.panel.setButton('abort', true);
  bench.panel.setButton('info', true);
  bench.panel.run(20);
  assert.equal(bench.heard, [[0x90, 0, 0]]);
  const { isAbortDown, isInfoDown } = bench.state();
  assert.ok(isAbortDown && isInfoDown);
});

test('reporting can be turned off, and other ports have nothing to report', () => {
  const bench = new Bench();
  assert.equal(bench.ask([0xd1, 1]), []);
  assert.equal(bench.ask([0xc0, 1]), []);
  bench.say([0xd0, 1]);
  bench.say([0xd0, 0]);
  bench.heard.length = 0;
  bench.panel.press('abort');
  bench.panel.run(200);
  assert.equal(bench.heard, []);
});

test('a signal has its frequency and its length, at most two seconds', () => {
  const bench = new Bench();
  bench.beat(16_000);
  const signal = (frequencyHz: number, durationMs: number) =>
    bench.say(sysex(own.signal, ...bits14(frequencyHz), ...bits14(durationMs)), 0);
  for (const frequencyHz of [31, 440, 1000, 2700, 4000, 12_000]) {
    signal(frequencyHz, 300);
    bench.panel.run(400);
    assert.is(bench.panel.frequencyHz, 0);
    const tone = bench.panel.tones.at(-1);
    assert.ok(Math.abs((tone?.frequencyHz ?? 0) / frequencyHz - 1) < 0.01, `${tone?.frequencyHz} Hz`);
    assert.ok(Math.abs((tone?.durationMs ?? 0) - 300) < 35, `${tone?.durationMs} ms`);
  }
  signal(1000, 16_383);
  bench.panel.run(3000);
  assert.ok(Math.abs((bench.panel.tones.at(-1)?.durationMs ?? 0) - 2000) < 5);
  signal(1000, 1000);
  bench.panel.run(100);
  assert.ok(bench.panel.frequencyHz > 990);
  signal(0, 0);
  bench.panel.run(50);
  assert.is(bench.panel.frequencyHz, 0);
});

test('a signal does not disturb the LED, nor the LED the signal', () => {
  const bench = new Bench();
  bench.beat(16_000);
  bench.colour(40, 80, 120);
  bench.say(sysex(own.signal, ...bits14(2000), ...bits14(500)), 100);
  assert.equal(bench.panel.colour, { red: 40, green: 80, blue: 120 });
  bench.colour(41, 81, 121);
  bench.panel.run(100);
  assert.equal(bench.panel.colour, { red: 41, green: 81, blue: 121 });
  assert.ok(Math.abs(bench.panel.frequencyHz - 2000) < 20);
});

test.run();
