/** Characters that are kept of what a payer or a bank wrote. */
export const keptMost = 2_000;

/** Stands where the rest of a text was cut off. */
const cut = '…';

/**
 * Text of a statement as it is kept, compared and shown: one line, single blanks, no control or format characters (soft
 * hyphens, directions, NUL), at most so many characters; where there were more, `…` is the last.
 */
export function tidy(text: string, most = keptMost): string {
  const line = text
    .replace(/[\p{Cf}\p{Cs}]/gu, '')
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim();
  if (line.length <= most) return line;
  const characters = [...line];
  return characters.length <= most ? line : `${characters.slice(0, most - 1).join('')}${cut}`;
}

/** Whether it ends where something was cut off: here, or by the bank. */
export const isCut = (text: string): boolean => text.endsWith(cut);
