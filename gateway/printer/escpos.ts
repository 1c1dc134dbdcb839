/** From what stands on the paper to the bytes that put it there. Pure. */
import type { PrinterEncoding } from '../contract/printer-config.ts';
import { encodeText } from './code-page.ts';
import {
  feedAndCut,
  feedLines,
  initialise,
  joined,
  leaveKanji,
  lineFeed,
  qrCode,
  rasterRows,
  selectCodePage,
  setBold,
  setCentred,
  setSize,
} from './commands.ts';
import type { Sheet, SheetPart } from './sheet.ts';

/** How the printer is spoken to. */
export interface CodePageOptions {
  encoding: PrinterEncoding;
  /** The printer's own number of that page. */
  codePage: number;
}

/** A piece is at most this long, unless one command alone is longer. */
const pieceBytes = 1024;

/**
 * The bytes of a sheet, in pieces that end where a command ends: between them the printer may be asked how it is. They
 * begin with everything set back, so that nothing of before shows.
 */
export function encodeSheet(sheet: Sheet, { encoding, codePage }: CodePageOptions): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  let piece = joined(initialise, leaveKanji, selectCodePage(codePage));
  for (const part of sheet)
    for (const bytes of encodePart(part, encoding)) {
      if (piece.length + bytes.length > pieceBytes) {
        pieces.push(piece);
        piece = bytes;
      } else piece = joined(piece, bytes);
    }
  return [...pieces, piece];
}

function encodePart(part: SheetPart, encoding: PrinterEncoding): Uint8Array[] {
  switch (part.kind) {
    case 'line':
      return [joined(setBold(part.bold), setSize(part.size), encodeText(part.text, encoding), lineFeed)];
    case 'feed':
      return [joined(setSize(1), feedLines(part.lines))];
    case 'qr':
      return [joined(setCentred(true), qrCode(part.text, part.dots), setCentred(false))];
    case 'picture':
      return [setCentred(true), ...bandsOf(part), setCentred(false)];
    case 'cut':
      return [joined(setSize(1), feedAndCut)];
  }
}

/** Rows of one command: few, so that a printer that was left in the middle of one is soon at its end. */
const bandRows = 24;

function bandsOf({ width, height, bits }: Extract<SheetPart, { kind: 'picture' }>): Uint8Array[] {
  const rowBytes = width / 8;
  const harmless = withoutRealTime(bits);
  const bands: Uint8Array[] = [];
  for (let top = 0; top < height; top += bandRows) {
    const rows = Math.min(bandRows, height - top);
    bands.push(rasterRows(rowBytes, rows, harmless.subarray(top * rowBytes, (top + rows) * rowBytes)));
  }
  return bands;
}

const dle = 0x10;
/** EOT, ENQ, DC4: what makes a real-time command of a DLE before it. */
const realTime = new Set([0x04, 0x05, 0x14]);

/**
 * A printer carries real-time commands out wherever they stand, also within a picture (ESC/POS command reference, notes
 * of DLE DC4): one could open the cash drawer. Such a DLE gets one black dot more.
 */
function withoutRealTime(bits: Uint8Array): Uint8Array {
  return bits.map((byte, at) => (byte === dle && realTime.has(bits[at + 1] ?? 0) ? dle | 0x08 : byte));
}
