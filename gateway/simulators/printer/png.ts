import { crc32, deflateSync } from 'node:zlib';

/** A picture in black and white: rows of width / 8 bytes rounded up, the leftmost dot the highest bit, 1 is black. */
export interface Bitmap {
  width: number;
  height: number;
  bits: Uint8Array;
}

/** An empty bitmap. */
export const bitmap = (width: number, height: number): Bitmap => ({
  width,
  height,
  bits: new Uint8Array(Math.ceil(width / 8) * height),
});

/** Blackens a dot; one beside the picture is left out. */
export function blacken({ width, height, bits }: Bitmap, x: number, y: number): void {
  if (x < 0 || y < 0 || x >= width || y >= height) return;
  const at = y * Math.ceil(width / 8) + (x >> 3);
  bits[at] = (bits[at] ?? 0) | (0x80 >> (x & 7));
}

/** The picture as a PNG file (W3C PNG, third edition): grey, one bit a dot, no filter. */
export function pngOf({ width, height, bits }: Bitmap): Uint8Array {
  const rowBytes = Math.ceil(width / 8);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 1;
  const rows = Buffer.alloc((rowBytes + 1) * height);
  for (let y = 0; y < height; y += 1)
    // In PNG a set bit is white.
    for (let x = 0; x < rowBytes; x += 1)
      rows[y * (rowBytes + 1) + 1 + x] = ~(bits[y * rowBytes + x] ?? 0) & 0xff;
  const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  body.copy(framed, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}
