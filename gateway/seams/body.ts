/** Reads the body of a request or an answer, as far as it may go. */

/** All of it, or why not: it is longer than allowed, or whoever sent it was gone before its end. */
export type Body = { bytes: Uint8Array } | { fault: 'oversized' | 'cutOff' };

/**
 * Reads a body to its end, and not further than allowed.
 *
 * hono's own limit makes a new Request of a body of unknown length, which its server for Node does not let it when it
 * leaves the globals alone.
 */
export async function bodyOf(stream: AsyncIterable<Uint8Array> | null, maxBytes: number): Promise<Body> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const piece of stream ?? []) {
      length += piece.length;
      if (length > maxBytes) return { fault: 'oversized' };
      pieces.push(piece);
    }
  } catch {
    return { fault: 'cutOff' };
  }
  return { bytes: Buffer.concat(pieces) };
}
