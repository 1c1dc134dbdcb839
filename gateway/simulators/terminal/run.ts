import type { Cancel, Timers } from '../../seams/time.ts';
import type { Life } from './methods.ts';
import { type StatusCode, statuses } from './status.ts';

/** What a run is made of, and whom it tells. */
export interface RunParts {
  life: Life;
  /** How long each phase takes. */
  phaseMs: number;
  /** How much longer the decisive phase takes. */
  delayMs: number;
  /** Wait for {@link Run.presentCard} instead of a customer who comes by himself. */
  manualCard: boolean;
  timers: Timers;
  /** A phase is over. May stop the run. */
  passed(phase: number): void;
  /** All phases are over. */
  finished(): void;
}

/** An operation's way through its phases. It knows of no money; phases of 0 ms pass at once, without a timer. */
export class Run {
  readonly #parts: RunParts;
  #phase = 0;
  #over = false;
  #cancel: Cancel = () => {};
  #waitsForCard = false;

  constructor(parts: RunParts) {
    this.#parts = parts;
  }

  get status(): StatusCode {
    return this.#parts.life.phases[this.#phase] ?? statuses.idle;
  }

  /** The customer can no longer change his mind: authorisation has begun. */
  get isPastCard(): boolean {
    return this.#phase >= this.#parts.life.decisive;
  }

  start(): void {
    this.#enter(0);
  }

  /** The customer holds up a card. False when nobody asked for one. */
  presentCard(): boolean {
    if (!this.#waitsForCard) return false;
    this.#waitsForCard = false;
    this.#pass();
    return true;
  }

  /** Ends here, telling nobody. */
  stop(): void {
    this.#over = true;
    this.#waitsForCard = false;
    this.#cancel();
  }

  #enter(phase: number): void {
    this.#phase = phase;
    const { life, phaseMs, delayMs, manualCard, timers } = this.#parts;
    if (phase === life.phases.length) {
      this.#over = true;
      this.#parts.finished();
      return;
    }
    if (manualCard && this.status === statuses.waitingForCard) {
      this.#waitsForCard = true;
      return;
    }
    const lastsMs = phaseMs + (phase === life.decisive ? delayMs : 0);
    if (lastsMs === 0) this.#pass();
    else this.#cancel = timers.after(lastsMs, () => this.#pass());
  }

  #pass(): void {
    this.#parts.passed(this.#phase);
    if (!this.#over) this.#enter(this.#phase + 1);
  }
}
