/** By when a box must have asked its registry again (docs/registration.md, asking). */
import type { ProblemCode } from '../../../gateway/contract/registration.ts';
import type { Said } from './said.ts';

const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const slackMs = 3 * secondMs;
const patienceMs = 10 * secondMs;
const lasting: ReadonlySet<ProblemCode> = new Set([
  'keyMismatch',
  'hardwareChanged',
  'malformed',
  'signatureInvalid',
]);

/** See the module. Times are those of the run. */
export class NextTry {
  /** Infinite: it need not. */
  dueMs = Number.POSITIVE_INFINITY;
  /** The registry does not want to be asked before. */
  #silentUntilMs = 0;
  #hasAsked = false;
  #isFull = false;
  readonly #late: (byMs: number) => void;

  /** @param late hears by how much a question came too late */
  constructor(late: (byMs: number) => void) {
    this.#late = late;
  }

  /** The box has power: its terminal has 10 s to say who it is, then it comes within half a minute. */
  booted(nowMs: number): void {
    this.#hasAsked = false;
    this.#silentUntilMs = 0;
    this.dueMs = nowMs + 40 * secondMs + slackMs;
  }

  died(nowMs: number): void {
    this.look(nowMs);
    this.dueMs = Number.POSITIVE_INFINITY;
  }

  /** Whether it should have asked by now. */
  look(nowMs: number): void {
    if (!this.#isFull && nowMs > this.dueMs) this.#late(nowMs - this.dueMs);
  }

  /** A full disk takes no count: nothing is asked, and then it is tried again as after no answer. */
  disk(isFull: boolean, nowMs: number): void {
    if (isFull === this.#isFull) return;
    if (isFull) this.look(nowMs);
    this.#isFull = isFull;
    if (!isFull && this.dueMs < Number.POSITIVE_INFINITY)
      this.dueMs = Math.max(this.dueMs, nowMs + 15 * minuteMs + slackMs);
  }

  asked(nowMs: number): void {
    this.look(nowMs);
    this.#hasAsked = true;
    this.dueMs = nowMs + patienceMs + 15 * minuteMs + slackMs;
  }

  /** It believes what it was answered, and is to come again after so long. */
  believed(nowMs: number, afterMs: number): void {
    this.#silentUntilMs = 0;
    this.dueMs = nowMs + Math.min(Math.max(afterMs, minuteMs), 36 * hourMs) + slackMs;
  }

  /** It does not; null: nothing came. */
  unanswered(nowMs: number, said: Said | null): void {
    const { problem, reply } = said ?? {};
    const ownMs = problem !== undefined && lasting.has(problem.code) ? hourMs : 15 * minuteMs;
    const retryAfterMs = reply?.status === 200 ? null : (reply?.retryAfterMs ?? null);
    const isTold = retryAfterMs !== null;
    const toldMs = isTold ? 1.25 * Math.min(retryAfterMs, 24 * hourMs) : 0;
    const waitMs = Math.max(ownMs, toldMs);
    this.#silentUntilMs = isTold ? nowMs + waitMs : 0;
    this.dueMs = nowMs + waitMs + slackMs;
  }

  /** It was called and heard it. Not against the registry's own wish, and not while it asks. */
  called(nowMs: number, isAsking: boolean): void {
    if (!this.#hasAsked || isAsking || nowMs < this.#silentUntilMs) return;
    this.dueMs = Math.min(this.dueMs, nowMs + slackMs);
  }
}
