/** One panel while it is there: kept told that the gateway is alive, asked how it is, and set up again when it restarts. */
import type { Log } from '../seams/log.ts';
import type { Cancel, Time } from '../seams/time.ts';
import { type ButtonName, buttonNames } from './buttons.ts';
import type { Johnny } from './johnny.ts';
import type { Colour } from './patterns.ts';
import type { Talk } from './talk.ts';
import { askState, type PanelState, readMessage, writeHeartbeat, writeTone } from './wire.ts';

/** How often the panel hears that the gateway is alive, and how long it believes that. */
export const beatMs = 500;
const beatTimeoutMs = 2_000;
/** Beats whose answer is owed after which the panel counts as gone. */
const owedMax = 5;
/** With more than this owed it does not read: then nothing but beats is sent. */
const owedCalm = 1;
/** A panel that has started says so in several ways, all within this time. */
const startingMs = 1_000;
/** One that starts so often in one session is of no use. */
const restartsMax = 5;

/** What a session is made of. */
export interface SessionParts {
  talk: Talk;
  johnny: Johnny;
  time: Time;
  log: Log;
  /** What the LED should show now. */
  newest(): Colour;
  /** Whatever was down is no press: the panel has restarted. */
  handsOff(): void;
}

/** A panel that is there. */
export interface Session {
  /** Shows the newest colour, now or as soon as the panel reads: the ones between are dropped. */
  show(): void;
  tone(frequencyHz: number, durationMs: number): void;
  /** Whether this button counts: one that was down when the panel was met, or started, counts once it was let go. */
  counts(button: ButtonName, isDown: boolean): boolean;
  end(): void;
}

/** Takes over a panel that was greeted. It ends with the talk. */
export function openSession({ talk, johnny, time, log, newest, handsOff }: SessionParts): Session {
  let cancel: Cancel = () => {};
  let owed = 0;
  let isBehind = false;
  let uptimeSeconds = 0;
  let restarts = 0;
  let restartedMs = Number.NEGATIVE_INFINITY;
  let held: Set<ButtonName> | null = null;

  const show = (): void => {
    isBehind = owed > owedCalm;
    if (!isBehind) talk.contain(() => johnny.colour(newest()));
  };
  const beat = (): void => {
    if (owed >= owedMax) return void talk.close('it fell silent');
    talk.write(writeHeartbeat(beatTimeoutMs));
    talk.write(askState);
    owed += 1;
    cancel = time.after(beatMs, beat);
  };
  /** The colour before the first beat, which then shows what was written last. */
  const begin = (): void => {
    held = null;
    owed = 0;
    uptimeSeconds = 0;
    johnny.attach(talk.write);
    show();
    cancel();
    beat();
  };
  const restarted = (): void => {
    if (time.monotonicMs() - restartedMs < startingMs) return;
    restartedMs = time.monotonicMs();
    restarts += 1;
    if (restarts > restartsMax) return void talk.close('it restarts again and again');
    log.warn('the panel has restarted', { count: restarts });
    handsOff();
    begin();
  };
  const hearState = (state: PanelState): void => {
    owed = 0;
    if (state.uptimeSeconds < uptimeSeconds) return restarted();
    uptimeSeconds = state.uptimeSeconds;
    held ??= new Set(buttonNames.filter((name) => isDown(state, name)));
    if (isBehind) show();
  };

  talk.listen((bytes) => {
    const message = readMessage(bytes);
    if (message.kind === 'state') hearState(message.state);
    // Nobody asks for it: it is how every Firmata says that it has started.
    else if (message.kind === 'reset') restarted();
    else if (message.kind === 'firmata') johnny.receive(bytes);
  });
  talk.contain(begin);

  return {
    show,
    tone(frequencyHz, durationMs) {
      if (owed <= owedCalm) talk.write(writeTone(frequencyHz, durationMs));
    },
    counts(button, isDown) {
      if (held === null) return false;
      const isHeld = held.has(button);
      if (!isDown) held.delete(button);
      return !isHeld;
    },
    end() {
      cancel();
      johnny.detach();
    },
  };
}

const isDown = (state: PanelState, button: ButtonName): boolean =>
  button === 'abort' ? state.isAbortDown : state.isInfoDown;
