/** What a box's time must be, worked out from what it was told, without the gateway's own code. */
import type { Config } from '../../gateway/contract/config.ts';
import type { World } from './world.ts';

const roundTripMaxMs = 5_000;
const toleranceMs = 5_000;

/** What the time depends on. */
export interface BoxClockParts {
  mode: Config['clock'];
  /** The machine's wall clock. */
  wallMs: () => number;
  monotonicMs: () => number;
  /** The latest trusted time on disk. */
  latestMs: () => number;
}

/** One box's clock, life by life. */
export class BoxClock {
  readonly #parts: BoxClockParts;
  #isKnown = false;
  #signed: { atMs: number; monotonicMs: number } | null = null;

  constructor(parts: BoxClockParts) {
    this.#parts = parts;
  }

  booted(): void {
    this.#isKnown = this.#parts.mode === 'system';
    this.#signed = null;
  }

  /** The box was told whether its machine's clock was set. */
  synchronised(isSet: boolean): boolean {
    this.#isKnown ||= isSet;
    return isSet;
  }

  /** It was told the time by somebody whom it believes. Returns whether it must go by that now. */
  learn(saidMs: number, roundTripMs: number): boolean {
    const atMs = Math.round(saidMs + roundTripMs / 2);
    const latestMs = Math.max(this.#parts.latestMs(), this.#signed === null ? 0 : this.nowMs());
    if (this.#isKnown || roundTripMs > roundTripMaxMs || atMs < latestMs - toleranceMs) return false;
    this.#signed = { atMs, monotonicMs: this.#parts.monotonicMs() };
    return true;
  }

  /** Whether it knows the time. */
  get isSet(): boolean {
    return this.#isKnown || this.#signed !== null;
  }

  /** It goes by what it was told, which the machine's own clock cannot change. */
  get isTold(): boolean {
    return !this.#isKnown && this.#signed !== null;
  }

  nowMs(): number {
    const { wallMs, monotonicMs } = this.#parts;
    if (this.#isKnown || this.#signed === null) return wallMs();
    return this.#signed.atMs + monotonicMs() - this.#signed.monotonicMs;
  }
}

/** The clock of a world's box, whose machine's own is ahead by so much. */
export const boxClockOf = (
  { time, journal }: Pick<World, 'time' | 'journal'>,
  mode: Config['clock'],
  aheadMs: () => number,
): BoxClock =>
  new BoxClock({
    mode,
    wallMs: () => time.nowMs() + aheadMs(),
    monotonicMs: () => time.monotonicMs(),
    latestMs: () => journal.latestTrustedMs(),
  });
