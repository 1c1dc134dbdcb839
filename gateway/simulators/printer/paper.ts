/** What a simulated printer has put on its paper, and how it looks. */
import encodeQR from 'qr';
import { isBlack, letterSize } from './font.ts';
import { type Bitmap, bitmap, blacken, pngOf } from './png.ts';

/** One letter as it was printed. */
export interface Letter {
  character: string;
  bold: boolean;
  /** Times the normal width and height. */
  width: number;
  height: number;
}

/** 0 left, 1 middle, 2 right. */
export type Alignment = number;

/** What stands below one another. */
export type PaperPart =
  | { kind: 'line'; letters: readonly Letter[]; align: Alignment }
  | { kind: 'blank'; dots: number }
  | { kind: 'picture'; picture: Bitmap; align: Alignment }
  | { kind: 'qr'; text: string; dots: number; align: Alignment };

/** From the top of one line to the next: 1/6 inch (ESC 2), at 203 dots an inch. */
export const lineDots = 30;
/** White on every side of the picture, so that a QR code at the edge can be read. */
const marginDots = 24;

/** How much paper a part takes, in dots. */
export function heightOf(part: PaperPart): number {
  switch (part.kind) {
    case 'line':
      return Math.max(lineDots, ...part.letters.map(({ height }) => height * letterSize.height + 6));
    case 'blank':
      return part.dots;
    case 'picture':
      return part.picture.height;
    case 'qr':
      return modulesOf(part.text).length * part.dots;
  }
}

/** One piece of paper, from the top to where it was cut or ends. */
export class Receipt {
  readonly widthDots: number;
  readonly parts: PaperPart[] = [];

  constructor(widthDots: number) {
    this.widthDots = widthDots;
  }

  get isEmpty(): boolean {
    return this.parts.every(({ kind }) => kind === 'blank');
  }

  /** As text: a QR code in brackets with what it says, a picture with its size. */
  toText(): string {
    const lines = this.parts.flatMap((part) => textOf(part, this.widthDots));
    return `${joinPictures(lines).join('\n').trimEnd()}\n`;
  }

  /** As a PNG file. */
  toPng(): Uint8Array {
    const height = this.parts.reduce((sum, part) => sum + heightOf(part), 0);
    const paper = bitmap(this.widthDots + 2 * marginDots, height + 2 * marginDots);
    let top = marginDots;
    for (const part of this.parts) {
      draw(part, paper, top, this.widthDots);
      top += heightOf(part);
    }
    return pngOf(paper);
  }
}

function textOf(part: PaperPart, room: number): string[] {
  switch (part.kind) {
    case 'line':
      return [alignedText(part, room)];
    case 'blank':
      return part.dots >= lineDots ? [''] : [];
    case 'picture':
      return [`[picture ${part.picture.width} × ${part.picture.height}]`];
    case 'qr':
      return [`[QR ${part.text}]`];
  }
}

/** Bands of one picture follow each other. */
const joinPictures = (lines: readonly string[]): string[] =>
  lines.filter((line, at) => !(line.startsWith('[picture') && lines[at - 1]?.startsWith('[picture')));

const widthOf = (letters: readonly Letter[]): number =>
  letters.reduce((sum, { width }) => sum + width * letterSize.width, 0);

const leftOf = (align: Alignment, width: number, room: number): number =>
  Math.max(0, align === 1 ? Math.floor((room - width) / 2) : align === 2 ? room - width : 0);

function alignedText({ letters, align }: Extract<PaperPart, { kind: 'line' }>, room: number): string {
  const blanks = Math.floor(leftOf(align, widthOf(letters), room) / letterSize.width);
  return (' '.repeat(blanks) + letters.map(({ character }) => character).join('')).trimEnd();
}

function draw(part: PaperPart, paper: Bitmap, top: number, room: number): void {
  if (part.kind === 'line') drawLine(part, paper, top, room);
  if (part.kind === 'picture') {
    const { picture, align } = part;
    const rowBytes = Math.ceil(picture.width / 8);
    const isSet = (x: number, y: number): boolean =>
      ((picture.bits[y * rowBytes + (x >> 3)] ?? 0) & (0x80 >> (x & 7))) !== 0;
    const left = marginDots + leftOf(align, picture.width, room);
    drawDots(paper, left, top, picture.width, picture.height, isSet);
  }
  if (part.kind === 'qr') {
    const modules = modulesOf(part.text);
    const side = modules.length * part.dots;
    const isSet = (x: number, y: number): boolean =>
      modules[Math.floor(y / part.dots)]?.[Math.floor(x / part.dots)] === true;
    drawDots(paper, marginDots + leftOf(part.align, side, room), top, side, side, isSet);
  }
}

function drawDots(
  paper: Bitmap,
  left: number,
  top: number,
  width: number,
  height: number,
  isSet: (x: number, y: number) => boolean,
): void {
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) if (isSet(x, y)) blacken(paper, left + x, top + y);
}

function drawLine(
  part: Extract<PaperPart, { kind: 'line' }>,
  paper: Bitmap,
  top: number,
  room: number,
): void {
  let left = marginDots + leftOf(part.align, widthOf(part.letters), room);
  for (const { character, bold, width, height } of part.letters) {
    const [wide, high] = [letterSize.width * width, letterSize.height * height];
    const isSet = (x: number, y: number): boolean =>
      isBlack(character, Math.floor(x / width), Math.floor(y / height));
    // Emphasised print is the same letter once more, a dot to the right.
    drawDots(paper, left, top, wide, high, (x, y) => isSet(x, y) || (bold && x > 0 && isSet(x - 1, y)));
    left += wide;
  }
}

/** True is black. A text that no code holds is nothing on paper. */
function modulesOf(text: string): boolean[][] {
  try {
    // The library's narrowest border is one module.
    const framed = encodeQR(text, 'raw', { ecc: 'medium', border: 1 });
    return framed.slice(1, -1).map((row) => row.slice(1, -1));
  } catch {
    return [];
  }
}
