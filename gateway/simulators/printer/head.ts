/** The print head: carries commands out one after the other and puts them on paper. Knows no time and no line. */
import type { PrinterEncoding } from '../../contract/printer-config.ts';
import { upperHalf } from '../../printer/code-page.ts';
import { type Alignment, heightOf, type Letter, lineDots, type PaperPart, Receipt } from './paper.ts';
import type { Bitmap } from './png.ts';
import type { Act } from './reader.ts';

/** The code pages of a printer, by its own numbers; cp866 to see what it loses. */
export type CodePages = Readonly<Record<number, PrinterEncoding | 'cp866'>>;

/** Epson's numbers (ESC/POS command reference, ESC t). */
export const epsonCodePages: CodePages = { 17: 'cp866', 44: 'cp1125', 46: 'cp1251' };

const allUpper = Uint8Array.from({ length: 128 }, (_, at) => 0x80 + at);
const cp866 = [...new TextDecoder('ibm866').decode(allUpper)];

/** From the print head to the cutter. */
const cutterDots = 4 * lineDots;

/** See the module. */
export class PrintHead {
  readonly #widthDots: number;
  readonly #codePages: CodePages;
  readonly #finished: (receipt: Receipt) => void;
  #receipt: Receipt;
  #line: Letter[] = [];
  #page = 0;
  #bold = false;
  #size = { width: 1, height: 1 };
  #align: Alignment = 0;
  #qr = { text: '', dots: 3 };

  /** `finished` hears of every piece of paper that was cut off. */
  constructor(widthDots: number, codePages: CodePages, finished: (receipt: Receipt) => void) {
    this.#widthDots = widthDots;
    this.#codePages = codePages;
    this.#finished = finished;
    this.#receipt = new Receipt(widthDots);
  }

  /** The paper that hangs out of the printer. */
  get receipt(): Receipt {
    return this.#receipt;
  }

  /** Carries one command out. How much paper it took, in dots. */
  carryOut(act: Act): number {
    switch (act.kind) {
      case 'letter':
        return this.#letter(act.byte);
      case 'lineFeed':
        return this.#print();
      case 'feed':
        return this.#print() + this.#put({ kind: 'blank', dots: Math.max(0, act.lines - 1) * lineDots });
      case 'initialise':
        this.reset();
        return 0;
      case 'codePage':
        this.#page = act.page;
        return 0;
      case 'bold':
        this.#bold = act.on;
        return 0;
      case 'size':
        this.#size = act;
        return 0;
      case 'align':
        this.#align = act.to;
        return 0;
      case 'cut':
        return this.#cut(act.feeds);
      case 'raster':
        return this.#put({ kind: 'picture', picture: pictureOf(act), align: this.#align });
      case 'qrDots':
        this.#qr.dots = act.dots;
        return 0;
      case 'qrStore':
        this.#qr.text = act.text;
        return 0;
      case 'qrPrint':
        return this.#put({ kind: 'qr', ...this.#qr, align: this.#align });
      default:
        return 0;
    }
  }

  /** Drops the line buffer and sets every mode back. */
  reset(): void {
    this.#line = [];
    this.#page = 0;
    this.#bold = false;
    this.#size = { width: 1, height: 1 };
    this.#align = 0;
  }

  /** Somebody tears the paper off. */
  tearOff(): void {
    if (!this.#receipt.isEmpty) this.#finished(this.#receipt);
    this.#receipt = new Receipt(this.#widthDots);
  }

  #letter(byte: number): number {
    const letter = { character: this.#character(byte), bold: this.#bold, ...this.#size };
    const used = this.#line.reduce((sum, { width }) => sum + 12 * width, 0);
    const isFull = used + 12 * letter.width > this.#widthDots;
    const taken = isFull ? this.#print() : 0;
    this.#line.push(letter);
    return taken;
  }

  #character(byte: number): string {
    if (byte < 0x80) return String.fromCharCode(byte);
    const page = this.#codePages[this.#page];
    if (page === undefined) return '¿';
    return (page === 'cp866' ? cp866 : upperHalf(page))[byte - 0x80] ?? '¿';
  }

  #print(): number {
    const letters = this.#line;
    this.#line = [];
    return this.#put(
      letters.length === 0
        ? { kind: 'blank', dots: lineDots }
        : { kind: 'line', letters, align: this.#align },
    );
  }

  #cut(feeds: boolean): number {
    const dots = this.#line.length > 0 ? this.#print() : 0;
    const fed = feeds ? this.#put({ kind: 'blank', dots: cutterDots }) : 0;
    this.tearOff();
    return dots + fed;
  }

  #put(part: PaperPart): number {
    this.#receipt.parts.push(part);
    return heightOf(part);
  }
}

const pictureOf = ({ rowBytes, rows, bits }: Extract<Act, { kind: 'raster' }>): Bitmap => ({
  width: rowBytes * 8,
  height: rows,
  bits,
});
