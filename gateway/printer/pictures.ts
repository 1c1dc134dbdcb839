/** Pictures in one colour, and how large a QR code can be. Pure. */
import type { Paper, SheetPart } from './sheet.ts';

type Picture = Extract<SheetPart, { kind: 'picture' }>;

/** A picture that is wider than the paper is halved until it fits; of four dots one black one is enough. */
export function fitPicture(picture: Picture, paper: Paper): Picture {
  let fitted = picture;
  while (fitted.width > paper.dots) fitted = halved(fitted);
  return fitted;
}

function halved({ width, height, bits }: Picture): Picture {
  const rowBytes = width / 8;
  const isBlack = (x: number, y: number): boolean =>
    x < width && y < height && ((bits[y * rowBytes + (x >> 3)] ?? 0) & (0x80 >> (x & 7))) !== 0;
  const small = { width: Math.ceil(width / 16) * 8, height: Math.ceil(height / 2) };
  const smallBits = new Uint8Array((small.width / 8) * small.height);
  for (let y = 0; y < small.height; y += 1)
    for (let x = 0; x < small.width; x += 1) {
      const [left, top] = [2 * x, 2 * y];
      const black =
        isBlack(left, top) || isBlack(left + 1, top) || isBlack(left, top + 1) || isBlack(left + 1, top + 1);
      const at = (y * small.width) / 8 + (x >> 3);
      if (black) smallBits[at] = (smallBits[at] ?? 0) | (0x80 >> (x & 7));
    }
  return { kind: 'picture', ...small, bits: smallBits };
}

// Bytes that a QR code holds at error correction level M, by version from 1 (ISO/IEC 18004, table 7).
const capacities = [14, 26, 42, 62, 84, 106, 122, 152, 180, 213, 251, 287, 331, 362, 412, 450, 504];
/** Blank modules that a reader needs around the code: four on each side (ISO/IEC 18004 §6.3.8). */
const quietModules = 8;

/** How many dots a module of this text's QR code gets: as many as the paper has room for, from 3 to 8. */
export function qrDots(text: string, paper: Paper): number {
  const bytes = new TextEncoder().encode(text).length;
  const version = capacities.findIndex((capacity) => bytes <= capacity) + 1 || capacities.length + 1;
  const modules = 17 + 4 * version + quietModules;
  return Math.max(3, Math.min(8, Math.floor((paper.dots * 0.75) / modules)));
}
