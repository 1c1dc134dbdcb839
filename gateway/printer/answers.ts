/** What a printer says, byte by byte. Source: Epson's ESC/POS command reference, at the commands that ask for it. */

/** One thing that a printer said. */
export type PrinterAnswer =
  /** To DLE EOT n; which n it is to is known by the order of asking. */
  | { kind: 'status'; byte: number }
  /** To GS r 1: everything before it was carried out. */
  | { kind: 'inTurn' }
  /** To GS ( H: everything before it was printed. */
  | { kind: 'printed'; id: string }
  /** To DLE DC4 8: both buffers are empty. */
  | { kind: 'cleared' };

// 0xx1xx10, 0xx1xx00 and 0xx0xxxx: answers to DLE EOT, the first of four bytes of ASB, and all else differ in these bits.
const isStatus = (byte: number): boolean => (byte & 0b1001_0011) === 0b0001_0010;
const isAutomatic = (byte: number): boolean => (byte & 0b1001_0011) === 0b0001_0000;
const isInTurn = (byte: number): boolean => (byte & 0b1001_0000) === 0;
const header = 0x37;
const lengths: Readonly<Record<number, number>> = { 34: 7, 37: 3 };

/**
 * Reads answers out of a stream. Bytes that are none are dropped one by one; at most seven wait for those that belong to
 * them.
 */
export class AnswerReader {
  #waiting: number[] = [];

  /** The answers that are complete with these bytes. */
  read(bytes: Uint8Array): PrinterAnswer[] {
    const answers: PrinterAnswer[] = [];
    for (const byte of bytes) {
      this.#waiting.push(byte);
      for (let left = -1; left !== this.#waiting.length && this.#waiting.length > 0; ) {
        left = this.#waiting.length;
        const answer = this.#next();
        if (answer !== null) answers.push(answer);
      }
    }
    return answers;
  }

  #next(): PrinterAnswer | null {
    const [first = 0, second] = this.#waiting;
    if (first === header) return this.#block(second);
    if (isAutomatic(first)) {
      // Four bytes that nobody asked for.
      if (this.#waiting.length >= 4) this.#waiting.splice(0, 4);
      return null;
    }
    this.#waiting.shift();
    if (isStatus(first)) return { kind: 'status', byte: first };
    // XON and XOFF pass a serial line that does not use them.
    return isInTurn(first) ? { kind: 'inTurn' } : null;
  }

  #block(identifier: number | undefined): PrinterAnswer | null {
    if (identifier === undefined) return null;
    const length = lengths[identifier];
    if (length === undefined) {
      this.#waiting.shift();
      return null;
    }
    if (this.#waiting.length < length) return null;
    const block = this.#waiting.splice(0, length);
    if (block.at(-1) !== 0) return null;
    return identifier === 0x25
      ? { kind: 'cleared' }
      : { kind: 'printed', id: String.fromCharCode(...block.slice(2, 6)) };
  }
}

/** What a printer says of itself; null: it was not asked, or does not say. */
export interface StatusBytes {
  printer: number | null;
  offLine: number | null;
  paper: number | null;
}

/** What a printer can be. */
export type Readiness = 'ready' | 'paperOut' | 'coverOpen' | 'fault';

/** Reads the answers to DLE EOT 1, 2 and 4. What is nearest to the cashier's hand comes first: cover, paper, then the rest. */
export function readinessOf({ printer, offLine, paper }: StatusBytes): Readiness {
  const has = (byte: number | null, bits: number): boolean => ((byte ?? 0) & bits) !== 0;
  if (has(offLine, 0x04)) return 'coverOpen';
  if (has(offLine, 0x20) || has(paper, 0x60)) return 'paperOut';
  if (has(offLine, 0x40)) return 'fault';
  return has(printer, 0x08) ? 'fault' : 'ready';
}
