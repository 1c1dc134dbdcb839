import { moneyMethodOf } from './frames.ts';
import type { Tally } from './tally.ts';

/**
 * Answers from the past: what the terminal said of money comes once more, or comes at last, as it does from a buffer
 * somewhere on the way. Only while no later request is on the wire: a terminal answers in order.
 */
export class LateAnswers {
  readonly #faults: Tally;
  #said: Uint8Array | null = null;
  #isAsked = false;
  #isArmed = false;
  #deliver: ((bytes: Uint8Array) => void) | null = null;

  constructor(faults: Tally) {
    this.#faults = faults;
  }

  /** The next operation that starts finds an answer from the past before its own request is out. */
  arm(): void {
    this.#isArmed = true;
  }

  disarm(): void {
    this.#isArmed = false;
  }

  /** A connection was opened: late answers come there from now on. */
  opened(deliver: (bytes: Uint8Array) => void): void {
    this.#deliver = deliver;
  }

  /** The box wrote this. */
  wrote(bytes: Uint8Array): void {
    if (moneyMethodOf(bytes) === null) return;
    this.#isAsked = true;
    this.#said = null;
  }

  /** The terminal said this, whether or not it gets through. */
  said(bytes: Uint8Array): void {
    if (moneyMethodOf(bytes) === null) return;
    this.#isAsked = false;
    this.#said = bytes.at(-1) === 0 ? bytes : null;
  }

  /** Now is the moment, if one is waited for. */
  strike(): void {
    if (!this.#isArmed || this.#isAsked || this.#said === null) return;
    this.#isArmed = false;
    this.#faults.add('link: an answer from the past');
    this.#deliver?.(this.#said);
  }
}

/**
 * What the terminal sends stays on the way for a while, and then comes in order, on whatever connection is open by
 * then: a line that was only slow, or an answer from before the break.
 */
export class HeldAnswers {
  #held: Uint8Array[] = [];
  #isHolding = false;
  #deliver: ((bytes: Uint8Array) => void) | null = null;

  hold(): void {
    this.#isHolding = true;
  }

  release(): void {
    this.#isHolding = false;
    const held = Buffer.concat(this.#held.splice(0));
    if (held.length > 0) this.#deliver?.(held);
  }

  /** A connection was opened: what is released comes there. */
  opened(deliver: (bytes: Uint8Array) => void): void {
    this.#deliver = deliver;
  }

  /** The terminal said this. */
  said(bytes: Uint8Array, deliver: (bytes: Uint8Array) => void): void {
    if (this.#isHolding) this.#held.push(bytes);
    else deliver(bytes);
  }
}
