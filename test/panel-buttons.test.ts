import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  actionOf,
  type ButtonName,
  buttonNames,
  longMs,
  moveHand,
  noHand,
  type PressKind,
  togetherMs,
} from '../gateway/panel/buttons.ts';

const test = suite('panel buttons');

type Move = [atMs: number, button: ButtonName, isDown: boolean];

/** Plays moves on time, waking the hand when it asks for that; each press with the moment at which it counted. */
function play(moves: readonly Move[], endMs = 60_000): [PressKind, number][] {
  const presses: [PressKind, number][] = [];
  let hand = noHand;
  let wakeAtMs: number | null = null;
  const step = (moved: { button: ButtonName; isDown: boolean } | null, nowMs: number): void => {
    const next = moveHand(hand, moved, nowMs);
    hand = next.hand;
    wakeAtMs = next.wakeAtMs;
    if (next.press !== null) presses.push([next.press, nowMs]);
  };
  const wakeUntil = (untilMs: number): void => {
    while (wakeAtMs !== null && wakeAtMs <= untilMs) step(null, wakeAtMs);
  };
  for (const [atMs, button, isDown] of moves) {
    wakeUntil(atMs);
    step({ button, isDown }, atMs);
  }
  wakeUntil(endMs);
  return presses;
}

test('red counts at once, whether it is tapped or held', () => {
  assert.equal(play([[0, 'abort', true]]), [['abort', togetherMs]]);
  assert.equal(
    play([
      [0, 'abort', true],
      [20, 'abort', false],
    ]),
    [['abort', 20]],
  );
  assert.equal(
    play([
      [0, 'abort', true],
      [9_000, 'abort', false],
      [9_500, 'abort', true],
    ]),
    [
      ['abort', togetherMs],
      ['abort', 9_500 + togetherMs],
    ],
  );
});

test('white counts when it is let go, or once it was held for long', () => {
  assert.equal(
    play([
      [0, 'info', true],
      [longMs - 1, 'info', false],
    ]),
    [['infoShort', longMs - 1]],
  );
  assert.equal(
    play([
      [0, 'info', true],
      [9_000, 'info', false],
    ]),
    [['infoLong', longMs]],
  );
});

test('both together are one press, and nothing more until both are up', () => {
  for (const [first, second] of [
    ['abort', 'info'],
    ['info', 'abort'],
  ] as const)
    assert.equal(
      play([
        [0, first, true],
        [40, second, true],
        [100, first, false],
        [200, first, true],
        [5_000, first, false],
        [5_100, second, false],
      ]),
      [['both', 40]],
    );
});

test('white while red is held counts for nothing: the abort was meant', () => {
  assert.equal(
    play([
      [0, 'abort', true],
      [500, 'info', true],
      [600, 'info', false],
      [700, 'abort', false],
    ]),
    [['abort', togetherMs]],
  );
});

test('red with anything aborts what runs', () => {
  assert.equal(actionOf('both', true), { button: 'abort', action: 'abort' });
  assert.equal(actionOf('both', false), { button: 'both', action: 'identify' });
  for (const isRunning of [true, false]) {
    assert.is(actionOf('abort', isRunning).action, 'abort');
    assert.is(actionOf('infoShort', isRunning).action, 'receipt');
    assert.is(actionOf('infoLong', isRunning).action, 'totals');
  }
});

test('whatever two hands do: one press for each touch, and a touch that begins with red is never lost', () => {
  const moves = fc.array(
    fc.record({
      afterMs: fc.integer({ min: 0, max: 3_000 }),
      button: fc.constantFrom(...buttonNames),
      isDown: fc.boolean(),
    }),
    { maxLength: 30 },
  );
  fc.assert(
    fc.property(moves, (wild) => {
      const down = new Set<ButtonName>();
      const begunBy: ButtonName[] = [];
      let atMs = 0;
      const played = wild.map(({ afterMs, button, isDown }): Move => {
        atMs += afterMs;
        if (isDown && down.size === 0) begunBy.push(button);
        if (isDown) down.add(button);
        else down.delete(button);
        return [atMs, button, isDown];
      });
      const presses = play(played, atMs + 60_000).map(([press]) => press);
      assert.is(presses.length, begunBy.length);
      for (const [place, button] of begunBy.entries())
        if (button === 'abort') assert.ok(presses[place] === 'abort' || presses[place] === 'both');
    }),
    { numRuns: 500 },
  );
});

test.run();
