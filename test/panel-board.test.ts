/** The panel of the gateway on the real firmware in an emulated chip: what is measured at its pins. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { gatewayDown, type Pattern, patterns } from '../gateway/panel/patterns.ts';
import { signals } from '../gateway/panel/signals.ts';
import { PanelBench } from './support/panel-bench.ts';

const test = suite('panel board');

/** Flashes as they were measured within the last milliseconds, the first and the last one left out: they may be cut. */
function measured({ chip }: PanelBench, lastMs: number): { on: number[]; off: number[]; colours: string[] } {
  const changes = chip.ledHistory.filter(({ atMs }) => atMs > chip.nowMs - lastMs);
  const spans = changes.slice(0, -1).map((change, place) => ({
    ms: (changes[place + 1]?.atMs ?? 0) - change.atMs,
    colour: `${change.red} ${change.green} ${change.blue}`,
  }));
  const dark = '0 0 0';
  return {
    on: spans.filter(({ colour }) => colour !== dark).map(({ ms }) => ms),
    off: spans.filter(({ colour }) => colour === dark).map(({ ms }) => ms),
    colours: [...new Set(spans.map(({ colour }) => colour).filter((colour) => colour !== dark))],
  };
}

/** Whether the LED does what the table says: the same flashes in the same order, to 15 ms, and the colour to one step of the PWM. */
function assertShows(bench: PanelBench, pattern: Pattern): void {
  const periodMs = pattern.rhythm.flat().reduce((sum, ms) => sum + ms, 0);
  const { on, off, colours } = measured(bench, 2 * periodMs + 200);
  const expected = [...pattern.rhythm, ...pattern.rhythm, ...pattern.rhythm];
  const fits = (kind: 0 | 1, found: number[]): boolean =>
    pattern.rhythm.some((_, from) =>
      found.every((ms, place) => Math.abs(ms - (expected[from + place]?.[kind] ?? 0)) < 15),
    );
  assert.ok(on.length >= pattern.rhythm.length, `${pattern.name}: ${on.length} flashes`);
  assert.ok(fits(0, on), `${pattern.name}: on ${on}`);
  assert.ok(fits(1, off), `${pattern.name}: off ${off}`);
  assert.equal(colours, [pattern.colour.join(' ')], pattern.name);
}

const absent = { state: 'absent', vendor: null, model: null, software: null, id: null } as const;

test('patterns as they are measured at the pins', async () => {
  const bench = new PanelBench();
  await bench.start();
  await bench.time.advance(1_000);
  const [red, green, blue] = patterns.ready.colour;
  assert.equal(bench.chip.colour, { red, green, blue });

  bench.show({ status: { operation: { id: 'operation-1', state: 'running' } }, progress: 'pin' });
  await bench.time.advance(4_500);
  assertShows(bench, patterns.waitingForCard);

  bench.show({ progress: 'authorising' });
  await bench.time.advance(2_000);
  assertShows(bench, patterns.authorising);

  bench.show({ status: { operation: null, unresolved: ['operation-1'] } });
  await bench.time.advance(8_000);
  assertShows(bench, patterns.unknown);

  bench.show({ status: { unresolved: [], terminal: absent } });
  await bench.time.advance(6_500);
  assertShows(bench, patterns.terminalAbsent);
  await bench.stop();
});

test('an end is shown for five seconds and told once', async () => {
  const bench = new PanelBench();
  await bench.start();
  bench.show({ lastOutcome: { outcome: 'approved', atMs: bench.time.monotonicMs() + 1 } });
  bench.show({ lastOutcome: { outcome: 'approved', atMs: bench.time.monotonicMs() + 1 } });
  await bench.time.advance(4_900);
  assert.is(bench.chip.tones.length, signals.approved.length);
  for (const [place, tone] of signals.approved.entries()) {
    const heard = bench.chip.tones[place];
    assert.ok(Math.abs((heard?.frequencyHz ?? 0) / tone.frequencyHz - 1) < 0.03, `${heard?.frequencyHz}`);
    assert.ok(Math.abs((heard?.durationMs ?? 0) - tone.ms) < 10, `${heard?.durationMs}`);
  }
  assert.ok(measured(bench, 4_500).on.length > 2);
  await bench.time.advance(2_000);
  assert.equal(measured(bench, 1_500).on, [], 'steady again');
  await bench.stop();
});

test('what ended before the panel was first looked at is not told', async () => {
  const bench = new PanelBench();
  bench.show({ lastOutcome: { outcome: 'declined', atMs: -1 } });
  await bench.start();
  await bench.time.advance(500);
  assert.equal(bench.chip.tones, []);
  await bench.stop();
});

test('when the gateway has gone the panel says so by itself, in its own rhythm', async () => {
  const bench = new PanelBench();
  await bench.start();
  await bench.stop();
  bench.chip.run(9_000);
  assertShows(bench, gatewayDown);
});

test('a line that falls silent is found out, and the LED is given back', async () => {
  const bench = new PanelBench();
  await bench.start();
  const cutMs = bench.chip.nowMs;
  bench.link.cut('silent');
  await bench.untilState('absent');
  await bench.untilState('ready');
  await bench.time.advance(100);
  const [red, green, blue] = patterns.ready.colour;
  assert.equal(bench.chip.colour, { red, green, blue });
  assert.ok(bench.chip.ledHistory.some(({ atMs, red: level }) => atMs > cutMs && level === 255));
  assert.equal(bench.states, ['ready', 'absent', 'ready']);
  await bench.stop();
});

test('pulled out and plugged in again: it shows what is to be shown now', async () => {
  const bench = new PanelBench();
  await bench.start();
  bench.link.cut('noticed');
  await bench.time.advance(10);
  assert.is(bench.panel.state(), 'absent');
  bench.show({ status: { operation: { id: 'operation-1', state: 'running' } }, progress: null });
  await bench.untilState('ready');
  await bench.time.advance(2_000);
  assertShows(bench, patterns.authorising);
  await bench.stop();
});

test('a panel that restarts is set up again within a second', async () => {
  const bench = new PanelBench();
  await bench.start();
  await bench.time.advance(3_000);
  bench.show({ status: { operation: { id: 'operation-1', state: 'running' } }, progress: null });
  bench.chip.reset();
  await bench.time.advance(1_000);
  const from = bench.chip.nowMs;
  await bench.time.advance(2_000);
  assert.ok(bench.chip.ledHistory.some(({ atMs, blue }) => atMs > from && blue > 0));
  assertShows(bench, patterns.authorising);
  assert.equal(bench.complaints, ['the panel has restarted']);
  assert.equal(bench.states, ['ready']);
  await bench.stop();
});

test('a panel that hangs is restarted by its own watchdog', async () => {
  const bench = new PanelBench();
  await bench.start();
  await bench.time.advance(3_000);
  bench.chip.hang();
  await bench.time.advance(8_000);
  await bench.untilState('ready');
  await bench.time.advance(100);
  const [red, green, blue] = patterns.ready.colour;
  assert.equal(bench.chip.colour, { red, green, blue });
  await bench.stop();
});

test('a tap counts though the gateway was held up for longer than it lasted', async () => {
  const bench = new PanelBench();
  await bench.start();
  await bench.time.advance(100);
  for (const button of ['abort', 'info'] as const) {
    bench.chip.press(button);
    // The whole tap at once: its down and its up come in one go.
    bench.chip.run(500);
    await bench.time.advance(1_000);
  }
  assert.equal(bench.presses, ['abort abort', 'info receipt']);
  await bench.stop();
});

test('nothing is left to be done when it has stopped', async () => {
  const bench = new PanelBench();
  await bench.start();
  bench.show({ status: { operation: { id: 'operation-1', state: 'running' } } });
  await bench.stop();
  await bench.time.advance(100);
  assert.is(bench.time.pending, 0);
});

test.run();
