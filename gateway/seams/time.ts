/** Undoes a timer. Calling it late or twice does nothing. */
export type Cancel = () => void;

/** Where the time comes from. The whole gateway runs on handed-in time, so that a day can pass in a second. */
export interface Clock {
  /** Wall-clock time in milliseconds since 1970-01-01 UTC. It may jump. */
  nowMs(): number;
  /** Milliseconds that only ever grow; the origin has no meaning. For measuring how long something took. */
  monotonicMs(): number;
}

/** Where waiting comes from. */
export interface Timers {
  /** Calls `run` once, `delayMs` milliseconds from now, unless cancelled. */
  after(delayMs: number, run: () => void): Cancel;
}

/** Clock and timers of one world, real or simulated. */
export interface Time extends Clock, Timers {}

/** Resolves after `delayMs` milliseconds of the given time. */
export function pause(timers: Timers, delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    timers.after(delayMs, resolve);
  });
}

/** A wall clock that says whether it may be believed (invariant 4). */
export interface TrustedClock {
  /** Milliseconds since 1970 UTC; never earlier than the latest time that was trusted. */
  nowMs(): number;
  /** False until the time is known, and while the clock stands before the latest trusted time. */
  isTrusted(): boolean;
}

/** A time that somebody who knows it has signed, in answer to a question of ours. */
export interface SignedTime {
  /** What it says: milliseconds since 1970 UTC. */
  atMs: number;
  /** From the first byte of the question until now. The time was signed somewhere in between. */
  roundTripMs: number;
}

/** A trusted clock that takes such a time for one of its sources. */
export interface TeachableClock extends TrustedClock {
  /** Called at the moment in which the answer has come. */
  learn(signed: SignedTime): void;
}
