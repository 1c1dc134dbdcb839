import { parse } from 'csv-parse/sync';
import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type CsvOptions, documentsCsv, linesCsv } from '../provisioning/registry/billing/export/csv.ts';
import { documentsJson } from '../provisioning/registry/billing/export/json.ts';
import type { BillingDocument } from '../provisioning/registry/billing/shapes.ts';
import { actOver, buyer, creditNote, invoiceOver } from './fixtures/billing/papers.ts';

const test = suite('billing export');

const excel: CsvOptions = { delimiter: ';', decimal: ',', byteOrderMark: true };

async function whole(pieces: AsyncIterable<string>): Promise<string> {
  let text = '';
  for await (const piece of pieces) text += piece;
  return text;
}

const read = (text: string, delimiter = ','): Record<string, string>[] =>
  parse(text, { columns: true, delimiter, bom: true });

test('one row per document, amounts as decimal numbers', async () => {
  const rows = read(await whole(documentsCsv([invoiceOver(3), actOver(3), creditNote()])));
  assert.equal(
    rows.map(({ kind, number, invoice, total }) => [kind, number, invoice, total]),
    [
      ['invoice', 'SW-2026-000123', '', '899.64'],
      ['act', 'SWA-2026-000123', 'SW-2026-000123', '899.64'],
      ['creditNote', 'SWC-2026-000004', 'SW-2026-000123', '1200.00'],
    ],
  );
  const { net, vat, vatMode, vatPercent, currency, day, dueDay, month, lines, buyerCode, contract } =
    rows[0] ?? {};
  assert.equal(
    [net, vat, vatMode, vatPercent, currency, day, dueDay, month, lines, buyerCode, contract],
    [
      '749.70',
      '149.94',
      'onTop',
      '20.00',
      'UAH',
      '2026-11-01',
      '2026-11-15',
      '2026-10',
      '3',
      '00654321',
      'SW-17/2026',
    ],
  );
});

test('one row per line', async () => {
  const invoice = invoiceOver(5);
  const rows = read(await whole(linesCsv([invoice, creditNote()])));
  assert.equal(
    rows.map(({ box, position, days, amount }) => [box, position, days, amount]),
    invoice.lines.map(({ billedAs, days, amount }, index) => [
      billedAs,
      String(index + 1),
      String(days),
      `${Math.floor(amount / 100)}.${String(amount % 100).padStart(2, '0')}`,
    ]),
  );
});

test('as a Ukrainian spreadsheet program wants it: byte order mark, semicolons, decimal commas', async () => {
  const text = await whole(documentsCsv([invoiceOver(3)], excel));
  assert.ok(text.startsWith('\ufeffkind;number;day;'));
  assert.is(read(text, ';')[0]?.total, '899,64');
  assert.match(await whole(linesCsv([invoiceOver(1)], excel)), /;249,90;249,90\r\n$/);
});

test('no cell begins as a formula does, and none breaks out of its place', async () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 30 }),
    fc
      .tuple(
        fc.constantFrom('=', '+', '-', '@', '\t=', ' =', '\r=', '＝', '\u00a0+', '\u200b=', '\n@', '|', '%'),
        fc.string(),
      )
      .map((parts) => parts.join('')),
  );
  await fc.assert(
    fc.asyncProperty(text, fc.constantFrom(',', ';'), async (name, delimiter) => {
      const document = invoiceOver(1, { buyer: { ...buyer, name }, reason: name });
      const csv = await whole(documentsCsv([document], { delimiter, decimal: '.', byteOrderMark: false }));
      const rows = read(csv, delimiter);
      assert.is(rows.length, 1);
      const cell = rows[0]?.buyer ?? '';
      assert.not.match(cell, /^[\s\u200b\ufeff]*[=+\-@|%＝＋－＠]/u);
      const kept = name.replace(/(?![\t\n\r])\p{Cc}|\p{Cs}/gu, '');
      assert.ok(cell === kept || cell === `'${kept}`, JSON.stringify([cell, kept]));
    }),
    { numRuns: 2_000 },
  );
});

test('a line break of any kind stays within its cell', async () => {
  for (const name of ['a\rb', 'a\nb', 'a\r\nb', 'a"b', 'a,b']) {
    const csv = await whole(documentsCsv([invoiceOver(1, { buyer: { ...buyer, name } })]));
    assert.ok(csv.includes(`,"${name.replaceAll('"', '""')}",`), JSON.stringify(name));
  }
});

test('JSON: every document as it was issued, with the decimals of its currency', async () => {
  const documents = [invoiceOver(3), creditNote(), invoiceOver(1, { currency: 'JPY' })];
  const { format, documents: told } = JSON.parse(await whole(documentsJson(documents)));
  assert.is(format, 'swipe-documents-1');
  assert.equal(told, [
    { ...documents[0], exponent: 2 },
    { ...documents[1], exponent: 2 },
    { ...documents[2], exponent: 0 },
  ]);
  assert.equal(JSON.parse(await whole(documentsJson([]))).documents, []);
});

test('documents are asked for one by one, and written before the next is asked for', async () => {
  let asked = 0;
  async function* endless(): AsyncGenerator<BillingDocument> {
    for (;;) {
      asked += 1;
      yield invoiceOver(1, { number: `SW-2026-${asked}` });
    }
  }
  for (const make of [documentsCsv, linesCsv, documentsJson]) {
    asked = 0;
    let pieces = 0;
    for await (const _ of make(endless())) {
      pieces += 1;
      assert.ok(asked <= pieces);
      if (pieces === 100) break;
    }
    assert.is(pieces, 100);
  }
});

test.run();
