import { written } from '../../../../gateway/contract/faults.ts';
import { Refusal } from '../../refusal.ts';

/** Why a statement is refused as a whole: where, what stands there, what is allowed. A {@link Refusal} `malformed`. */
export class StatementFault extends Refusal {
  /** From 1; 0 where it is no line's fault. */
  readonly line: number;

  constructor(line: number, path: string, found: unknown, allowed: string) {
    const where = line === 0 ? path : `line ${line}${path === '' ? '' : `, ${path}`}`;
    // Before anything is done with it: what stands there may be the whole file.
    const shown = written(typeof found === 'string' ? found.slice(0, 200) : found);
    super('malformed', `the statement was not taken: ${where}: found ${shown}, allowed: ${allowed}`, {
      faults: [{ path: where, found: shown, allowed }],
    });
    this.name = 'StatementFault';
    this.line = line;
  }
}

/** A statement of more bytes than it may have. */
export const tooManyBytes = (most: number): Refusal =>
  new Refusal('tooLarge', `the statement was not taken: it has more than ${most} bytes`);
