import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { inflateSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isBlack, letterSize } from '../gateway/simulators/printer/font.ts';
import { Receipt } from '../gateway/simulators/printer/paper.ts';
import { bitmap, blacken, pngOf } from '../gateway/simulators/printer/png.ts';
import { needing } from './support/needs.ts';
import { documentOf, printedAtOnce } from './support/printer-bench.ts';
import { tempDirs } from './support/temp.ts';

const test = suite('printer pictures');
const tempDir = tempDirs(test);
const run = promisify(execFile);

const pictureOf = (...args: Parameters<typeof printedAtOnce>): Uint8Array => {
  const [receipt] = printedAtOnce(...args).receipts;
  if (receipt === undefined) throw new Error('nothing was cut off');
  return receipt.toPng();
};

/** The dots of a PNG file of ours: true is black. */
function dotsOf(png: Uint8Array): boolean[][] {
  const file = Buffer.from(png);
  const [width, height] = [file.readUInt32BE(16), file.readUInt32BE(20)];
  const start = file.indexOf('IDAT') + 4;
  const rows = inflateSync(file.subarray(start, start + file.readUInt32BE(start - 8)));
  const rowBytes = Math.ceil(width / 8) + 1;
  return Array.from({ length: height }, (_, y) =>
    Array.from(
      { length: width },
      (_, x) => ((rows[y * rowBytes + 1 + (x >> 3)] ?? 0) & (0x80 >> (x & 7))) === 0,
    ),
  );
}

needing(test, 'zbarimg')(
  'a QR code is read back from the picture, as long as it may be, on every width',
  async () => {
    const texts = ['https://shop.example/чек/1?сума=154.80', `їґ${'x'.repeat(496)}`, '1'];
    for (const columns of [32, 42, 48] as const)
      for (const text of texts) {
        const file = join(tempDir(), 'receipt.png');
        writeFileSync(
          file,
          pictureOf(documentOf({ kind: 'text', text: 'над' }, { kind: 'qr', text }), { columns }),
        );
        // As bytes: else zbarimg guesses what encoding they are in.
        const { stdout } = await run('zbarimg', ['--quiet', '--raw', '-Sbinary', '--oneshot', file]);
        assert.is(stdout.trimEnd(), text, String(columns));
      }
  },
);

test('a picture’s dots are where they were, in the middle of the paper', () => {
  const bits = Buffer.from([0b1000_0000, 0b0000_0001, 0b0100_0000, 0b0000_0010]).toString('base64');
  const dots = dotsOf(
    pictureOf(documentOf({ kind: 'logo', logo: { width: 16, height: 2, bits } }), { columns: 32 }),
  );
  const black = dots.flatMap((row, y) => row.flatMap((isSet, x) => (isSet ? [[x, y]] : [])));
  const left = 24 + (384 - 16) / 2;
  assert.equal(black, [
    [left, 24],
    [left + 15, 24],
    [left + 1, 25],
    [left + 14, 25],
  ]);
});

test('a letter of twice the size is the same letter, each dot four dots', () => {
  const rows = (size: number): boolean[][] =>
    dotsOf(pictureOf(documentOf({ kind: 'text', text: 'Ї', size }), { columns: 32 }));
  const [normal, large] = [rows(1), rows(2)];
  for (let y = 0; y < letterSize.height; y += 1)
    for (let x = 0; x < letterSize.width; x += 1) {
      const isSet = isBlack('Ї', x, y);
      assert.is(normal[24 + y]?.[24 + x], isSet);
      for (const [dx, dy] of [
        [0, 0],
        [1, 0],
        [0, 1],
        [1, 1],
      ] as const)
        assert.is(large[24 + 2 * y + dy]?.[24 + 2 * x + dx], isSet);
    }
});

test('bold letters are heavier, and every Ukrainian letter has a shape of its own', () => {
  const count = (bold: boolean): number =>
    dotsOf(pictureOf(documentOf({ kind: 'text', text: 'ґанок', bold })))
      .flat()
      .filter(Boolean).length;
  assert.ok(count(true) > count(false));
  const shapeOf = (letter: string): string =>
    Array.from({ length: 288 }, (_, dot) => (isBlack(letter, dot % 12, Math.floor(dot / 12)) ? 1 : 0)).join(
      '',
    );
  const letters = [...'абвгґдеєжзиіїйклмнопрстуфхцчшщьюяҐЄІЇ№'];
  assert.is(new Set(letters.map(shapeOf)).size, letters.length);
  assert.is.not(shapeOf('ґ'), shapeOf('漢'));
});

test('an empty paper is a picture, too, and dots beside it are left out', () => {
  assert.is(dotsOf(new Receipt(384).toPng()).flat().filter(Boolean).length, 0);
  const small = bitmap(9, 1);
  for (const [x, y] of [
    [-1, 0],
    [9, 0],
    [0, 1],
    [8, 0],
  ] as const)
    blacken(small, x, y);
  assert.equal(dotsOf(pngOf(small)), [[...Array(8).fill(false), true]]);
});

test.run();
