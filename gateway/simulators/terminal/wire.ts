import type { Params } from './orders.ts';

/** One message to the cash register. */
export interface Answer {
  method: string;
  params: Readonly<Record<string, string>>;
  error: boolean;
  errorDescription: string;
}

/** One message from the cash register. */
export interface Request {
  method: string;
  params: Params;
}

/** A service message of the terminal's own (ECR protocol JSON based v1.0.3.1 §6). */
export const serviceMessage = (params: Readonly<Record<string, string>>): Answer => ({
  method: 'ServiceMessage',
  params,
  error: false,
  errorDescription: '',
});

// Far beyond any request; what is longer is thrown away up to the next NUL.
const frameBytesMax = 16_384;

/** Cuts the incoming bytes at each NUL (§2). Empty frames are ignored, as the handshake's leading NUL makes one. */
export class FrameReader {
  readonly #frame: (bytes: Buffer) => void;
  #parts: Uint8Array[] = [];
  #length = 0;

  constructor(frame: (bytes: Buffer) => void) {
    this.#frame = frame;
  }

  read(bytes: Uint8Array): void {
    let from = 0;
    for (let end = bytes.indexOf(0); end !== -1; end = bytes.indexOf(0, from)) {
      this.#keep(bytes.subarray(from, end));
      this.#finish();
      from = end + 1;
    }
    this.#keep(bytes.subarray(from));
  }

  #keep(bytes: Uint8Array): void {
    this.#length += bytes.length;
    if (this.#length > frameBytesMax) this.#parts = [];
    else if (bytes.length > 0) this.#parts.push(Uint8Array.from(bytes));
  }

  #finish(): void {
    const frame = Buffer.concat(this.#parts);
    this.#parts = [];
    this.#length = 0;
    if (frame.length > 0) this.#frame(frame);
  }
}

/** A frame's request; null when it is none. */
export function readRequest(frame: Buffer): Request | null {
  let message: unknown;
  try {
    message = JSON.parse(frame.toString('utf8'));
  } catch {
    return null;
  }
  if (!isObject(message) || typeof message.method !== 'string') return null;
  const given = isObject(message.params) ? Object.entries(message.params) : [];
  const texts = given.filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  return { method: message.method, params: Object.fromEntries(texts) };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
