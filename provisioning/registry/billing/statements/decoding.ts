import { StatementFault, tooManyBytes } from './fault.ts';
import type { Bytes } from './shapes.ts';

/** The encodings that statements come in. */
export type TextEncodingName = 'utf-8' | 'windows-1251';

/** The pieces of a file, as long as they are no more bytes than allowed. Throws a Refusal `tooLarge`. */
export async function* limited(bytes: Bytes, most: number): AsyncGenerator<Uint8Array> {
  let count = 0;
  for await (const piece of bytes) {
    count += piece.byteLength;
    if (count > most) throw tooManyBytes(most);
    yield piece;
  }
}

/**
 * The text of a file, piece by piece; a byte order mark of UTF-8 is left out and makes it UTF-8. `encoding` is asked with the first
 * bytes (up to 256 as ISO 8859-1). Throws a {@link StatementFault} for bytes that are none of the encoding.
 */
export async function* decoded(
  pieces: AsyncIterable<Uint8Array>,
  encoding: (start: string) => TextEncodingName,
): AsyncGenerator<string> {
  let decoder: InstanceType<typeof TextDecoder> | null = null;
  let held = Buffer.alloc(0);
  let line = 1;
  const decode = (piece: Uint8Array, isLast: boolean): string => {
    decoder ??= new TextDecoder(encodingOf(held, encoding), { fatal: true });
    try {
      const text = decoder.decode(piece, { stream: !isLast });
      line += text.split('\n').length - 1;
      return text;
    } catch {
      throw new StatementFault(line, 'encoding', 'other bytes', `text in ${decoder.encoding} from here on`);
    }
  };
  for await (const piece of pieces) {
    if (decoder !== null) {
      yield decode(piece, false);
      continue;
    }
    held = Buffer.concat([held, piece]);
    if (held.length >= 256) yield decode(held, false);
  }
  yield decoder === null ? decode(held, true) : decode(new Uint8Array(), true);
}

function encodingOf(start: Buffer, encoding: (start: string) => TextEncodingName): TextEncodingName {
  if (start.subarray(0, 3).equals(Buffer.of(0xef, 0xbb, 0xbf))) return 'utf-8';
  if (/^(\xff\xfe|\xfe\xff)/.test(start.toString('latin1', 0, 2)))
    throw new StatementFault(1, 'encoding', 'UTF-16', 'utf-8 or windows-1251');
  return encoding(start.toString('latin1', 0, 256));
}
