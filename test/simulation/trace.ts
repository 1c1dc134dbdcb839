/** What happened in a simulated world, line by line, in order: the same seed must give the same bytes. */
export class Trace {
  readonly #lines: string[] = [];
  readonly #nowMs: () => number;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  add(who: string, what: string): void {
    this.#lines.push(`${String(this.#nowMs()).padStart(9)} ${who.padEnd(8)} ${what}`);
  }

  get lines(): readonly string[] {
    return this.#lines;
  }

  toString(): string {
    return `${this.#lines.join('\n')}\n`;
  }
}

/** Bytes as text on one line. */
export const printable = (bytes: Uint8Array): string =>
  JSON.stringify(Buffer.from(bytes).toString('utf8')).slice(1, -1).replaceAll('\\u0000', '␀');
