import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import * as v from 'valibot';
import { type PrintDocument, printDocumentSchema } from '../gateway/contract/print-document.ts';
import { layOut } from '../gateway/printer/layout.ts';
import { fitPicture, qrDots } from '../gateway/printer/pictures.ts';
import { type Paper, paperOf, type Sheet } from '../gateway/printer/sheet.ts';
import { slipsOf } from '../gateway/printer/slip.ts';
import { alignLine, pair, sumText, wrap } from '../gateway/printer/wrap.ts';
import { documentOf, printedAtOnce, result } from './support/printer-bench.ts';

const test = suite('printer layout');

const sheetOf = (document: PrintDocument, columns: Paper['columns'] = 32, cut = true): Sheet =>
  layOut(document, { paper: paperOf(columns), encoding: 'cp1251', cut });
const linesOf = (sheet: Sheet): string[] =>
  sheet.flatMap((part) => (part.kind === 'line' ? [part.text] : []));

test('a text is broken between words, a word that is too long within itself, and one that fits is left alone', () => {
  assert.equal(wrap('молоко безлактозне', 10), ['молоко', 'безлактозн', 'е']);
  assert.equal(wrap('молоко безлактозне', 18), ['молоко безлактозне']);
  assert.equal(wrap('  а   б  ', 7), ['  а   б']);
  assert.equal(wrap('', 10), ['']);
  assert.equal(wrap('а'.repeat(21), 10), ['а'.repeat(10), 'а'.repeat(10), 'а']);
});

test('the sum stands at the right end of the last line, and never touches the name', () => {
  assert.equal(pair('Хліб', '25.00', 14), ['Хліб     25.00']);
  assert.equal(pair('Хлібчик', '25.00', 14), ['Хлібчик  25.00']);
  assert.equal(pair('Хліб білий', '25.00', 14), ['Хліб', 'білий    25.00']);
  assert.equal(pair('Хліб', '99999999.00', 12), ['Хліб', ' 99999999.00']);
});

test('whatever the texts: no line is longer than the paper, no letter and no sum is lost', () => {
  const word = fc.stringMatching(/^[а-яґіїє0-9.]{1,40}$/);
  const texts = fc.array(word, { maxLength: 20 }).map((words) => words.join(' '));
  fc.assert(
    fc.property(
      texts,
      fc.integer({ min: -1e12, max: 1e12 }),
      fc.constantFrom(16, 32, 42, 48),
      (text, sum, columns) => {
        const sumOf = sumText(sum);
        const lines = pair(text, sumOf, columns);
        assert.ok(lines.every((line) => line.length <= columns));
        assert.is(lines.join('').replaceAll(' ', ''), text.replaceAll(' ', '') + sumOf);
        assert.is(lines.at(-1)?.length, columns);
        assert.ok(lines.at(-1)?.endsWith(sumOf));
        const wrapped = wrap(text, columns);
        assert.ok(wrapped.every((line) => line.length <= columns));
        assert.is(wrapped.join('').replaceAll(' ', ''), text.replaceAll(' ', ''));
      },
    ),
  );
});

test('sums: two decimals always, and the sign in front', () => {
  assert.equal([0, 5, 50, 100, 123_456, -5, -1_720].map(sumText), [
    '0.00',
    '0.05',
    '0.50',
    '1.00',
    '1234.56',
    '-0.05',
    '-17.20',
  ]);
});

test('alignment counts in letters of the line’s own size', () => {
  assert.is(alignLine('аб', 'center', 8), '   аб');
  assert.is(alignLine('аб', 'right', 8), '      аб');
  const [large] = linesOf(sheetOf(documentOf({ kind: 'text', text: 'СУМА', align: 'right', size: 2 })));
  assert.is(large, `${' '.repeat(12)}СУМА`);
});

test('an item: the name in full, quantity, price and sum below it', () => {
  const lines = linesOf(
    sheetOf(
      documentOf(
        {
          kind: 'item',
          name: 'Кава з молоком безлактозним та сиропом',
          quantity: '2',
          price: 6_500,
          sum: 13_000,
        },
        { kind: 'item', name: 'Вага', quantity: '0,350', sum: 4_200 },
        { kind: 'item', name: 'Знижка', sum: -1_720 },
      ),
    ),
  );
  assert.equal(lines, [
    'Кава з молоком безлактозним та',
    'сиропом',
    '  2 x 65.00               130.00',
    'Вага',
    '  0,350                    42.00',
    'Знижка                    -17.20',
  ]);
});

test('a document ends with a cut, once; without a cutter paper is fed instead', () => {
  const text = { kind: 'text', text: 'a' } as const;
  const kinds = (document: PrintDocument, cut = true): string[] =>
    sheetOf(document, 32, cut).map(({ kind }) => kind);
  assert.equal(kinds(documentOf(text)), ['line', 'cut']);
  assert.equal(kinds(documentOf(text, { kind: 'cut' })), ['line', 'cut']);
  assert.equal(kinds(documentOf(text, { kind: 'cut' }, text)), ['line', 'cut', 'line', 'cut']);
  assert.equal(kinds(documentOf(text), false), ['line', 'feed']);
});

test('a picture that is wider than the paper is halved, and keeps its lines of one dot', () => {
  const bits = new Uint8Array((512 / 8) * 4);
  bits[0] = 0x80;
  bits[63] = 0x01;
  bits.set([0x40], 64 * 3);
  const small = fitPicture({ kind: 'picture', width: 512, height: 4, bits }, paperOf(32));
  assert.equal([small.width, small.height], [256, 2]);
  assert.equal([small.bits[0], small.bits[31], small.bits[32]], [0x80, 0x01, 0x80]);
  assert.is(
    small.bits.reduce((sum, byte) => sum + byte, 0),
    0x80 + 0x01 + 0x80,
  );
  const fits = { kind: 'picture', width: 384, height: 1, bits: new Uint8Array(48) } as const;
  assert.is(fitPicture(fits, paperOf(32)), fits);
});

test('the longest QR code fits the narrowest paper', () => {
  const longest = 'x'.repeat(500);
  const document = documentOf({ kind: 'qr', text: longest });
  for (const columns of [32, 42, 48] as const) {
    const dots = qrDots(longest, paperOf(columns));
    assert.ok(dots >= 3 && (17 + 4 * 17) * dots <= paperOf(columns).dots, String(dots));
    assert.match(printedAtOnce(document, { columns }).text, /QR x{500}/);
  }
  assert.is(qrDots('x', paperOf(48)), 8);
});

const someText = fc.string({
  unit: fc.constantFrom(...'абвґїєі \u00a0\u2009№₴’«»é漢😀x1.,-'),
  maxLength: 80,
});
const someSum = fc.integer({ min: -999_999_999_999, max: 999_999_999_999 });
const size = fc.constantFrom(1, 2);
const someElement = fc.oneof(
  fc.record({
    kind: fc.constant('text'),
    text: someText,
    align: fc.constantFrom('left', 'center', 'right'),
    size,
  }),
  fc.record({
    kind: fc.constant('item'),
    name: someText,
    sum: someSum,
    price: someSum,
    quantity: fc.constant('0.350'),
  }),
  fc.record({
    kind: fc.constant('total'),
    label: someText.map((text) => text.slice(0, 30)),
    sum: someSum,
    size,
  }),
  fc.constantFrom({ kind: 'rule' }, { kind: 'feed' }, { kind: 'qr', text: 'ї' }),
);

test('whatever the document: every line fits the paper, every sum stands whole in one line, and it is printed', () => {
  fc.assert(
    fc.property(
      fc.array(someElement, { minLength: 1, maxLength: 4 }),
      fc.constantFrom(32, 42, 48),
      (elements, columns) => {
        const document = v.parse(printDocumentSchema, elements);
        const sheet = sheetOf(document, columns as Paper['columns']);
        for (const part of sheet)
          if (part.kind === 'line') assert.ok(part.text.length * part.size <= columns, part.text);
        const lines = linesOf(sheet);
        for (const element of document)
          if ('sum' in element) assert.ok(lines.some((line) => line.endsWith(sumText(element.sum))));
        const printer = printedAtOnce(document, { columns: columns as Paper['columns'] });
        assert.is(printer.receipts.length, printer.receipts[0]?.isEmpty === false ? 1 : 0);
      },
    ),
    { numRuns: 60 },
  );
});

test('a slip is the terminal’s own text, line by line', () => {
  const receipt = 'ПРИВАТБАНК\r\n  СУМА 100.50\tГРН\nСХВАЛЕНО\n\n';
  const slip = slipsOf(result({ outcome: 'approved', receipt }), { copies: 1 });
  assert.equal(linesOf(sheetOf(slip)), ['ПРИВАТБАНК', '  СУМА 100.50  ГРН', 'СХВАЛЕНО']);
});

test('a signature is asked for on the copy that stays, and on that alone', () => {
  const slip = (copies: 1 | 2, signatureRequired: boolean): string[] =>
    linesOf(sheetOf(slipsOf(result({ outcome: 'approved', receipt: 'ЧЕК', signatureRequired }), { copies })));
  assert.equal(slip(1, false), ['ЧЕК']);
  assert.equal(slip(1, true), ['ЧЕК', 'ПІДПИС ______________________']);
  assert.equal(
    slip(2, true).map((line) => line.trim()),
    ['ЧЕК', 'ПІДПИС ______________________', 'ПРИМІРНИК ТОРГІВЦЯ', 'ЧЕК', 'ПРИМІРНИК КЛІЄНТА'],
  );
});

test('without a text of the terminal the slip is made of what the result says', () => {
  const approved = result({
    outcome: 'partiallyApproved',
    receipt: null,
    approvedAmount: 9_000,
    currency: 'UAH',
    terminal: 'S1260S6Y',
    invoice: '131220',
    card: { pan: '473117******9838', scheme: 'VISA', entry: 'contactless' },
    rrn: '083998389823',
    authCode: '483920',
    order: 'Z-123',
    finishedAt: '2026-11-21T10:00:05.000Z',
  });
  const lines = linesOf(sheetOf(slipsOf(approved, { copies: 1, timeZone: 'Europe/Kyiv' })));
  assert.equal(
    lines.map((line) => line.trim()),
    [
      'ОПЛАТА',
      'ТЕРМІНАЛ S1260S6Y',
      'ЧЕК 131220',
      'КАРТКА 473117******9838',
      'СИСТЕМА VISA',
      'RRN 083998389823',
      'КОД АВТ. 483920',
      'ЗАМОВЛЕННЯ Z-123',
      'ДАТА 21.11.2026, 12:00:05',
      'СУМА UAH   90.00',
      'СХВАЛЕНО ЧАСТКОВО',
    ],
  );
});

test('no slip where no money moved', () => {
  for (const outcome of ['declined', 'cancelled', 'failed', 'refused', 'unknown', 'done'] as const)
    assert.equal(slipsOf(result({ outcome, receipt: 'ЧЕК' }), { copies: 2 }), [], outcome);
});

test.run();
