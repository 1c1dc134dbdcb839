/** One period of the LED's PWM: 256 counts of a timer with a divider of 64, in cycles (1.024 ms). */
export const pwmPeriodCycles = 256 * 64;

const longest = pwmPeriodCycles * 1.02;

/**
 * Measures a PWM channel from the edges at its pin. A value is the time that the pin is high, in 256ths of a period;
 * 255 also stands for "always". Each change is told once it is certain, at the latest two periods after it happened.
 */
export class PwmMeter {
  readonly #changed: (value: number, sinceCycle: number) => void;
  #value = 0;
  #isHigh = false;
  #roseAt = 0;
  #fellAt = 0;

  /** `changed`: hears each new value and the cycle at which it began. */
  constructor(changed: (value: number, sinceCycle: number) => void) {
    this.#changed = changed;
  }

  /** The pin changed its level. */
  edge(isHigh: boolean, cycle: number): void {
    if (isHigh === this.#isHigh) return;
    this.settle(cycle);
    this.#isHigh = isHigh;
    if (!isHigh) {
      this.#fellAt = cycle;
      return;
    }
    // A pulse counts when the next one follows in time: the last one may have been cut short.
    if (cycle - this.#roseAt <= longest && this.#fellAt > this.#roseAt)
      this.#tell(Math.round(((this.#fellAt - this.#roseAt) * 256) / pwmPeriodCycles), this.#roseAt);
    this.#roseAt = cycle;
  }

  /** Time has passed: a pin that did not change for longer than a period is steady. */
  settle(cycle: number): void {
    if (this.#isHigh && cycle - this.#roseAt > longest) this.#tell(255, this.#roseAt);
    if (!this.#isHigh && cycle - this.#fellAt > longest) this.#tell(0, this.#fellAt);
  }

  #tell(value: number, sinceCycle: number): void {
    if (value === this.#value) return;
    this.#value = value;
    this.#changed(value, sinceCycle);
  }
}
