/** The emulator around the firmware: its time, its measuring, its wires. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isSwipeError } from '../gateway/seams/error.ts';
import { colourName, describeLed } from '../gateway/simulators/panel/describe.ts';
import { readPanelFirmware } from '../gateway/simulators/panel/firmware.ts';
import { programIn } from '../gateway/simulators/panel/hex.ts';
import type { LedChange } from '../gateway/simulators/panel/led-history.ts';
import { emulatedPanelLink } from '../gateway/simulators/panel/link.ts';
import { createEmulatedPanel } from '../gateway/simulators/panel/panel.ts';
import { PwmMeter, pwmPeriodCycles } from '../gateway/simulators/panel/pwm-meter.ts';
import { PanelTransport } from '../gateway/simulators/panel/transport.ts';
import { bits14, own, reportVersion, sysex } from './firmware/bench.ts';
import { VirtualTime } from './support/virtual-time.ts';

const test = suite('emulated-panel');
const hex = readPanelFirmware();

test('keeps up with the time that is handed in, and never runs ahead', async () => {
  const time = new VirtualTime();
  const panel = createEmulatedPanel({ hex, time });
  await time.advance(500);
  assert.is(panel.nowMs, 0, 'not started yet');
  panel.start();
  for (const ms of [1, 5, 10, 333, 1000]) {
    await time.advance(ms);
    const behindMs = time.monotonicMs() - 500 - panel.nowMs;
    assert.ok(behindMs > -0.01 && behindMs <= 10, `${behindMs} ms behind`);
  }
  panel.stop();
  const stoppedMs = panel.nowMs;
  await time.advance(1000);
  assert.is(panel.nowMs, stoppedMs);
  assert.is(time.pending, 0, 'nothing is left behind');
  panel.start();
  await time.advance(100);
  assert.ok(panel.nowMs - stoppedMs >= 90 && panel.nowMs - stoppedMs <= 100);
  panel.stop();
});

test('a byte that waits while the panel answers is not lost', () => {
  const panel = createEmulatedPanel({ hex });
  const heard: number[] = [];
  panel.listen((bytes) => heard.push(...bytes));
  panel.run(300);
  heard.length = 0;
  panel.write(Uint8Array.from([0xf0, 0x79, 0xf7, 0xf0, 0x02, 0xf7]));
  panel.run(300);
  const answers = heard.flatMap((byte, at) => (byte === 0xf0 ? [heard[at + 1]] : []));
  assert.equal(answers, [0x79, 0x02]);
});

test('after a standstill of the machine it catches up with a second at most', () => {
  let nowMs = 0;
  let due: (() => void) | null = null;
  const panel = createEmulatedPanel({
    hex,
    time: {
      nowMs: () => nowMs,
      monotonicMs: () => nowMs,
      after: (_, run) => {
        due = run;
        return () => {};
      },
    },
  });
  const fire = (): void => (due as (() => void) | null)?.();
  panel.start();
  nowMs = 700;
  fire();
  assert.ok(Math.abs(panel.nowMs - 700) < 0.01, 'a late step is made up for');
  nowMs = 60_000;
  fire();
  assert.ok(Math.abs(panel.nowMs - 1700) < 0.01, `${panel.nowMs}`);
  nowMs += 10;
  fire();
  assert.ok(Math.abs(panel.nowMs - 1710) < 0.01, 'and what is lost is lost');
  panel.stop();
});

test('what is written or pressed now takes effect now, not where the panel had got to', async () => {
  const time = new VirtualTime();
  const panel = createEmulatedPanel({ hex, time });
  panel.start();
  await time.advance(1500);
  // Half a step later: the panel is behind.
  await time.advance(5);
  panel.write(Uint8Array.from([0xf4, 9, 1, 0xf5, 9, 1, ...sysex(own.heartbeat, ...bits14(5000))]));
  await time.advance(20);
  const { atMs, red } = panel.ledHistory.at(-1) as LedChange;
  assert.is(red, 255);
  // 11 bytes of 0.174 ms each, and the sketch.
  assert.ok(atMs >= 1505 + 1.9 && atMs < 1505 + 4, `${atMs}`);
  panel.stop();
});

test('the link delivers both ways, has one user, and can be cut', async () => {
  const time = new VirtualTime();
  const panel = createEmulatedPanel({ hex, time });
  panel.start();
  const link = emulatedPanelLink(panel, time);
  await time.advance(100);
  const heard: number[] = [];
  const closed: string[] = [];
  const opening = link.open({ data: (bytes) => heard.push(...bytes), closed: (why) => closed.push(why) });
  await time.advance(1);
  const connection = await opening;
  connection.write(Uint8Array.of(reportVersion));
  await time.advance(30);
  assert.equal(heard, [reportVersion, 2, 5]);
  const second = link.open({ data() {}, closed() {} }).then(
    () => null,
    (error: unknown) => error,
  );
  await time.advance(1);
  assert.ok(isSwipeError(await second, 'linkFailed'));
  link.cut('noticed');
  await time.advance(1);
  assert.is(closed.length, 1);
  const again = link.open({ data: (bytes) => heard.push(...bytes), closed() {} });
  await time.advance(1);
  (await again).write(Uint8Array.of(reportVersion));
  await time.advance(30);
  assert.is(heard.length, 6);
  panel.stop();
});

test('the transport opens, carries bytes, and calls back when they are in', async () => {
  const time = new VirtualTime();
  const panel = createEmulatedPanel({ hex, time });
  panel.start();
  await time.advance(100);
  const transport = new PanelTransport(panel, time);
  const events: string[] = [];
  const heard: number[] = [];
  transport.on('open', () => events.push('open'));
  transport.on('close', () => events.push('close'));
  transport.on('data', (bytes: Buffer) => heard.push(...bytes));
  let failed: unknown = null;
  transport.write([reportVersion], (error) => {
    failed = error;
  });
  assert.instance(failed, Error, 'not open yet');
  await time.advance(1);
  const wroteMs = time.monotonicMs();
  let doneMs = 0;
  transport.write(Buffer.alloc(576, 0x33), () => {
    doneMs = time.monotonicMs();
  });
  transport.write([reportVersion]);
  await time.advance(200);
  assert.ok(doneMs - wroteMs >= 100 && doneMs - wroteMs <= 110, `576 bytes took ${doneMs - wroteMs} ms`);
  assert.equal(heard, [reportVersion, 2, 5]);
  transport.close();
  transport.close();
  assert.equal(events, ['open', 'close']);
  panel.write(Uint8Array.of(reportVersion));
  await time.advance(50);
  assert.is(heard.length, 3);
  panel.stop();
});

test('a firmware that is damaged is refused, with the line', () => {
  const lines = hex.trimEnd().split(/\r?\n/);
  const refusal = (text: string): string => {
    try {
      programIn(text);
      return 'taken';
    } catch (error) {
      return isSwipeError(error, 'scriptInvalid') ? error.message : 'another error';
    }
  };
  assert.is(programIn(hex).length, 32_768);
  assert.match(refusal(lines.slice(0, -1).join('\n')), /no end record/);
  assert.match(refusal(''), /no end record/);
  assert.match(refusal(['nonsense', ...lines].join('\n')), /line 1 is no record/);
  const flipped = lines.map((line, index) =>
    index === 2 ? line.replace(/.$/, (digit) => (digit === '0' ? '1' : '0')) : line,
  );
  assert.match(refusal(flipped.join('\n')), /line 3 has a wrong checksum/);
  assert.match(refusal(':0100000000FE\n'), /line 1 has a wrong checksum/);
  assert.match(refusal(':020000021000EC\n'), /line 1 has type 2/);
  assert.match(refusal(':02FFFE000000FF00\n'), /line 1 has a wrong (length|checksum)/);
});

test('a PWM value counts from its edges, and a cut pulse is none', () => {
  const told: [number, number][] = [];
  const meter = new PwmMeter((value, sinceCycle) => told.push([value, sinceCycle]));
  for (let period = 1; period <= 5; period += 1) {
    meter.edge(true, period * pwmPeriodCycles);
    meter.edge(false, period * pwmPeriodCycles + 64 * 100);
  }
  // Turned off in the middle of a pulse.
  meter.edge(true, 6 * pwmPeriodCycles);
  meter.edge(false, 6 * pwmPeriodCycles + 64 * 40);
  meter.settle(9 * pwmPeriodCycles);
  assert.equal(told, [
    [100, pwmPeriodCycles],
    [0, 6 * pwmPeriodCycles + 64 * 40],
  ]);
  meter.edge(true, 20 * pwmPeriodCycles);
  meter.settle(22 * pwmPeriodCycles);
  assert.equal(told.at(-1), [255, 20 * pwmPeriodCycles]);
});

test('hues have names, whatever their brightness', () => {
  for (const [red, green, blue, name] of [
    [0, 0, 0, 'off'],
    [24, 24, 24, 'white'],
    [255, 0, 0, 'red'],
    [0, 160, 0, 'green'],
    [0, 40, 255, 'blue'],
    [255, 90, 0, 'amber'],
    [200, 200, 0, 'yellow'],
    [220, 0, 200, 'magenta'],
    [0, 9, 9, 'cyan'],
  ] as const)
    assert.is(colourName({ red, green, blue }), name);
});

/** Changes of a rhythm in one colour, from 0 on. */
function played(
  flashes: readonly (readonly [number, number])[],
  untilMs: number,
  colour = { red: 255, green: 0, blue: 0 },
) {
  const changes: LedChange[] = [];
  for (let atMs = 0; ; )
    for (const [onMs, offMs] of flashes) {
      if (atMs > untilMs) return changes.filter((change) => change.atMs <= untilMs);
      changes.push({ atMs, ...colour }, { atMs: atMs + onMs, red: 0, green: 0, blue: 0 });
      atMs += onMs + offMs;
    }
}

test('a rhythm is told by its flashes and its period', () => {
  const rhythm = [
    [900, 250],
    [200, 1300],
  ] as const;
  // Wherever one looks, it begins after the longest dark.
  for (const nowMs of [7_000, 8_000, 8_950, 9_500])
    assert.is(describeLed(played(rhythm, nowMs), nowMs).text, 'red, 2 flashes every 2.6 s: 900 200 ms');
  const even = describeLed(played([[300, 300]], 5_000), 5_000);
  assert.equal([even.flashes.length, even.periodMs], [1, 600]);
  assert.is(even.text, 'red, a flash every 0.6 s: 300 ms');
});

test('steady, dark, and not yet known', () => {
  const green = { red: 0, green: 160, blue: 0 };
  assert.is(describeLed([], 0).text, 'off');
  assert.is(describeLed([{ atMs: 0, ...green }], 10_000).text, 'green, steady');
  assert.is(describeLed([{ atMs: 0, ...green }], 100).text, 'green, changing');
  assert.is(describeLed([{ atMs: 0, red: 0, green: 0, blue: 0 }], 10_000).text, 'off');
  // A new rhythm in another colour does not take over the old one's flashes.
  const changes = played([[200, 300]], 4_000);
  const lastMs = changes.at(-1)?.atMs ?? 0;
  assert.match(
    describeLed([...changes, { atMs: lastMs + 300, ...green }], lastMs + 400).text,
    /green, changing/,
  );
});

test('the real firmware is described as what it shows', () => {
  const panel = createEmulatedPanel({ hex });
  panel.run(4_500);
  assert.is(describeLed(panel.ledHistory, panel.nowMs).text, 'white, a flash every 1.0 s: 60 ms');
  panel.run(8_000);
  assert.is(describeLed(panel.ledHistory, panel.nowMs).text, 'red, 2 flashes every 2.0 s: 100 100 ms');
});

test.run();
