import type { Fault } from '../../gateway/contract/faults.ts';
import { type ProblemCode, problems } from '../../gateway/contract/registration.ts';

/** What goes with a refusal besides its code. */
export interface RefusalParts {
  /** With `countBehind`: the highest count that is known. */
  count?: number;
  /** With `malformed`: what is wrong, where. */
  faults?: readonly Fault[];
  /** When to come again, in milliseconds: told as Retry-After. */
  retryAfterMs?: number;
  cause?: unknown;
}

/** Something that the registry will not do. `code` is for programs; the message is told to whoever asked, and holds no secret. */
export class Refusal extends Error {
  readonly code: ProblemCode;
  readonly count: number | undefined;
  readonly faults: readonly Fault[] | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(code: ProblemCode, detail: string = problems[code][1], parts: RefusalParts = {}) {
    super(detail, { cause: parts.cause });
    this.name = 'Refusal';
    this.code = code;
    this.count = parts.count;
    this.faults = parts.faults;
    this.retryAfterMs = parts.retryAfterMs;
  }
}

/** Whether it is a refusal, and of this code where one is named. */
export function isRefusal(error: unknown, code?: ProblemCode): error is Refusal {
  return error instanceof Refusal && (code === undefined || error.code === code);
}
