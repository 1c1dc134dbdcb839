import { cyclesPerMs } from './chip.ts';

/** A signal of the piezo, as measured at its pin. */
export interface Tone {
  /** Milliseconds of the panel's time. */
  atMs: number;
  frequencyHz: number;
  durationMs: number;
}

// Longer than half a wave of 31 Hz, the lowest that the panel makes.
const silenceCycles = 20 * cyclesPerMs;
const tonesMax = 100;

/** Measures the square wave at the piezo's pin. */
export class ToneMeter {
  readonly tones: Tone[] = [];
  #edges = 0;
  #firstCycle = 0;
  #lastCycle = 0;

  /** The pin changed its level. */
  edge(cycle: number): void {
    if (this.#edges === 0 || cycle - this.#lastCycle > silenceCycles) {
      this.#edges = 0;
      this.#firstCycle = cycle;
    }
    this.#edges += 1;
    this.#lastCycle = cycle;
    // Two half waves at the least.
    if (this.#edges === 3) {
      this.tones.push({ atMs: this.#firstCycle / cyclesPerMs, frequencyHz: 0, durationMs: 0 });
      if (this.tones.length > tonesMax) this.tones.shift();
    }
    const tone = this.tones.at(-1);
    if (this.#edges < 3 || tone === undefined) return;
    const durationCycles = cycle - this.#firstCycle;
    tone.durationMs = durationCycles / cyclesPerMs;
    tone.frequencyHz = ((this.#edges - 1) * cyclesPerMs * 1000) / 2 / durationCycles;
  }

  /** What sounds at this cycle, in hertz; 0: nothing. */
  frequencyHz(cycle: number): number {
    const tone = this.tones.at(-1);
    if (tone === undefined || this.#edges < 3 || cycle - this.#lastCycle > silenceCycles) return 0;
    return tone.frequencyHz;
  }
}
