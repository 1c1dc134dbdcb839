/** Text in columns. Every function here counts characters: the text was fitted to the printer's code page before. */

/**
 * Breaks a text into lines of at most so many columns: between words where it can, within a word that is longer than
 * a line. A text that fits stays as it is, blanks and all.
 */
export function wrap(text: string, columns: number): string[] {
  const whole = text.trimEnd();
  if (whole.length <= columns) return [whole];
  const lines: string[] = [];
  let line = '';
  for (const word of whole.split(/ +/)) {
    if (line !== '' && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = '';
    }
    line = line === '' ? word : `${line} ${word}`;
    for (; line.length > columns; line = line.slice(columns)) lines.push(line.slice(0, columns));
  }
  if (line !== '') lines.push(line);
  return lines;
}

/**
 * A text on the left and a sum at the right end of its last line; the text is broken so that the two never touch. A
 * sum that leaves the text no room stands on a line of its own.
 */
export function pair(left: string, right: string, columns: number): string[] {
  const room = columns - right.length - 1;
  if (room < 8)
    return [...wrap(left, columns), ...wrap(right, columns).map((line) => line.padStart(columns))];
  const lines = wrap(left, columns);
  // Only the last line shares its columns with the sum.
  const ending = wrap(lines.pop() ?? '', room);
  const last = ending.pop() ?? '';
  return [...lines, ...ending, last.padEnd(columns - right.length) + right];
}

/** The line at its place in so many columns; blanks at its end are left out. */
export function alignLine(line: string, align: 'left' | 'center' | 'right', columns: number): string {
  const free = Math.max(0, columns - line.length);
  if (align === 'left') return line;
  return ' '.repeat(align === 'right' ? free : Math.floor(free / 2)) + line;
}

/** A sum of minor units as it stands on a receipt: `1234.50`, `-0.05`. */
export function sumText(minor: number): string {
  const digits = String(Math.abs(minor)).padStart(3, '0');
  return `${minor < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}
