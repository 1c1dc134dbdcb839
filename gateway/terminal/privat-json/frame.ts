/** The longest frame that is read. A receipt has a few kilobytes. */
export const frameMaxBytes = 256 * 1024;

/** Room that is kept between frames. */
const restingBytes = 4 * 1024;

/** What one read brought. */
export interface Framed {
  /** Whole frames without their terminator, in order; empty ones are left out. */
  frames: Uint8Array[];
  /** Bytes thrown away because their frame grew too long. */
  droppedBytes: number;
}

/** Cuts a byte stream into frames. */
export interface Framer {
  /** Takes what was read, in pieces of any size. */
  push(bytes: Uint8Array): Framed;
  /** Room taken at the moment, in bytes. */
  heldBytes(): number;
}

/**
 * A framer for NUL-terminated frames (ECR protocol JSON based v1.0.3.1 §2, §4: one UTF-8 JSON object, then 0x00).
 * A frame of more than `maxBytes` is thrown away up to its terminator; the next one is read again.
 */
export function createFramer(maxBytes: number = frameMaxBytes): Framer {
  let held = new Uint8Array(Math.min(restingBytes, maxBytes));
  let length = 0;
  let isOverlong = false;

  const hold = (piece: Uint8Array): void => {
    const needed = length + piece.length;
    if (needed > held.length) {
      const roomier = new Uint8Array(Math.min(maxBytes, Math.max(needed, held.length * 2)));
      roomier.set(held.subarray(0, length));
      held = roomier;
    }
    held.set(piece, length);
    length = needed;
  };
  const forget = (): void => {
    length = 0;
    if (held.length > restingBytes) held = new Uint8Array(restingBytes);
  };

  return {
    heldBytes: () => held.length,
    push(bytes) {
      const frames: Uint8Array[] = [];
      let droppedBytes = 0;
      for (let from = 0; from < bytes.length; ) {
        const terminator = bytes.indexOf(0, from);
        const piece = bytes.subarray(from, terminator === -1 ? bytes.length : terminator);
        if (isOverlong || length + piece.length > maxBytes) {
          droppedBytes += length + piece.length;
          isOverlong = true;
          forget();
        } else hold(piece);
        if (terminator === -1) break;
        if (!isOverlong && length > 0) frames.push(held.slice(0, length));
        isOverlong = false;
        forget();
        from = terminator + 1;
      }
      return { frames, droppedBytes };
    },
  };
}
