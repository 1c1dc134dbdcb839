import type { Cancel, Time } from '../../gateway/seams/time.ts';

interface Timer {
  dueMs: number;
  order: number;
  run: () => void;
}

/** Timers that fire without the time moving on: more than this is taken for an endless loop. */
const timersPerInstantMax = 100_000;

const isBefore = (one: Timer, other: Timer): boolean =>
  one.dueMs < other.dueMs || (one.dueMs === other.dueMs && one.order < other.order);

/**
 * Time by hand. Nothing happens until a test lets time pass; then timers run one by one, by due time and, within
 * one instant, in the order in which they were made. After each one all promises and ticks that it set off are run
 * to their end, so that a run is the same every time. Work on Node's thread pool or on real sockets is not waited for.
 */
export class VirtualTime implements Time {
  #wallOffsetMs: number;
  #elapsedMs = 0;
  #made = 0;
  #passing = false;
  // Latest first, so that the next one stands at the end.
  readonly #timers: Timer[] = [];

  /** Starts at a wall-clock time, by default 2026-11-21 08:00 UTC. */
  constructor(startMs: number = Date.UTC(2026, 10, 21, 8)) {
    this.#wallOffsetMs = startMs;
  }

  nowMs(): number {
    return this.#wallOffsetMs + this.#elapsedMs;
  }

  monotonicMs(): number {
    return this.#elapsedMs;
  }

  /** Whole milliseconds, rounded up, as real timers never fire early. */
  after(delayMs: number, run: () => void): Cancel {
    if (Number.isNaN(delayMs)) throw new TypeError('a timer needs a delay in milliseconds, not NaN');
    this.#made += 1;
    const timer = { dueMs: this.#elapsedMs + Math.max(0, Math.ceil(delayMs)), order: this.#made, run };
    this.#timers.splice(this.#placeOf(timer), 0, timer);
    return () => {
      const place = this.#placeOf(timer);
      if (this.#timers[place] === timer) this.#timers.splice(place, 1);
    };
  }

  /** How many timers wait. */
  get pending(): number {
    return this.#timers.length;
  }

  /** Moves the wall clock alone, as a time server or a dead battery does. */
  jump(byMs: number): void {
    this.#wallOffsetMs += byMs;
  }

  /** Lets this many milliseconds pass. Rejects with what a timer threw. */
  async advance(ms: number): Promise<void> {
    if (!(ms >= 0)) throw new RangeError(`time cannot pass by ${ms} ms`);
    const untilMs = this.#elapsedMs + Math.ceil(ms);
    await this.#pass(untilMs, () => false);
    this.#elapsedMs = untilMs;
  }

  /**
   * Lets time pass from timer to timer until the predicate holds, which is looked at before the first timer and
   * after each. Rejects when `limitMs` have passed without it.
   */
  async runUntil(predicate: () => boolean, limitMs: number): Promise<void> {
    const untilMs = this.#elapsedMs + Math.ceil(limitMs);
    if (await this.#pass(untilMs, predicate)) return;
    this.#elapsedMs = untilMs;
    throw new Error(`still not so after ${limitMs} ms of virtual time: ${String(predicate)}`);
  }

  /** Runs promises and ticks to their end; no time passes. */
  settle(): Promise<void> {
    // Node runs every tick and microtask before it comes to the next immediate.
    return new Promise((resolve) => setImmediate(resolve));
  }

  async #pass(untilMs: number, enough: () => boolean): Promise<boolean> {
    if (this.#passing) throw new Error('time is passing already: await the earlier call first');
    this.#passing = true;
    try {
      let ran = 0;
      await this.settle();
      while (!enough()) {
        const timer = this.#timers.at(-1);
        if (timer === undefined || timer.dueMs > untilMs) return false;
        ran = timer.dueMs > this.#elapsedMs ? 0 : ran + 1;
        if (ran > timersPerInstantMax) throw new Error(`timers go on for ever at ${this.#elapsedMs} ms`);
        this.#timers.pop();
        this.#elapsedMs = timer.dueMs;
        timer.run();
        await this.settle();
      }
      return true;
    } finally {
      this.#passing = false;
    }
  }

  #placeOf(timer: Timer): number {
    let low = 0;
    let high = this.#timers.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isBefore(timer, this.#timers[middle] as Timer)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
