/** What is on the paper, laid out: every line is at most as long as the paper is wide. */

/** One thing on the paper, from above. */
export type SheetPart =
  /** `size` 2: twice as wide and as high. The blanks that put it in its place stand in the text. */
  | { kind: 'line'; text: string; bold: boolean; size: 1 | 2 }
  | { kind: 'feed'; lines: number }
  /** In the middle of the paper. `dots`: how wide and high one module is. */
  | { kind: 'qr'; text: string; dots: number }
  /** In the middle of the paper. Rows of width / 8 bytes, the leftmost dot the highest bit, 1 is black. */
  | { kind: 'picture'; width: number; height: number; bits: Uint8Array }
  | { kind: 'cut' };

/** A piece of paper, or several with cuts between. */
export type Sheet = readonly SheetPart[];

/** The paper of a printer. */
export interface Paper {
  /** Characters of the normal font in a line. */
  columns: 32 | 42 | 48;
  /** How wide a line is: 12 dots a character (font A of 12 × 24 dots), to whole bytes. */
  dots: number;
}

/** 58 mm of paper have 32 columns; 80 mm have 42 or 48, by the printer. */
export const paperOf = (columns: Paper['columns']): Paper => ({
  columns,
  dots: Math.ceil((columns * 12) / 8) * 8,
});
