/** Bytes as a bad line makes them. */
import fc from 'fast-check';

/** The same bytes, which a failure shows as text. */
export const shown = <Bytes extends Uint8Array>(bytes: Bytes): Bytes =>
  Object.defineProperty(bytes, fc.toStringMethod, {
    value: () => `bytes ${JSON.stringify(Buffer.from(bytes).toString('latin1'))}`,
  });

const splinters = ['', '\0', '\0\0', '{', '}', '"', '\\', '{"', ',', '[', '\ufeff', '\u0003'].map((text) =>
  Buffer.from(text),
);
// No UTF-8: an overlong NUL, a lone surrogate, beyond the last code point, a start without its rest.
const noText = [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82]].map(
  (bytes) => Buffer.from(bytes),
);

const splinter = fc.oneof(
  fc.constantFrom(...splinters, ...noText),
  fc.uint8Array({ maxLength: 6 }).map((bytes) => Buffer.from(bytes)),
);

interface Change {
  at: number;
  remove: number;
  insert: Buffer;
  flip: number;
}

const change: fc.Arbitrary<Change> = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  remove: fc.oneof({ weight: 3, arbitrary: fc.nat(2) }, { weight: 1, arbitrary: fc.nat(400) }),
  insert: splinter,
  flip: fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(255) }),
});

function changed(bytes: Uint8Array, { at, remove, insert, flip }: Change): Uint8Array {
  const place = Math.floor(at * bytes.length);
  const rest = Buffer.from(bytes.subarray(Math.min(bytes.length, place + remove)));
  if (rest.length > 0) rest[0] = (rest[0] ?? 0) ^ flip;
  return Buffer.concat([bytes.subarray(0, place), insert, rest]);
}

/** These bytes with some bits turned, pieces lost, doubled or put in; sometimes as they are. */
export const mutated = (original: fc.Arbitrary<string | Uint8Array>): fc.Arbitrary<Uint8Array> =>
  fc
    .tuple(original, fc.array(change, { maxLength: 3 }))
    .map(([whole, changes]) => shown(changes.reduce<Uint8Array>(changed, Buffer.from(whole as string))));

/** The same bytes in pieces of any size. */
export function inPieces(bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  let from = 0;
  for (const size of sizes) {
    if (from >= bytes.length) break;
    pieces.push(bytes.subarray(from, from + size));
    from += size;
  }
  if (from < bytes.length) pieces.push(bytes.subarray(from));
  return pieces;
}

/** Sizes of pieces. */
export const pieceSizes = fc.array(
  fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 0, max: 200 })),
  {
    maxLength: 12,
  },
);
