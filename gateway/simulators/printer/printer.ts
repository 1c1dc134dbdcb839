/** A simulated receipt printer: its buffer, its paper, its cover, and what it says when it is asked. */
import type { Cancel, Timers } from '../../seams/time.ts';
import { type CodePages, epsonCodePages, PrintHead } from './head.ts';
import { lineDots, type Receipt } from './paper.ts';
import { type Act, readCommand } from './reader.ts';

/** What a printer is like. Everything may be left out. */
export interface SimulatedPrinterOptions {
  /** Of the paper: 576 (80 mm) if not given. */
  widthDots?: number;
  codePages?: CodePages;
  /** Receive buffer; a full one takes nothing more. */
  bufferBytes?: number;
  /** How long a line takes; 0: no time at all. */
  lineMs?: number;
  /** Lines of paper on the roll. */
  paperLines?: number;
  /** Answers nothing: a one-way printer, or a cable without its way back. */
  deaf?: boolean;
  /** How late it answers what is asked in real time. */
  answerDelayMs?: number;
  /** Older printers: without GS ( H, GS r, DLE DC4 8. */
  lacks?: readonly ('processId' | 'inTurn' | 'clear')[];
}

/** Whoever is connected to a printer. */
export interface PrinterChannel {
  /** The printer says something. */
  write(bytes: Uint8Array): void;
  /** It takes bytes again. */
  room(): void;
  /** It has gone. */
  close(): void;
}

/** The other end of a connection. */
export interface PrinterAttachment {
  /** Offers bytes; how many of them were taken. */
  offer(bytes: Uint8Array): number;
  detach(): void;
}

/** See the module. */
export class SimulatedPrinter {
  readonly #timers: Timers;
  readonly #options: SimulatedPrinterOptions;
  readonly #head: PrintHead;
  /** Every piece of paper that was cut or torn off. */
  readonly receipts: Receipt[] = [];
  #buffer = new Uint8Array(0);
  /** The last bytes that came, for commands that are carried out at once. */
  #recent: number[] = [];
  #channel: PrinterChannel | null = null;
  #paperDots: number;
  #isCoverOpen = false;
  #isGone = false;
  #cancelWork: Cancel | null = null;
  deaf: boolean;
  /** How often somebody has connected. */
  connections = 0;
  /** After so many more bytes the cable comes out, and is put back at once: what was on its way is lost. 0: never. */
  stealAfter = 0;

  /** `finished` hears of every piece of paper that was cut or torn off. */
  constructor(
    timers: Timers,
    options: SimulatedPrinterOptions = {},
    finished: (receipt: Receipt) => void = () => {},
  ) {
    this.#timers = timers;
    this.#options = options;
    this.#paperDots = (options.paperLines ?? Number.POSITIVE_INFINITY) * lineDots;
    this.deaf = options.deaf ?? false;
    const { widthDots = 576, codePages = epsonCodePages } = options;
    this.#head = new PrintHead(widthDots, codePages, (receipt) => {
      this.receipts.push(receipt);
      finished(receipt);
    });
  }

  /** The paper that hangs out of it. */
  get paper(): Receipt {
    return this.#head.receipt;
  }

  /** All that was printed so far, as text, with a line where it was cut. */
  get text(): string {
    return [...this.receipts, this.paper]
      .map((receipt) => receipt.toText().trimEnd())
      .join('\n--- cut ---\n')
      .trimEnd();
  }

  get isConnected(): boolean {
    return this.#channel !== null;
  }

  /** Connects; null: it is not there, or somebody else is connected. */
  attach(channel: PrinterChannel): PrinterAttachment | null {
    if (this.#isGone || this.#channel !== null) return null;
    this.#channel = channel;
    this.connections += 1;
    return {
      offer: (bytes) => (this.#channel === channel ? this.#offer(bytes) : bytes.length),
      detach: () => {
        if (this.#channel === channel) this.#channel = null;
      },
    };
  }

  /** A new roll. */
  loadPaper(lines: number): void {
    this.#paperDots = lines * lineDots;
    this.#work();
  }

  openCover(): void {
    this.#isCoverOpen = true;
  }

  closeCover(): void {
    this.#isCoverOpen = false;
    this.#work();
  }

  /** Somebody tears the paper off by hand. */
  tearOff(): void {
    this.#head.tearOff();
  }

  /** The cable is pulled: what it holds it prints, and nobody hears of it. */
  unplug(): void {
    this.#isGone = true;
    const channel = this.#channel;
    this.#channel = null;
    channel?.close();
  }

  plug(): void {
    this.#isGone = false;
  }

  /** Off and on again: what it held is lost. */
  powerCycle(): void {
    this.unplug();
    this.#forget();
    this.plug();
  }

  get #isStopped(): boolean {
    return this.#isCoverOpen || this.#paperDots <= 0;
  }

  #offer(offered: Uint8Array): number {
    const bytes = this.#stolen(offered);
    const { bufferBytes = 4096 } = this.#options;
    let taken = 0;
    for (; taken < bytes.length && this.#buffer.length < bufferBytes; ) {
      const piece = bytes.subarray(taken, taken + bufferBytes - this.#buffer.length);
      taken += piece.length;
      this.#buffer = Uint8Array.from(Buffer.concat([this.#buffer, piece]));
      for (const [at, byte] of piece.entries()) this.#atOnce(byte, piece.length - at - 1);
      this.#work();
    }
    return taken;
  }

  /** What of these bytes arrives. */
  #stolen(bytes: Uint8Array): Uint8Array {
    if (this.stealAfter === 0) return bytes;
    const arrived = bytes.subarray(0, this.stealAfter);
    this.stealAfter -= arrived.length;
    if (this.stealAfter === 0) {
      this.#timers.after(0, () => {
        this.unplug();
        this.plug();
      });
    }
    return arrived;
  }

  /** Commands that are carried out when they come, wherever they stand. `behind`: bytes of the buffer after this one. */
  #atOnce(byte: number, behind: number): void {
    this.#recent = [...this.#recent, byte].slice(-10);
    const [dle, eot, n] = this.#recent.slice(-3);
    if (dle === 0x10 && eot === 0x04 && n !== undefined && n >= 1 && n <= 4) return this.#sayStatus(n);
    const isClear = clearBytes.every((wanted, at) => this.#recent[at] === wanted);
    if (!isClear || this.#options.lacks?.includes('clear')) return;
    const rest = behind === 0 ? new Uint8Array(0) : this.#buffer.slice(-behind);
    this.#forget();
    this.#buffer = rest;
    this.#say(Uint8Array.of(0x37, 0x25, 0x00));
  }

  #sayStatus(n: number): void {
    const isOut = this.#paperDots <= 0;
    const bits = [
      this.#isStopped ? 0x08 : 0,
      (this.#isCoverOpen ? 0x04 : 0) | (isOut ? 0x20 : 0),
      0,
      isOut ? 0x6c : 0,
    ][n - 1];
    const { answerDelayMs = 0 } = this.#options;
    const byte = Uint8Array.of(0x12 | (bits ?? 0));
    if (answerDelayMs === 0) this.#say(byte);
    else this.#timers.after(answerDelayMs, () => this.#say(byte));
  }

  #say(bytes: Uint8Array): void {
    if (!this.deaf) this.#channel?.write(bytes);
  }

  /** Carries out what is in the buffer, as far as paper, cover and time let it. */
  #work(): void {
    if (this.#cancelWork !== null) return;
    while (this.#buffer.length > 0 && !this.#isStopped) {
      const read = readCommand(this.#buffer);
      if (read === null) return;
      const isOdd = read.act.kind === 'askWhenPrinted' && this.#options.lacks?.includes('processId');
      // A printer that does not know the command prints what stands in it.
      const length = isOdd ? 2 : read.length;
      this.#buffer = this.#buffer.slice(length);
      if (isOdd) continue;
      const dots = this.#head.carryOut(read.act);
      this.#paperDots -= dots;
      this.#answer(read.act);
      this.#channel?.room();
      const { lineMs = 0 } = this.#options;
      if (dots > 0 && lineMs > 0) {
        this.#cancelWork = this.#timers.after((lineMs * dots) / lineDots, () => {
          this.#cancelWork = null;
          this.#work();
        });
        return;
      }
    }
  }

  #answer(act: Act): void {
    const { lacks = [] } = this.#options;
    if (act.kind === 'askInTurn' && !lacks.includes('inTurn')) this.#say(Uint8Array.of(0x00));
    if (act.kind === 'askWhenPrinted')
      this.#say(Uint8Array.of(0x37, 0x22, ...Buffer.from(act.id, 'latin1'), 0x00));
  }

  #forget(): void {
    this.#cancelWork?.();
    this.#cancelWork = null;
    this.#buffer = new Uint8Array(0);
    this.#recent = [];
    this.#head.reset();
  }
}

const clearBytes = [0x10, 0x14, 0x08, 0x01, 0x03, 0x14, 0x01, 0x06, 0x02, 0x08];
