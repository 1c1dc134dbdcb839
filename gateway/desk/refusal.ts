import { type DeskProblemCode, deskProblems } from '../contract/desk-api.ts';

/** A request that is not done: `code` decides the status, see {@link deskProblems}. */
export class DeskRefusal extends Error {
  readonly code: DeskProblemCode;
  /** When to come again; null: that would change nothing. */
  readonly retryAfterMs: number | null;

  /** @param text for people; absent: the code's own words */
  constructor(code: DeskProblemCode, text?: string, retryAfterMs: number | null = null) {
    super(text ?? deskProblems[code][1]);
    this.name = 'DeskRefusal';
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}
