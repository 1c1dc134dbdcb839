import { cyclesPerMs } from './chip.ts';
import { pwmPeriodCycles } from './pwm-meter.ts';

/** What an RGB LED shows: 0 is off, 255 fully on. */
export interface Rgb {
  red: number;
  green: number;
  blue: number;
}

/** From this moment on the LED showed this. */
export interface LedChange extends Rgb {
  /** Milliseconds of the panel's time. */
  atMs: number;
}

/** The colours of the LED over time, as measured at its pins; the latest ones only. */
export class LedHistory {
  readonly #changes: LedChange[] = [{ atMs: 0, red: 0, green: 0, blue: 0 }];
  readonly #max: number;

  /** @param max how many changes are kept */
  constructor(max = 1000) {
    this.#max = max;
  }

  /** Oldest first; the last one is what the LED shows now. */
  get changes(): readonly LedChange[] {
    return this.#changes;
  }

  get now(): Rgb {
    const { red, green, blue } = this.#changes.at(-1) as LedChange;
    return { red, green, blue };
  }

  /** One channel has changed. Channels that change within two periods of the PWM change together. */
  record(channel: keyof Rgb, value: number, cycle: number): void {
    const atMs = cycle / cyclesPerMs;
    const last = this.#changes.at(-1) as LedChange;
    if (atMs - last.atMs < togetherMs) {
      last[channel] = value;
      last.atMs = Math.min(last.atMs, Math.max(atMs, this.#changes.at(-2)?.atMs ?? 0));
      this.#dropIfSame();
      return;
    }
    this.#changes.push({ ...last, [channel]: value, atMs });
    if (this.#changes.length > this.#max) this.#changes.shift();
  }

  #dropIfSame(): void {
    const [before, last] = this.#changes.slice(-2);
    if (before === undefined || last === undefined) return;
    if (before.red === last.red && before.green === last.green && before.blue === last.blue)
      this.#changes.pop();
  }
}

const togetherMs = (2 * pwmPeriodCycles) / cyclesPerMs;
