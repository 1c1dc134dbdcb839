/** What happened in a simulated world, line by line, in order: the same seed must give the same bytes. */
export class Trace {
  readonly #lines: string[] = [];
  readonly #nowMs: () => number;
  /** False: nothing is kept, which makes a run faster. */
  readonly isOn: boolean;

  constructor(nowMs: () => number, isOn = true) {
    this.#nowMs = nowMs;
    this.isOn = isOn;
  }

  add(who: string, what: string): void {
    if (this.isOn) this.#lines.push(`${String(this.#nowMs()).padStart(9)} ${who.padEnd(8)} ${what}`);
  }

  /** The same for bytes on a line, as text on one line. */
  addBytes(who: string, bytes: Uint8Array): void {
    if (this.isOn) this.add(who, printable(bytes));
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

/** A message on one line: of a JWS its payload, who signed it, and the end of the signature. */
export function readable(payload: string): string {
  const [header = '', content = '', signature] = payload.split('.');
  if (signature === undefined || !/^[\w-]+$/.test(header)) return payload;
  const text = (part: string): string => Buffer.from(part, 'base64url').toString();
  return `${text(content)} ${text(header)} …${signature.slice(-8)}`;
}
