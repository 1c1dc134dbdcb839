/** The panel of a box: what the LED shows, what the piezo says, what the buttons ask for. */
import { messageOf } from '../seams/error.ts';
import type { Log } from '../seams/log.ts';
import type { Random } from '../seams/random.ts';
import type { Cancel, Time } from '../seams/time.ts';
import { actionOf, type ButtonName, moveHand, noHand, type PressKind } from './buttons.ts';
import { choose, shownAs } from './choice.ts';
import { createLine } from './line.ts';
import type { Panel, PanelListener, PanelView } from './panel.ts';
import { framesOf, identifyFrames, type PatternName, patterns } from './patterns.ts';
import { createPlayer, createWhistle } from './player.ts';
import { type SignalName, signals } from './signals.ts';
import type { PanelPort } from './talk.ts';

/** What a panel is made of. */
export interface BoardParts {
  port: PanelPort;
  time: Time;
  random: Random;
  log: Log;
}

/** A panel at this port: an Arduino with Swipe's firmware. Does nothing before `start`. */
export function createBoardPanel({ port, time, random, log }: BoardParts): Panel {
  let listener: PanelListener = { changed() {}, pressed() {} };
  let view: (() => PanelView) | null = null;
  let isRefreshDue = false;
  let shown: PatternName | null = null;
  /** When the last outcome that was told aloud came; null: nothing was looked at yet. */
  let toldMs: number | null = null;
  let isRunning = false;
  let isIdentifying = false;
  let hand = noHand;
  let cancelLook: Cancel = () => {};
  let cancelHold: Cancel = () => {};
  let isStopped = false;

  const line = createLine({
    port,
    time,
    random,
    log,
    // Only here: a box without a panel does not load johnny-five.
    loadJohnny: async (moved) => (await import('./johnny.ts')).createJohnny(moved),
    changed: () => listener.changed(),
    moved: (button, isDown) => move({ button, isDown }),
    handsOff() {
      cancelHold();
      hand = noHand;
    },
  });
  const player = createPlayer(time, line.colour);
  const whistle = createWhistle(time, ({ frequencyHz, ms }) => line.tone(frequencyHz, ms));
  const signal = (name: SignalName): void => whistle(signals[name]);

  function look(): void {
    isRefreshDue = false;
    if (view === null || isStopped) return;
    const now = view();
    isRunning = now.status.operation !== null;
    tell(now.lastOutcome);
    const { pattern, untilMs } = choose(now, time.monotonicMs());
    cancelLook();
    if (untilMs !== null) cancelLook = time.after(untilMs - time.monotonicMs(), look);
    if (isIdentifying && isRunning) isIdentifying = false;
    else if (isIdentifying || pattern === shown) return;
    shown = pattern;
    player.play(framesOf(patterns[pattern]));
  }

  /** Says a new outcome aloud, once. */
  function tell(lastOutcome: PanelView['lastOutcome']): void {
    const atMs = lastOutcome?.atMs ?? 0;
    const isNew = toldMs !== null && atMs > toldMs;
    toldMs = atMs;
    const name = lastOutcome === null ? null : shownAs(lastOutcome.outcome);
    if (isNew && name !== null) signal(name);
  }

  function identify(): void {
    isIdentifying = true;
    shown = null;
    player.play(identifyFrames(line.version()?.firmware ?? { major: 0, minor: 0 }), () => {
      isIdentifying = false;
      look();
    });
  }

  function move(moved: { button: ButtonName; isDown: boolean } | null): void {
    const { hand: next, press, wakeAtMs } = moveHand(hand, moved, time.monotonicMs());
    hand = next;
    cancelHold();
    if (wakeAtMs !== null) cancelHold = time.after(wakeAtMs - time.monotonicMs(), () => move(null));
    if (press !== null) pressed(press);
  }

  function pressed(press: PressKind): void {
    const { button, action } = actionOf(press, isRunning);
    if (action === 'identify') identify();
    try {
      listener.pressed(button, action, (outcome) => signal(outcome === 'done' ? 'done' : 'no'));
    } catch (error) {
      log.error('a press could not be carried out', { reason: action, error: messageOf(error) });
    }
  }

  return {
    state: line.state,
    show(next) {
      view = next;
      if (isRefreshDue || isStopped) return;
      isRefreshDue = true;
      // Once for all that happens in one go, and never within the step of an operation that it came from.
      cancelLook();
      cancelLook = time.after(0, look);
    },
    listen(next) {
      listener = next;
    },
    lampTest() {
      if (isRunning || isStopped || line.state() !== 'ready') return false;
      identify();
      return true;
    },
    start: line.start,
    async stop() {
      isStopped = true;
      cancelLook();
      cancelHold();
      player.stop();
      whistle([]);
      await line.stop();
    },
  };
}
