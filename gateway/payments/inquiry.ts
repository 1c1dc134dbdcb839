/** What the box asks its terminal on its own account, when a button was pressed: nothing that could move money. */
import type { Attempt, Terminal, TerminalAnswer, TerminalRequest } from './terminal-port.ts';

/** What may be asked without a command. By its type none of it can move money (invariant 8). */
export type Inquiry = Extract<TerminalRequest, { type: 'receipt' | 'totals' }>;

/** The terminal prints a copy of its last receipt. */
export const copyOfLastReceipt: Inquiry = { type: 'receipt', invoice: null, print: true };

/** The terminal prints its totals: of all merchants (`0`), since a press names none. */
export const totalsOfAll: Inquiry = { type: 'totals', merchant: '0' };

/**
 * Asks one thing at a time. It leaves no record and no result: there is no sender to answer, nothing to settle,
 * and after a restart nobody waits for it.
 */
export class Inquirer {
  readonly #terminal: Terminal;
  #attempt: Attempt | null = null;
  #next: (() => void) | null = null;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /** The terminal is at work on it. */
  get isAsking(): boolean {
    return this.#attempt !== null;
  }

  /** Asks; `told` hears the answer once, or null when it can no longer be counted on. */
  ask(inquiry: Inquiry, told: (answer: TerminalAnswer | null) => void): void {
    const over = (answer: TerminalAnswer | null): void => {
      if (this.#attempt !== attempt) return;
      this.#leave();
      told(answer);
      const next = this.#next;
      this.#next = null;
      next?.();
    };
    const attempt = this.#terminal.open(inquiry, {
      heard() {},
      progress() {},
      answered: over,
      broke: () => over(null),
    });
    this.#attempt = attempt;
    attempt.send();
  }

  /** Runs this as soon as nothing is being asked: at once, or right behind the answer. The last one called counts. */
  afterwards(run: () => void): void {
    if (this.#attempt === null) run();
    else this.#next = run;
  }

  /** The gateway is going down. */
  stop(): void {
    this.#next = null;
    this.#leave();
  }

  #leave(): void {
    const attempt = this.#attempt;
    this.#attempt = null;
    attempt?.close();
  }
}
