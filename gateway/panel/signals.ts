/** What the panel's piezo says: a table, for whoever is not looking. */

/** A tone and the silence after it; at most 2 s (the firmware's limit). */
export interface Tone {
  readonly frequencyHz: number;
  readonly ms: number;
  readonly pauseMs: number;
}

const tone = (frequencyHz: number, ms: number, pauseMs = 60): Tone => ({ frequencyHz, ms, pauseMs });

/** By what they tell: each differs in the number of its tones and in its tune. */
export const signals = {
  /** Up. */
  approved: [tone(1760, 100), tone(2637, 200)],
  /** One low one. */
  declined: [tone(330, 500)],
  /** Up and down, twice. */
  unknown: [tone(880, 200), tone(587, 200), tone(880, 200), tone(587, 400)],
  /** A press was heard, and is done. */
  done: [tone(2093, 40)],
  /** Not now. */
  no: [tone(262, 80), tone(262, 80)],
} as const satisfies Record<string, readonly Tone[]>;

/** One of the table's names. */
export type SignalName = keyof typeof signals;
