import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { BoxStatus, ProgressStep } from '../gateway/contract/event.ts';
import type { Outcome } from '../gateway/contract/result.ts';
import { choose, outcomeShownMs } from '../gateway/panel/choice.ts';
import type { PanelView } from '../gateway/panel/panel.ts';
import {
  type Flash,
  framesOf,
  gatewayDown,
  identifyFrames,
  type Pattern,
  patterns,
} from '../gateway/panel/patterns.ts';
import { drawPatterns } from '../gateway/panel/picture.ts';
import { signals } from '../gateway/panel/signals.ts';

const test = suite('panel patterns');

const table: readonly Pattern[] = Object.values(patterns);
const all: readonly Pattern[] = [...table, gatewayDown];

/** Lengths that a person tells apart at a glance: at least twice as long, and a quarter of a second more. */
const isPlainlyLonger = (one: number, other: number): boolean => one >= 2 * other && one - other >= 250;
const differs = (one: number, other: number): boolean =>
  isPlainlyLonger(one, other) || isPlainlyLonger(other, one);
const rotations = (rhythm: readonly Flash[]): Flash[][] =>
  rhythm.map((_, place) => [...rhythm.slice(place), ...rhythm.slice(0, place)]);

/** However the two are laid over each other, some flash or some dark is plainly longer in one of them. */
const isToldApart = (one: readonly Flash[], other: readonly Flash[]): boolean =>
  one.length !== other.length ||
  rotations(one).every((turned) =>
    turned.some(([onMs, offMs], place) => {
      const [otherOnMs, otherOffMs] = other[place] as Flash;
      return differs(onMs, otherOnMs) || differs(offMs, otherOffMs);
    }),
  );

test('every two rhythms are told apart without colour, the firmware’s own among them', () => {
  const alike = all.flatMap((one, place) =>
    all
      .slice(place + 1)
      .filter((other) => !isToldApart(one.rhythm, other.rhythm))
      .map((other) => `${one.name} looks like ${other.name}`),
  );
  assert.equal(alike, []);
});

test('the comparison itself sees likeness', () => {
  const one: Flash[] = [
    [200, 250],
    [900, 1300],
  ];
  const turned: Flash[] = [
    [900, 1300],
    [200, 250],
  ];
  assert.not.ok(isToldApart(one, turned));
  assert.not.ok(isToldApart([[1000, 1000]], [[700, 700]]));
  assert.ok(isToldApart([[900, 900]], [[200, 250]]));
});

test('a rhythm repeats within four seconds, and no part of it is too short to be seen', () => {
  for (const { name, rhythm } of all) {
    assert.ok(rhythm.length > 0, name);
    const periodMs = rhythm.flat().reduce((sum, ms) => sum + ms, 0);
    assert.ok(periodMs <= 4_000, `${name}: ${periodMs} ms`);
    for (const [onMs, offMs] of rhythm) {
      assert.ok(onMs >= 100, name);
      assert.ok(offMs === 0 ? rhythm.length === 1 : offMs >= 150, name);
    }
  }
});

test('nothing flashes more than three times in any second', () => {
  for (const { name, rhythm } of all) {
    const starts: number[] = [];
    let atMs = 0;
    for (let round = 0; round < 20; round += 1)
      for (const [onMs, offMs] of rhythm) {
        if (offMs > 0) starts.push(atMs);
        atMs += onMs + offMs;
      }
    for (const from of starts) {
      const within = starts.filter((start) => start >= from && start < from + 1_000).length;
      assert.ok(within <= 3, `${name}: ${within} in a second`);
    }
  }
});

test('the frames say what the rhythm says', () => {
  assert.equal(framesOf(patterns.ready), [{ colour: patterns.ready.colour, ms: 1_000 }]);
  for (const pattern of all) {
    const lit = framesOf(pattern).filter(({ colour }) => colour === pattern.colour);
    assert.equal(
      lit.map(({ ms }) => ms),
      pattern.rhythm.map(([onMs]) => onMs),
      pattern.name,
    );
  }
});

test('both buttons show every colour, then the firmware’s version', () => {
  const frames = identifyFrames({ major: 2, minor: 3 });
  const [red, green, blue] = frames.map(({ colour }) => colour.map((level) => level > 0));
  assert.equal(
    [red, green, blue],
    [
      [true, false, false],
      [false, true, false],
      [false, false, true],
    ],
  );
  const lit = frames.slice(4).filter(({ colour }) => colour.some((level) => level > 0));
  assert.equal(
    lit.map(({ ms }) => ms > 500),
    [true, true, false, false, false],
  );
});

test('no two signals sound alike, and the firmware can play each tone', () => {
  const tunes = Object.values(signals).map((tones) =>
    tones.map(({ frequencyHz, ms }) => `${frequencyHz}/${ms}`).join(' '),
  );
  assert.is(new Set(tunes).size, tunes.length);
  for (const { frequencyHz, ms } of Object.values(signals).flat()) {
    assert.ok(frequencyHz >= 200 && frequencyHz <= 4_000);
    assert.ok(ms <= 2_000);
  }
});

test('the picture in the documentation shows this table', () => {
  const committed = readFileSync(new URL('../docs/panel-patterns.svg', import.meta.url), 'utf8');
  assert.ok(committed === drawPatterns(), 'docs/panel-patterns.svg is stale: npm run picture');
});

const ready: BoxStatus = {
  online: true,
  box: 'SW-7K3M9QXA2BCD',
  version: '0',
  terminal: { state: 'ready', vendor: null, model: null, software: null, id: null },
  panel: 'ready',
  printer: 'none',
  registration: { state: 'active', until: null },
  operation: null,
  unresolved: [],
  supports: [],
  since: '2026-11-21T08:00:00.000Z',
};
const absent = { ...ready.terminal, state: 'absent' } as const;
const busy = { ...ready.terminal, state: 'busy' } as const;
const standing = (state: BoxStatus['registration']['state']) => ({ registration: { state, until: null } });
const nowMs = 1_000_000;

const shown = (status: Partial<BoxStatus>, view: Partial<PanelView> = {}): string =>
  choose(
    {
      starting: false,
      broker: true,
      progress: null,
      lastOutcome: null,
      ...view,
      status: { ...ready, ...status },
    },
    nowMs,
  ).pattern;
const running = { operation: { id: 'operation-1', state: 'running' } };
const ended = (outcome: Outcome, agoMs = 0) => ({ lastOutcome: { outcome, atMs: nowMs - agoMs } });

test('each state of the box has its pattern', () => {
  assert.is(shown({}), 'ready');
  assert.is(shown({ terminal: absent }), 'terminalAbsent');
  assert.is(shown({ terminal: busy }), 'authorising');
  assert.is(shown({}, { broker: false }), 'noBroker');
  for (const state of ['suspended', 'unregistered', 'pastDue'] as const)
    assert.is(shown(standing(state)), state);
  assert.is(shown(standing('trial')), 'ready');
  assert.is(shown({ unresolved: ['operation-1'] }), 'unknown');
  assert.is(shown({ terminal: absent }, { starting: true, broker: false }), 'booting');
  assert.is(shown({}, { starting: true }), 'ready');
});

test('while an operation runs: whose turn it is', () => {
  const steps: Record<ProgressStep, string> = {
    waitingForCard: 'waitingForCard',
    cardRead: 'authorising',
    chip: 'authorising',
    chooseApplication: 'waitingForCard',
    pin: 'waitingForCard',
    authorising: 'authorising',
    waitingForCashier: 'waitingForCard',
    correction: 'waitingForCard',
    printing: 'authorising',
    removeCard: 'waitingForCard',
    inProgress: 'authorising',
  };
  for (const [step, pattern] of Object.entries(steps))
    assert.is(shown(running, { progress: step as ProgressStep }), pattern, step);
  assert.is(shown(running), 'authorising');
  assert.is(shown({ operation: { id: 'operation-1', state: 'recovering' } }), 'unknown');
});

test('how it ended is shown for some seconds, then what there is to be seen', () => {
  const ends: Record<Outcome, string> = {
    approved: 'approved',
    partiallyApproved: 'approved',
    declined: 'declined',
    cancelled: 'declined',
    failed: 'declined',
    refused: 'declined',
    unknown: 'ready',
    done: 'ready',
  };
  for (const [outcome, pattern] of Object.entries(ends))
    assert.is(shown({}, ended(outcome as Outcome)), pattern, outcome);
  assert.is(shown({}, ended('approved', outcomeShownMs - 1)), 'approved');
  assert.is(shown({}, ended('approved', outcomeShownMs)), 'ready');
  const view: PanelView = {
    starting: false,
    broker: true,
    progress: null,
    status: ready,
    ...ended('approved', 1_000),
  };
  assert.is(choose(view, nowMs).untilMs, nowMs + outcomeShownMs - 1_000);
  assert.is(choose({ ...view, lastOutcome: null }, nowMs).untilMs, null);
});

test('what must not be missed comes first', () => {
  const everything = { unresolved: ['operation-1'], terminal: absent, ...standing('suspended') };
  assert.is(shown({ ...everything, ...running }, { progress: 'pin', broker: false }), 'waitingForCard');
  assert.is(shown(everything, { broker: false, ...ended('refused') }), 'unknown');
  assert.is(shown({ terminal: absent }, ended('approved')), 'approved');
  assert.is(shown({ terminal: absent, ...standing('suspended') }, { broker: false }), 'terminalAbsent');
  assert.is(shown(standing('suspended'), { broker: false }), 'noBroker');
  assert.is(shown({ terminal: busy, ...standing('suspended') }), 'suspended');
  assert.is(shown(running, ended('approved')), 'authorising');
});

test.run();
