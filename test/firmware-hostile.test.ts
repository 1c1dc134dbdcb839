/** What must not harm the panel: noise, floods, messages without an end. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  Bench,
  bits14,
  endSysex,
  own,
  randomBytes,
  reportVersion,
  startSysex,
  sysex,
} from './firmware/bench.ts';

const test = suite('firmware-hostile');

// A million takes some 15 s; CI and soak runs take the time.
const noiseBytes = process.env.SWIPE_TEST_ALL === '1' || process.env.SWIPE_SOAK === '1' ? 1_000_000 : 200_000;

/** It answers, its buttons are heard, and its LED does what it is told. */
function demandWell(bench: Bench): void {
  // Ends what the noise may have begun.
  bench.say([endSysex], 30);
  assert.equal(bench.ask([reportVersion]), [[reportVersion, 2, 5]]);
  bench.beat(16_000);
  bench.colour(10, 20, 30);
  assert.equal(bench.panel.colour, { red: 10, green: 20, blue: 30 });
  bench.say([0xd0, 1], 5);
  bench.heard.length = 0;
  bench.panel.press('abort');
  bench.panel.run(120);
  assert.equal(bench.heard, [
    [0x90, 0b1000, 0],
    [0x90, 0b1100, 0],
  ]);
}

test(`${noiseBytes.toLocaleString('en')} random bytes at full speed, and it still answers`, () => {
  const bench = new Bench();
  const random = randomBytes(4);
  for (let left = noiseBytes; left > 0; left -= 10_000) {
    bench.say(Array.from({ length: 10_000 }, () => random.next().value));
    bench.heard.length = 0;
  }
  const { resetCause, dropped } = bench.state();
  assert.is(resetCause, 1, 'the watchdog had no work');
  assert.ok(dropped > 1000, `only ${dropped} dropped: was it noise?`);
  demandWell(bench);
});

test('noise of bytes that mean something', () => {
  const bench = new Bench();
  const random = randomBytes(5);
  const known = [
    0xf0, 0xf7, 0x01, 0x02, 0x03, 0x04, 0x69, 0x6b, 0x6d, 0x6f, 0x79, 0xf4, 0x90, 0xd0, 0xe9, 0xff,
  ];
  for (let left = 50_000; left > 0; left -= 5_000) {
    bench.say(Array.from({ length: 5_000 }, () => known[random.next().value & 15] as number));
    bench.heard.length = 0;
  }
  assert.is(bench.state().resetCause, 1);
  demandWell(bench);
});

test('a sysex of 64 bytes is taken, a longer one is dropped whole and counted', () => {
  const bench = new Bench();
  const long = (length: number): number[] => sysex(0x0f, ...Array<number>(length - 1).fill(0x55));
  bench.say(long(64));
  assert.is(bench.state().dropped, 0);
  bench.say(long(65));
  assert.is(bench.state().dropped, 1);
  bench.say(long(10_000));
  assert.is(bench.state().dropped, 2);
  // The end of a long one must not be taken for a message of its own.
  bench.say([startSysex, ...Array<number>(70).fill(0), own.heartbeat, ...bits14(500), endSysex]);
  assert.is(bench.state().isTakenOver, true);
  demandWell(bench);
});

test('a sysex without an end does not swallow what follows', () => {
  const bench = new Bench();
  bench.say([startSysex, 0x0f, 1, 2, 3]);
  assert.equal(bench.ask([reportVersion]), [[reportVersion, 2, 5]]);
  bench.say([startSysex, ...Array<number>(5_000).fill(0x22)]);
  assert.equal(bench.ask([reportVersion]), [[reportVersion, 2, 5]]);
  assert.is(bench.state().dropped, 2);
});

test('a message of half a second is still one', () => {
  const bench = new Bench();
  for (const byte of sysex(own.version).slice(0, -1)) bench.say([byte], 200);
  assert.equal(bench.ask([endSysex]), [sysex(own.version, 1, 0, 1, 0, 0)]);
});

test('a flood of questions: what it cannot take is lost, what it answers is whole', () => {
  const bench = new Bench();
  const question = [...sysex(0x6b), ...sysex(own.version), reportVersion];
  bench.say(Array.from({ length: 500 }, () => question).flat(), 100);
  assert.ok(bench.heard.length > 50);
  for (const message of bench.heard) assert.ok(isKnown(message), message.join(' '));
  assert.is(bench.state().resetCause, 1);
  demandWell(bench);
});

test('the patterns and the buttons go on under a stream without end', () => {
  const bench = new Bench();
  bench.say([0xd0, 1], 5);
  bench.heard.length = 0;
  bench.panel.write(new Uint8Array(30_000).fill(0x33));
  bench.panel.run(1_000);
  bench.panel.press('info');
  bench.panel.run(3_900);
  assert.equal(bench.heard.slice(0, 2), [
    [0x90, 0b0100, 0],
    [0x90, 0b1100, 0],
  ]);
  const flashes = bench.panel.ledHistory
    .filter(({ red }) => red > 0)
    .map(({ atMs }) => Math.round(atMs / 10) * 10);
  assert.equal(flashes, [0, 1000, 2000, 3000, 4000]);
});

/** Whether a message is one of those that were asked for, to the last byte. */
function isKnown(message: readonly number[]): boolean {
  const text = message.join(' ');
  return [[reportVersion, 2, 5], sysex(own.version, 1, 0, 1, 0, 0), capabilities].some(
    (known) => known.join(' ') === text,
  );
}

const capabilities = new Bench().ask(sysex(0x6b))[0] ?? [];

test.run();
