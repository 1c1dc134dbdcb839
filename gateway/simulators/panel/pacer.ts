import type { Cancel, Time } from '../../seams/time.ts';

/** What a pacer drives. */
export interface Paced {
  /** Milliseconds of its own time. */
  readonly nowMs: number;
  run(ms: number): void;
  /** Whether something is under way that somebody waits for. */
  isBusy(): boolean;
}

/** How far behind it may fall and still catch up; what is more is lost, as if the machine had stood still. */
export const behindMsMax = 1000;
const busyStepMs = 1;
const idleStepMs = 10;

/** Lets an emulated device's time pass as the given time does: never ahead, catching up when a step was late. */
export class Pacer {
  readonly #device: Paced;
  readonly #time: Time;
  #offsetMs: number;
  #cancel: Cancel | null = null;
  #soon: Cancel | null = null;
  #isRunning = false;

  constructor(device: Paced, time: Time) {
    this.#device = device;
    this.#time = time;
    this.#offsetMs = device.nowMs - time.monotonicMs();
  }

  /** What the device's time should be now, in milliseconds. */
  get dueMs(): number {
    return this.#isRunning ? this.#time.monotonicMs() + this.#offsetMs : this.#device.nowMs;
  }

  start(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#offsetMs = this.#device.nowMs - this.#time.monotonicMs();
    this.#plan();
  }

  stop(): void {
    this.#isRunning = false;
    this.#cancel?.();
    this.#soon?.();
    this.#cancel = null;
    this.#soon = null;
  }

  /** Something was put in: look at it at once, but not within the call that did it. */
  wake(): void {
    if (!this.#isRunning) return;
    this.#soon ??= this.#time.after(0, () => {
      this.#soon = null;
      this.#cancel?.();
      this.#step();
    });
  }

  #plan(): void {
    this.#cancel = this.#time.after(this.#device.isBusy() ? busyStepMs : idleStepMs, () => this.#step());
  }

  #step(): void {
    const behindMs = this.dueMs - this.#device.nowMs;
    if (behindMs > behindMsMax) this.#offsetMs -= behindMs - behindMsMax;
    if (behindMs > 0) this.#device.run(Math.min(behindMs, behindMsMax));
    // A listener may have stopped it.
    if (this.#isRunning) this.#plan();
  }
}
