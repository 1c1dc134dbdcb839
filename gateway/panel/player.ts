import type { Cancel, Timers } from '../seams/time.ts';
import type { Colour, Frame } from './patterns.ts';
import type { Tone } from './signals.ts';

/** Plays the LED's frames, on handed-in time. */
export interface Player {
  /** Plays these from the first one on; again and again, or once and then calls `over`. */
  play(frames: readonly Frame[], over?: () => void): void;
  stop(): void;
}

/** Makes a player; `write` shows a colour. */
export function createPlayer(timers: Timers, write: (colour: Colour) => void): Player {
  let cancel: Cancel = () => {};
  const frame = (frames: readonly Frame[], place: number, over: (() => void) | undefined): void => {
    const now = frames[place];
    if (now === undefined) return over === undefined ? frame(frames, 0, over) : over();
    write(now.colour);
    if (frames.length > 1) cancel = timers.after(now.ms, () => frame(frames, place + 1, over));
  };
  return {
    play(frames, over) {
      cancel();
      if (frames.length > 0) frame(frames, 0, over);
    },
    stop: () => cancel(),
  };
}

/** Sounds tones one after the other; a new signal ends the one before. Returns what ends it. */
export function createWhistle(timers: Timers, write: (tone: Tone) => void): (tones: readonly Tone[]) => void {
  let cancel: Cancel = () => {};
  const sound = ([tone, ...rest]: readonly Tone[]): void => {
    if (tone === undefined) return;
    write(tone);
    cancel = timers.after(tone.ms + tone.pauseMs, () => sound(rest));
  };
  return (tones) => {
    cancel();
    sound(tones);
  };
}
