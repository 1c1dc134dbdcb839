/** A rule of the design that a run broke. */
export interface Violation {
  /** The invariant (docs/invariants.md; 4.1: settling), or the section of the contract, that is broken. */
  point:
    | '1'
    | '2'
    | '3'
    | '4'
    | '5'
    | '6'
    | '7'
    | '8'
    | '9'
    | '10'
    | '11'
    | '4.1'
    | '3.2'
    | '3.3'
    | '3.4'
    | '3.5'
    /** docs/registration.md */
    | 'registration'
    | 'crash';
  /** The operation; empty when it is about none. */
  id: string;
  text: string;
  /** When it was seen, in milliseconds of the run; null: afterwards. */
  atMs: number | null;
}

/** Takes a violation down. */
export type Report = (point: Violation['point'], id: string, text: string, atMs?: number) => void;

const mostKept = 40;

/** Violations of a run; the first ones are kept. */
export class Violations {
  readonly found: Violation[] = [];

  readonly report: Report = (point, id, text, atMs) => {
    if (this.found.length >= mostKept) return;
    if (this.found.some((one) => one.point === point && one.id === id && one.text === text)) return;
    this.found.push({ point, id, text, atMs: atMs ?? null });
  };
}

/** Something that was thrown, with where it came from. */
export const textOf = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error);
