import type { Random } from '../../seams/random.ts';
import type { Cancel, Timers } from '../../seams/time.ts';
import { writeAnswer } from './oddities.ts';
import type { Oddity, TerminalOptions } from './script.ts';
import type { Answer } from './wire.ts';

// As long as the latency timer of a common USB converter: what comes within it leaves in one piece.
const glueMs = 16;
const betweenPiecesMs = 1;
const queuedBytesMax = 1_048_576;

/** What an {@link Outbox} works with. */
export interface OutboxParts {
  write(bytes: Uint8Array): void;
  timers: Timers;
  random: Random;
  options: TerminalOptions;
}

/** Turns answers into bytes on the line, in the pieces in which an odd terminal sends them. */
export class Outbox {
  readonly #parts: OutboxParts;
  readonly #odd: ReadonlySet<Oddity>;
  #queued = Buffer.alloc(0);
  #cancel: Cancel | null = null;
  #stopped = false;

  constructor(parts: OutboxParts) {
    this.#parts = parts;
    this.#odd = new Set(parts.options.odd);
  }

  send(answer: Answer): void {
    const nul = Buffer.alloc(1);
    this.#put(
      Buffer.concat([
        ...(this.#odd.has('garbage') ? [this.#garbage(), nul] : []),
        ...(this.#odd.has('leadingNul') ? [nul] : []),
        Buffer.from(writeAnswer(answer, this.#odd), 'utf8'),
        nul,
      ]),
    );
  }

  /** Sends a frame that nobody can read. */
  sendGarbage(): void {
    this.#put(Buffer.concat([this.#garbage(), Buffer.alloc(1)]));
  }

  /** What has not left yet never will. */
  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
    this.#cancel = null;
    this.#queued = Buffer.alloc(0);
  }

  #put(bytes: Buffer): void {
    if (this.#stopped) return;
    if (!this.#odd.has('glued') && !this.#odd.has('split')) {
      this.#parts.write(bytes);
      return;
    }
    if (this.#queued.length + bytes.length > queuedBytesMax) return;
    this.#queued = Buffer.concat([this.#queued, bytes]);
    if (this.#cancel === null) this.#later(this.#odd.has('glued') ? glueMs : betweenPiecesMs);
  }

  #later(delayMs: number): void {
    this.#cancel = this.#parts.timers.after(delayMs, () => this.#flush());
  }

  #flush(): void {
    this.#cancel = null;
    const length = this.#odd.has('split') ? this.#parts.options.splitBytes : this.#queued.length;
    const piece = this.#queued.subarray(0, length);
    this.#queued = this.#queued.subarray(length);
    if (this.#queued.length > 0) this.#later(betweenPiecesMs);
    this.#parts.write(piece);
  }

  /** Bytes without a NUL, some of them no UTF-8. */
  #garbage(): Buffer {
    return Buffer.from(Array.from({ length: 5 }, () => 1 + Math.floor(this.#parts.random.fraction() * 255)));
  }
}
