import { type Chip, cyclesPerMs } from './chip.ts';

/** Bytes that wait to go in; more are lost, as when nobody reads at the other end of a line. */
export const waitingBytesMax = 1 << 20;

interface Waiting {
  bytes: Uint8Array;
  taken: number;
  done: (() => void) | undefined;
}

/** The line into the panel's UART: one byte after the other, each taking the time that the baud rate gives it. */
export class UartInput {
  readonly #queue: Waiting[] = [];
  #waiting = 0;
  #nextCycle = 0;

  /** How many bytes wait. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Appends bytes; the first one begins at this cycle or when the line is free. `done` when the last one is in. */
  add(bytes: Uint8Array, fromCycle: number, done?: () => void): void {
    if (bytes.length === 0 || this.#waiting + bytes.length > waitingBytesMax) {
      done?.();
      return;
    }
    if (this.#queue.length === 0) this.#nextCycle = Math.max(this.#nextCycle, fromCycle) + byteCycles;
    this.#queue.push({ bytes: Uint8Array.from(bytes), taken: 0, done });
    this.#waiting += bytes.length;
  }

  /** The cycle at which the next byte is complete; null when none is on its way. */
  get nextCycle(): number | null {
    return this.#queue.length === 0 ? null : this.#nextCycle;
  }

  /** Hands the byte that is complete to the chip. */
  deliver(chip: Chip): void {
    const head = this.#queue[0];
    if (head === undefined) return;
    chip.receive(head.bytes[head.taken] as number);
    head.taken += 1;
    this.#waiting -= 1;
    this.#nextCycle += byteCycles;
    if (head.taken < head.bytes.length) return;
    this.#queue.shift();
    head.done?.();
  }
}

/** 10 bits at 57600 baud, in cycles of the chip. The sender keeps its own clock, not the chip's. */
const byteCycles = Math.round((cyclesPerMs * 1000 * 10) / 57_600);
