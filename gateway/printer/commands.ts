/**
 * The commands of ESC/POS that the box sends, byte by byte. Source of each: Epson's ESC/POS command reference
 * (download4.epson.biz/sec_pubs/pos/reference_en/escpos), under the command's name.
 */

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

/** Several as one. */
export const joined = (...parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(parts));

/** ESC @: drops what stands in the line buffer and sets every mode back. */
export const initialise = bytes(0x1b, 0x40);
/** FS .: leaves Kanji mode, in which printers made for China take two bytes above 0x7f for one character. */
export const leaveKanji = bytes(0x1c, 0x2e);
/** ESC t n: the code page. */
export const selectCodePage = (page: number): Uint8Array => bytes(0x1b, 0x74, page);
/** ESC E n. */
export const setBold = (on: boolean): Uint8Array => bytes(0x1b, 0x45, on ? 1 : 0);
/** GS ! n: width and height, each once or twice. */
export const setSize = (size: 1 | 2): Uint8Array => bytes(0x1d, 0x21, size === 2 ? 0x11 : 0);
/** ESC a n: the left edge, or the middle. */
export const setCentred = (on: boolean): Uint8Array => bytes(0x1b, 0x61, on ? 1 : 0);
/** LF: prints the line buffer and feeds one line. */
export const lineFeed = bytes(0x0a);
/** ESC d n: prints the line buffer and feeds n lines. */
export const feedLines = (lines: number): Uint8Array => bytes(0x1b, 0x64, lines);
/** GS V 66 0: feeds to where the cutter is and cuts, leaving a bridge. */
export const feedAndCut = bytes(0x1d, 0x56, 0x42, 0x00);
/** GS a 0: no status that was not asked for. */
export const noAutomaticStatus = bytes(0x1d, 0x61, 0x00);

/** DLE EOT n, carried out as soon as it comes: 1 printer, 2 why it is off-line, 3 errors, 4 paper. One byte answers. */
export const askStatus = (n: 1 | 2 | 3 | 4): Uint8Array => bytes(0x10, 0x04, n);
/** GS r 1, carried out when all that came before it is: the paper sensor. One byte answers. */
export const askInTurn = bytes(0x1d, 0x72, 0x01);
/** DLE DC4 8, carried out as soon as it comes: empties both buffers and forgets an error. `37 25 00` answers. */
export const clearBuffers = bytes(0x10, 0x14, 0x08, 0x01, 0x03, 0x14, 0x01, 0x06, 0x02, 0x08);
/** GS ( H, function 48: `37 22 id 00` answers when what came before it has been printed. Four characters from 20h to 7Eh. */
export const askWhenPrinted = (id: string): Uint8Array =>
  joined(bytes(0x1d, 0x28, 0x48, 0x06, 0x00, 0x30, 0x30), Buffer.from(id, 'latin1'));

/** GS v 0: some rows of dots as they are; rows of `rowBytes` bytes. */
export const rasterRows = (rowBytes: number, rows: number, bits: Uint8Array): Uint8Array =>
  joined(bytes(0x1d, 0x76, 0x30, 0, rowBytes & 0xff, rowBytes >> 8, rows & 0xff, rows >> 8), bits);

/** GS ( k, functions 165, 167, 169, 180, 181: a QR code of model 2, level M, its text in UTF-8. */
export function qrCode(text: string, dots: number): Uint8Array {
  const stored = Buffer.from(text, 'utf8');
  const length = stored.length + 3;
  const head = (...rest: number[]): Uint8Array => bytes(0x1d, 0x28, 0x6b, ...rest);
  return joined(
    head(4, 0, 0x31, 0x41, 0x32, 0),
    head(3, 0, 0x31, 0x43, dots),
    head(3, 0, 0x31, 0x45, 0x31),
    head(length & 0xff, length >> 8, 0x31, 0x50, 0x30),
    stored,
    head(3, 0, 0x31, 0x51, 0x30),
  );
}

/** The longest run of bytes that belongs to one command: a band of a picture. See {@link sweep}. */
export const commandMaxBytes = 8 + 1536;

/**
 * What makes a printer that was left in the middle of something listen again: bytes that end any command that still
 * waits for its own and are nothing by themselves (NUL), then the line buffer dropped and every mode set back.
 */
export const sweep = joined(new Uint8Array(commandMaxBytes), initialise, noAutomaticStatus);
