import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { printerEncodings, usualCodePage } from '../gateway/contract/printer-config.ts';
import { AnswerReader, type PrinterAnswer, readinessOf } from '../gateway/printer/answers.ts';
import { encodeText, fitText } from '../gateway/printer/code-page.ts';
import { askWhenPrinted, commandMaxBytes, sweep } from '../gateway/printer/commands.ts';
import { PrintHead } from '../gateway/simulators/printer/head.ts';
import { readCommand } from '../gateway/simulators/printer/reader.ts';
import { documentOf, piecesOf, printedAtOnce } from './support/printer-bench.ts';

const test = suite('printer bytes');

const alphabet = 'абвгґдеєжзиіїйклмнопрстуфхцчшщьюя';
const letters = alphabet + alphabet.toUpperCase();
const bytesOf = (...pieces: Uint8Array[]): Buffer => Buffer.concat(pieces);
const allOf = (...args: Parameters<typeof piecesOf>): Buffer => bytesOf(...piecesOf(...args));

test('the letters that cp866 loses have these bytes, by the pages’ own tables', () => {
  const special = 'ґҐіІїЇєЄ';
  assert.is(Buffer.from(encodeText(special, 'cp1251')).toString('hex'), 'b4a5b3b2bfafbaaa');
  assert.is(Buffer.from(encodeText(special, 'cp1125')).toString('hex'), 'f3f2f7f6f9f8f5f4');
});

test('every byte of cp1251 is that of the Encoding Standard, and of cp1125 that of cp866 but for 0xF2 to 0xFF', () => {
  for (let byte = 0x80; byte <= 0xff; byte += 1) {
    const windows = new TextDecoder('windows-1251').decode(Uint8Array.of(byte));
    // 0x98 is nothing, 0xA0 and 0xAD are a blank and a hyphen that are not printed as such.
    if (![0x98, 0xa0, 0xad].includes(byte)) assert.equal([...encodeText(windows, 'cp1251')], [byte], windows);
    const dos = new TextDecoder('ibm866').decode(Uint8Array.of(byte));
    if (byte < 0xf2) assert.equal([...encodeText(dos, 'cp1125')], [byte], dos);
  }
});

test('the whole Ukrainian alphabet comes out on paper as it went in, in both pages and on every width', () => {
  const document = documentOf({ kind: 'text', text: letters });
  for (const encoding of printerEncodings)
    for (const columns of [32, 42, 48] as const)
      assert.is(
        printedAtOnce(document, { encoding, columns }).text.replace(/\n(--- cut ---)?/g, ''),
        letters,
      );
});

test('with the page of cp866 the same bytes would be wrong: the number of the page is sent', () => {
  const head = new PrintHead(576, { 0: 'cp866' }, () => {});
  for (const byte of [...encodeText('їжак', 'cp1125'), 0x0a])
    head.carryOut(byte === 0x0a ? { kind: 'lineFeed' } : { kind: 'letter', byte });
  assert.is(head.receipt.toText().trim(), '∙жак');
  for (const encoding of printerEncodings) {
    // Everything set back, no Chinese two-byte letters, then the page.
    const head = Buffer.of(0x1b, 0x40, 0x1c, 0x2e, 0x1b, 0x74, usualCodePage[encoding]);
    assert.is(allOf(documentOf({ kind: 'text', text: 'ї' }), { encoding }).indexOf(head), 0);
  }
});

test('what a page lacks has a stand-in that can be read', () => {
  const both = (text: string): string[] => printerEncodings.map((encoding) => fitText(text, encoding));
  assert.equal(both('м’ята п`ять сʼюїта'), ["м’ята п`ять с'юїта", "м'ята п`ять с'юїта"]);
  assert.equal(both('«так» — „ні“ № 5…'), ['«так» — „ні“ № 5…', '"так" - "ні" № 5...']);
  assert.equal(both('100 ₴ €5 2×3'), ['100 грн €5 2x3', '100 грн EUR5 2x3']);
  assert.equal(both('café naïve Ångström ﬁn'), ['cafe naive Angstrom fin', 'cafe naive Angstrom fin']);
  assert.equal(both('й її'.normalize('NFD')), ['й її', 'й її']);
  assert.equal(both('a\u00a0b\u2009c\u00add\u200be'), ['a b cde', 'a b cde']);
  assert.equal(both('😀漢'), ['??', '??']);
});

test('whatever the text: what is fitted is encoded letter for letter, without a control character', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.constantFrom(...printerEncodings),
      (text, encoding) => {
        const fitted = fitText(text, encoding);
        const bytes = encodeText(fitted, encoding);
        assert.is(bytes.length, [...fitted].length);
        assert.is(fitted.length, bytes.length, 'one letter is one column');
        assert.ok(bytes.every((byte) => byte >= 0x20 && byte !== 0x7f));
        assert.is(fitText(fitted, encoding), fitted);
      },
    ),
  );
});

test('a document’s bytes are commands from the first to the last, and its pieces end where one ends', () => {
  const bits = Buffer.alloc((512 * 64) / 8, 0x41).toString('base64');
  const document = documentOf(
    { kind: 'text', text: letters, bold: true, size: 2 },
    { kind: 'logo', logo: { width: 512, height: 64, bits } },
    { kind: 'qr', text: 'https://shop.example/чек' },
    { kind: 'feed', lines: 10 },
    ...Array.from({ length: 60 }, () => ({ kind: 'item', name: letters, sum: 1 }) as const),
  );
  const pieces = piecesOf(document, { columns: 48 });
  assert.ok(pieces.length > 5);
  for (const piece of pieces) {
    assert.ok(piece.length <= commandMaxBytes, String(piece.length));
    for (let rest = piece; rest.length > 0; ) {
      const read = readCommand(rest);
      if (read === null) return assert.unreachable('a piece ends within a command');
      assert.ok(read.act.kind !== 'nothing' || rest[0] === 0x1c || rest[2] === 0x6b || rest[1] === 0x28);
      rest = rest.subarray(read.length);
    }
  }
});

test('no picture holds a command that a printer carries out at once: none opens the cash drawer', () => {
  const drawer = Uint8Array.of(0x10, 0x14, 0x01, 0x00, 0x01);
  const ask = Uint8Array.of(0x10, 0x04, 0x01);
  const clear = Uint8Array.of(0x10, 0x14, 0x08, 0x01, 0x03, 0x14, 0x01, 0x06, 0x02, 0x08);
  const bits = Buffer.alloc(64, 0);
  bits.set(drawer, 3);
  bits.set(ask, 20);
  bits.set(clear, 30);
  // At the end of a band the next one's bytes follow.
  const document = documentOf({
    kind: 'logo',
    logo: { width: 8, height: 64, bits: bits.toString('base64') },
  });
  const sent = allOf(document);
  for (const [at, byte] of sent.entries())
    assert.not.ok(byte === 0x10 && [0x04, 0x05, 0x14].includes(sent[at + 1] ?? 0), `at ${at}`);
  // All but those dots is as it was.
  const printed = printedAtOnce(document).receipts[0]?.parts.flatMap((part) =>
    part.kind === 'picture' ? [...part.picture.bits] : [],
  );
  assert.equal(
    printed?.map((byte, at) => byte ^ (bits[at] ?? 0)).filter((difference) => difference !== 0),
    [8, 8, 8],
  );
});

test('the sweep is longer than the longest command, and nothing by itself', () => {
  assert.ok(sweep.length > commandMaxBytes);
  const head = new PrintHead(576, {}, () => {});
  for (let rest = sweep; rest.length > 0; ) {
    const read = readCommand(rest);
    if (read === null) return assert.unreachable();
    assert.is(head.carryOut(read.act), 0);
    rest = rest.subarray(read.length);
  }
  assert.ok(head.receipt.isEmpty);
});

const answers = (...bytes: number[]): PrinterAnswer[] => new AnswerReader().read(Uint8Array.from(bytes));

test('answers are told apart by their bits, whole or in pieces', () => {
  assert.equal(answers(0x12), [{ kind: 'status', byte: 0x12 }]);
  assert.equal(answers(0x00, 0x0c), [{ kind: 'inTurn' }, { kind: 'inTurn' }]);
  assert.equal(answers(0x37, 0x22, 0x41, 0x42, 0x20, 0x7e, 0x00), [{ kind: 'printed', id: 'AB ~' }]);
  assert.equal(answers(0x37, 0x25, 0x00, 0x1a), [{ kind: 'cleared' }, { kind: 'status', byte: 0x1a }]);
  const reader = new AnswerReader();
  const said = Uint8Array.of(0x37, 0x22, 0x37, 0x25, 0x37, 0x22, 0x00);
  assert.equal(
    [...said].flatMap((byte) => reader.read(Uint8Array.of(byte))),
    [{ kind: 'printed', id: '7%7"' }],
  );
});

test('what nobody asked for is left out: XON, XOFF, automatic status, blocks of another kind', () => {
  assert.equal(answers(0x11, 0x13, 0x12), [{ kind: 'status', byte: 0x12 }]);
  assert.equal(answers(0x14, 0x00, 0x00, 0x0f, 0x16), [{ kind: 'status', byte: 0x16 }]);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const reader = new AnswerReader();
      assert.ok(reader.read(bytes).length <= bytes.length);
      // After any noise it hears again, at the latest behind one that was cut short.
      reader.read(new Uint8Array(8).fill(0x11));
      assert.ok(reader.read(Uint8Array.of(0x12, 0x12)).some(({ kind }) => kind === 'status'));
    }),
  );
});

test('what a printer says of itself: cover before paper, paper before the rest', () => {
  const ready = { printer: 0x12, offLine: 0x12, paper: 0x12 };
  assert.is(readinessOf(ready), 'ready');
  assert.is(readinessOf({ ...ready, paper: 0x1e }), 'ready', 'the roll is nearly at its end');
  assert.is(readinessOf({ ...ready, printer: 0x1a, paper: 0x72 }), 'paperOut');
  assert.is(readinessOf({ ...ready, printer: 0x1a, offLine: 0x32 }), 'paperOut');
  assert.is(readinessOf({ printer: 0x1a, offLine: 0x36, paper: 0x72 }), 'coverOpen');
  assert.is(readinessOf({ ...ready, offLine: 0x52 }), 'fault');
  assert.is(readinessOf({ printer: 0x1a, offLine: null, paper: null }), 'fault');
  assert.is(readinessOf({ printer: 0x16, offLine: null, paper: null }), 'ready', 'the drawer is open');
});

test('the question whether it is printed is Epson’s, byte by byte', () => {
  assert.is(Buffer.from(askWhenPrinted('0A ~')).toString('hex'), '1d2848060030303041207e');
});

test.run();
