import { StatementFault } from '../fault.ts';

/** Whole lines of a file, one after another, as they came. */
export interface Lines {
  text: string;
  /** The number of the first one, from 1. */
  first: number;
}

/** Characters of one line. */
const longestLine = 50_000;

/**
 * Cuts a text into pieces of whole lines, however it comes. Throws a {@link StatementFault} for a line that is too long, and for more
 * lines than allowed: empty ones cost as well.
 */
export async function* wholeLines(pieces: AsyncIterable<string>, most: number): AsyncGenerator<Lines> {
  let rest = '';
  let first = 1;
  for await (const piece of pieces) {
    const end = piece.lastIndexOf('\n') + 1;
    if (end > 0) {
      const text = rest + piece.slice(0, end);
      const count = text.split('\n').length - 1;
      if (first + count - 1 > most) throw new StatementFault(most + 1, '', 'more', `at most ${most} lines`);
      demandShort(text, first);
      yield { text, first };
      first += count;
      rest = '';
    }
    rest += piece.slice(end);
    demandShort(rest, first);
  }
  if (rest !== '') yield { text: rest, first };
}

function demandShort(text: string, first: number): void {
  if (text.length <= longestLine) return;
  text.split('\n').forEach((line, index) => {
    if (line.length > longestLine)
      throw new StatementFault(first + index, '', line, `at most ${longestLine} characters in a line`);
  });
}
