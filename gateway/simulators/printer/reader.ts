/**
 * Reads ESC/POS as a printer does, command by command. Source: Epson's ESC/POS command reference. What it does not know
 * is left out as a printer would: two bytes of an unknown ESC or GS, other control characters one by one.
 */

/** What one command says. */
export type Act =
  | { kind: 'letter'; byte: number }
  | { kind: 'lineFeed' }
  | { kind: 'feed'; lines: number }
  | { kind: 'initialise' }
  | { kind: 'codePage'; page: number }
  | { kind: 'bold'; on: boolean }
  | { kind: 'size'; width: number; height: number }
  | { kind: 'align'; to: number }
  | { kind: 'cut'; feeds: boolean }
  | { kind: 'raster'; rowBytes: number; rows: number; bits: Uint8Array }
  | { kind: 'qrDots'; dots: number }
  | { kind: 'qrStore'; text: string }
  | { kind: 'qrPrint' }
  | { kind: 'askInTurn' }
  | { kind: 'askWhenPrinted'; id: string }
  | { kind: 'nothing' };

/** One command and how many bytes it took; null: some of its bytes are still to come. */
export type Read = { length: number; act: Act } | null;

const nothing = (length: number): Read => ({ length, act: { kind: 'nothing' } });

/** The first command in these bytes; there is at least one byte. */
export function readCommand(bytes: Uint8Array): Read {
  const [first = 0] = bytes;
  if (first === 0x0a) return { length: 1, act: { kind: 'lineFeed' } };
  if (first === 0x1b) return withArguments(bytes, escLengths, readEsc);
  if (first === 0x1d) return bytes[1] === 0x28 ? readLong(bytes) : readGs(bytes);
  if (first === 0x1c) return bytes.length < 2 ? null : nothing(2);
  if (first === 0x10) return readRealTime(bytes);
  return first < 0x20 ? nothing(1) : { length: 1, act: { kind: 'letter', byte: first } };
}

type Arguments = readonly [letter: number, n: number];

function withArguments(
  bytes: Uint8Array,
  lengths: Readonly<Record<number, number>>,
  read: (...all: Arguments) => Act,
): Read {
  const letter = bytes[1];
  if (letter === undefined) return null;
  const length = lengths[letter] ?? 2;
  return bytes.length < length ? null : { length, act: read(letter, bytes[2] ?? 0) };
}

const escLengths = { 64: 2, 116: 3, 69: 3, 97: 3, 100: 3, 51: 3, 77: 3, 33: 3, 45: 3, 82: 3 };

function readEsc(letter: number, n: number): Act {
  switch (letter) {
    case 0x40:
      return { kind: 'initialise' };
    case 0x74:
      return { kind: 'codePage', page: n };
    case 0x45:
      return { kind: 'bold', on: (n & 1) === 1 };
    case 0x61:
      return { kind: 'align', to: n & 3 };
    case 0x64:
      return { kind: 'feed', lines: n };
    default:
      return { kind: 'nothing' };
  }
}

function readGs(bytes: Uint8Array): Read {
  const [, letter, a = 0] = bytes;
  if (letter === undefined) return null;
  if (letter === 0x76) return readRaster(bytes);
  // GS V m has one argument more when it feeds.
  const length = letter === 0x56 ? (a >= 0x41 ? 4 : 3) : 3;
  if (bytes.length < 3 || bytes.length < length) return null;
  if (letter === 0x56) return { length, act: { kind: 'cut', feeds: length === 4 } };
  if (letter === 0x21)
    return { length, act: { kind: 'size', width: ((a >> 4) & 7) + 1, height: (a & 7) + 1 } };
  if (letter === 0x72) return { length, act: { kind: 'askInTurn' } };
  return nothing(length);
}

function readRaster(bytes: Uint8Array): Read {
  if (bytes.length < 8) return null;
  const [, , , , xLow = 0, xHigh = 0, yLow = 0, yHigh = 0] = bytes;
  const rowBytes = xLow + 256 * xHigh;
  const rows = yLow + 256 * yHigh;
  const length = 8 + rowBytes * rows;
  if (bytes.length < length) return null;
  return { length, act: { kind: 'raster', rowBytes, rows, bits: bytes.slice(8, length) } };
}

/** GS ( letter pL pH: the length is in the command. */
function readLong(bytes: Uint8Array): Read {
  if (bytes.length < 5) return null;
  const [, , letter = 0, low = 0, high = 0] = bytes;
  const length = 5 + low + 256 * high;
  if (bytes.length < length) return null;
  const rest = bytes.subarray(5, length);
  if (letter === 0x48 && rest[0] === 0x30)
    return {
      length,
      act: { kind: 'askWhenPrinted', id: Buffer.from(rest.subarray(2, 6)).toString('latin1') },
    };
  if (letter !== 0x6b || rest[0] !== 0x31) return nothing(length);
  if (rest[1] === 0x43) return { length, act: { kind: 'qrDots', dots: rest[2] ?? 3 } };
  if (rest[1] === 0x50)
    return { length, act: { kind: 'qrStore', text: Buffer.from(rest.subarray(3)).toString('utf8') } };
  return rest[1] === 0x51 ? { length, act: { kind: 'qrPrint' } } : nothing(length);
}

/** DLE EOT n, DLE ENQ n, DLE DC4 fn …: carried out when they came, left out in their turn. */
function readRealTime(bytes: Uint8Array): Read {
  const [, second] = bytes;
  if (second === undefined) return null;
  if (second !== 0x04 && second !== 0x05 && second !== 0x14) return nothing(1);
  const length = second === 0x14 ? (bytes[2] === 8 ? 10 : 5) : 3;
  return bytes.length < length ? null : nothing(length);
}
