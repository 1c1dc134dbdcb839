import * as fc from 'fast-check';
import decodeQR from 'qr/decode.js';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { PaymentQr } from '../provisioning/registry/billing/paper/qr/fields.ts';
import { isUkrainianIban } from '../provisioning/registry/billing/paper/qr/iban.ts';
import { paymentLink } from '../provisioning/registry/billing/paper/qr/link.ts';
import { invoiceQr } from '../provisioning/registry/billing/paper/qr/of-invoice.ts';
import { readPaymentLink } from '../provisioning/registry/billing/paper/qr/read.ts';
import { qrSvg } from '../provisioning/registry/billing/paper/qr/svg.ts';
import { circleOf, type QrSymbol, qrSymbol } from '../provisioning/registry/billing/paper/qr/symbol.ts';
import {
  forbiddenIn,
  fromWindows1251,
  toWindows1251,
} from '../provisioning/registry/billing/paper/qr/windows-1251.ts';
import { ibanOf, invoiceOver, seller } from './fixtures/billing/papers.ts';

const test = suite('billing paper: payment QR codes');

/** Example 4 of Annex 4 (table 9), without the `RFU` that the examples have in field 17. */
const official: PaymentQr = {
  format: '003',
  encoding: 'windows-1251',
  function: 'ICT',
  recipient: 'ТОВ «ФК „ЕВО“»',
  iban: 'UA673005280000026500504354077',
  amount: 15_000,
  recipientCode: '37193071',
  category: 'OTHR/GDDS',
  reference: '1225102576',
  purpose: '?MerchantBusinessName="ROZETKA.UA", Покупка товарів, замовлення №821558965.',
  display: '?<InstrForCdtrAgt><InstrInf>MerchID:01234-TermId:43210</InstrInf></InstrForCdtrAgt>',
  lock: 'FFFF',
  validUntil: '250321120000',
  createdAt: '250129120000',
};

test("the rules' own example, to the byte", () => {
  // Made of the example's fields with Python: cp1251, then base64.urlsafe_b64encode.
  const data =
    'QkNECjAwMwoyCklDVAoK0s7CIKvUyiCExcLOk7sKVUE2NzMwMDUyODAwMDAwMjY1MDA1MDQzNTQwNzcKVUFIMTUwCjM3MTkzMDcxCk9USFIvR0REUwox' +
    'MjI1MTAyNTc2Cj9NZXJjaGFudEJ1c2luZXNzTmFtZT0iUk9aRVRLQS5VQSIsIM_u6vPv6uAg8u7i4PCz4iwg5-Ds7uLr5e3t_yC5ODIxNTU4OTY1Lgo_' +
    'PEluc3RyRm9yQ2R0ckFndD48SW5zdHJJbmY-TWVyY2hJRDowMTIzNC1UZXJtSWQ6NDMyMTA8L0luc3RySW5mPjwvSW5zdHJGb3JDZHRyQWd0PgpGRkZG' +
    'CjI1MDMyMTEyMDAwMAoyNTAxMjkxMjAwMDAK';
  assert.is(paymentLink(official), `https://qr.bank.gov.ua/${data}`);
  assert.equal(readPaymentLink(`https://qr.bank.gov.ua/${data}`), official);
  // As it stands in the rules, with RFU in the last field.
  assert.equal(readPaymentLink(`https://qr.bank.gov.ua/${data}UkZV`), official);
});

test('of an invoice: every field, in 003 and 002', () => {
  const invoice = invoiceOver(1);
  const made = invoiceQr(invoice);
  if (!('link' in made)) return assert.unreachable(made.why);
  const read = readPaymentLink(made.link);
  assert.equal(read, made.payment);
  assert.equal(read, {
    format: '003',
    encoding: 'windows-1251',
    function: 'UCT',
    recipient: 'ТОВ «Свайп Приклад»',
    iban: seller.iban,
    amount: invoice.total,
    recipientCode: '00123456',
    category: 'SUPP/SUPP',
    reference: 'SW-2026-000123',
    purpose: 'Оплата за послуги, рахунок № SW-2026-000123 від 01.11.2026, у т.ч. ПДВ 20% 49.98 грн',
    display: null,
    lock: 'FFFF',
    validUntil: null,
    createdAt: null,
  });
  const older = invoiceQr(invoice, { format: '002', category: 'SUPP/SUPP' });
  if (!('link' in older)) return assert.unreachable(older.why);
  assert.match(older.link, /^https:\/\/bank\.gov\.ua\/qr\/QkNECjAwMgoyClVDVAo/);
  assert.equal(readPaymentLink(older.link), {
    ...made.payment,
    format: '002',
    category: null,
    reference: null,
    lock: null,
  });
});

test('amounts: kopiykas with two digits or not at all, and no more than the field holds', () => {
  const amountLine = (total: number): string | undefined => {
    const made = invoiceQr(invoiceOver(1, { total }));
    if (!('link' in made)) return made.why;
    return Buffer.from(made.link.slice(23), 'base64url').toString('latin1').split('\n')[7];
  };
  assert.is(amountLine(300), 'UAH3');
  assert.is(amountLine(350), 'UAH3.50');
  assert.is(amountLine(5), 'UAH0.05');
  assert.is(amountLine(99_999_999_999), 'UAH999999999.99');
  assert.is(amountLine(100_000_000_000), 'amountTooLarge');
  assert.is(amountLine(0), 'nothingToPay');
});

test('where there can be no code, it is said why', () => {
  const why = (change: Parameters<typeof invoiceOver>[1]): string | null => {
    const made = invoiceQr(invoiceOver(1, change));
    return 'why' in made ? made.why : null;
  };
  assert.is(why({ kind: 'act' }), 'notAnInvoice');
  assert.is(why({ currency: 'EUR' }), 'notHryvnias');
  assert.is(why({ seller: { ...seller, iban: null } }), 'noAccount');
  assert.is(why({ seller: { ...seller, iban: 'DE02100100100006820101' } }), 'noAccount');
  const changed = seller.iban?.replace(/^UA../, 'UA00') ?? '';
  assert.is(why({ seller: { ...seller, iban: changed } }), 'noAccount');
  assert.is(why({ seller: { ...seller, code: null } }), 'noCode');
  assert.is(why({ seller: { ...seller, name: '株式会社' } }), 'characters');
  assert.is(why({ seller: { ...seller, name: 'ТОВ\nUA' } }), 'characters');
  assert.is(why({ seller: { ...seller, name: 'Ш'.repeat(141) } }), 'tooLong');
  // Signs that only look different are replaced.
  assert.is(why({ seller: { ...seller, name: 'ФОП Лук\u02bcяненко\u00a0О.\u2011М.' } }), null);
});

test('a name of 140 letters and the largest amount still fit: VAT in the purpose gives way, the number never', () => {
  const most = invoiceOver(1, {
    seller: { ...seller, name: 'Ш'.repeat(140) },
    number: 'ABCDEFGH-2026-123456789',
    total: 99_999_999_999,
    vat: { mode: 'included', rateBasisPoints: 2025, amount: 16_840_956_341 },
  });
  const made = invoiceQr(most);
  if (!('link' in made)) return assert.unreachable(made.why);
  assert.is(made.payment.purpose, 'Оплата за послуги, рахунок № ABCDEFGH-2026-123456789 від 01.11.2026');
  const fuller = invoiceQr({ ...most, number: 'SW-2026-000123' });
  if (!('link' in fuller)) return assert.unreachable(fuller.why);
  assert.match(fuller.payment.purpose, /у т\.ч\. ПДВ 20\.25% 168409563\.41 грн$/);
  for (const { link } of [made, fuller]) {
    const symbol = qrSymbol(link);
    assert.is(symbol.level, 'M');
    assert.is(scanned(symbol), link);
  }
});

test('written, drawn with the sign in the middle, scanned and read back: the same fields', () => {
  const text = (longest: number) =>
    fc
      .array(fc.constantFrom(...'АБВГҐДЕЄЖЗИІЇЙабвгґдеєжзиіїй «»„“№’—-"&<>?%=/\\ABCxyz0123456789'), {
        minLength: 1,
        maxLength: longest,
      })
      .map((signs) => signs.join(''));
  const fields = {
    format: fc.constant('003' as const),
    encoding: fc.constantFrom('utf-8', 'windows-1251'),
    function: fc.constantFrom('UCT', 'ICT', 'XCT'),
    recipient: text(50),
    iban: fc.nat().map((account) => ibanOf('399999', String(account))),
    amount: fc.option(fc.nat(99_999_999_999)),
    recipientCode: fc.constantFrom('00123456', '3012345678'),
    category: fc.constantFrom('SUPP/SUPP', 'OTHR/OTHR'),
    reference: fc.option(fc.constant('SW-2026-000123')),
    purpose: text(40),
    display: fc.option(text(20)),
    lock: fc.option(fc.constantFrom('FFFF', 'FEFF')),
    validUntil: fc.option(fc.constant('261115235959')),
    createdAt: fc.option(fc.constant('261101000000')),
  };
  const payment = fc.record(fields, { noNullPrototype: true });
  fc.assert(
    fc.property(payment, (one) => {
      const link = paymentLink(one);
      assert.equal(readPaymentLink(link), one);
      assert.is(scanned(qrSymbol(link)), link);
    }),
    { numRuns: 80 },
  );
});

test('symbols: version 10 to 17, level Q while it fits, never L', () => {
  const seen = new Set<string>();
  for (let length = 30; length <= 498; length += 4) {
    const symbol = qrSymbol(`https://qr.bank.gov.ua/${'aB-_9xYz'.repeat(60)}`.slice(0, length));
    assert.ok(symbol.version >= 10 && symbol.version <= 17);
    assert.is(symbol.modules.length, 17 + 4 * symbol.version);
    seen.add(`${symbol.version}${symbol.level}`);
  }
  assert.ok(seen.has('10Q') && seen.has('17Q') && seen.has('17M'), [...seen].join());
  assert.throws(() => qrSymbol('a'.repeat(600)), RangeError);
  // Annex 1, II.11.
  assert.equal([10, 11, 12, 13, 14, 15, 16, 17].map(circleOf), [17, 19, 19, 21, 23, 23, 25, 25]);
});

test('the drawing has every dark module, a quiet zone of four, and the sign', () => {
  const symbol = qrSymbol(paymentLink(official));
  const svg = qrSvg(symbol, 'QR');
  const dark = symbol.modules.flat().filter(Boolean).length;
  const drawn = [...svg.matchAll(/h(\d+)v1h-\d+z/g)].reduce((sum, [, length]) => sum + Number(length), 0);
  assert.is(drawn, dark);
  assert.match(svg, new RegExp(`viewBox="0 0 ${symbol.modules.length + 8} `));
  assert.match(svg, /<circle /);
  const corner = /M(\d+) (\d+)h7/.exec(svg);
  assert.equal([corner?.[1], corner?.[2]], ['4', '4']);
});

test('characters: those of Windows-1251 from 32 on, without 127, 152 and 160, in either encoding', () => {
  const all = fromWindows1251(Uint8Array.from({ length: 256 }, (_, code) => code));
  const allowed = [...all].filter((sign) => forbiddenIn(sign) === undefined);
  assert.is(allowed.length, 256 - 32 - 3);
  for (const code of [0, 10, 31, 127, 152, 160])
    assert.is(forbiddenIn(all[code] ?? ''), all[code], String(code));
  assert.equal(
    toWindows1251(allowed.join('')),
    Uint8Array.from(allowed, (sign) => all.indexOf(sign)),
  );
  for (const encoding of ['utf-8', 'windows-1251'] as const)
    assert.throws(
      () => readPaymentLink(paymentLink({ ...official, encoding, purpose: 'a\u00a0b' })),
      /field 12/,
    );
});

test('a field too many or too few is no payment; format 002 may end its lines otherwise', () => {
  const linkOf = (text: string): string =>
    `https://qr.bank.gov.ua/${Buffer.from(text).toString('base64url')}`;
  const textOf = (payment: PaymentQr): string =>
    Buffer.from(paymentLink({ ...payment, encoding: 'utf-8' }).slice(23), 'base64url').toString();
  const newer = textOf(official);
  assert.is(readPaymentLink(linkOf(newer)).purpose, official.purpose);
  for (const text of [
    `${newer}\n`,
    newer.slice(0, -1),
    newer.replaceAll('\n', '\r\n'),
    newer.replace('\n', '\n\n'),
  ])
    assert.throws(() => readPaymentLink(linkOf(text)), /^payment QR code: /, JSON.stringify(text));
  const older = textOf({ ...official, format: '002', function: 'UCT' });
  for (const text of [older, `${older}\n`, older.replaceAll('\n', '\r\n')])
    assert.is(readPaymentLink(linkOf(text)).purpose, official.purpose);
  for (const text of [`${older}\n\n`, older.slice(0, -1), `${older}x`])
    assert.throws(() => readPaymentLink(linkOf(text)), /^payment QR code: /);
});

test('5,000 broken links: an error that names the field, or what they say', () => {
  const link = paymentLink(official);
  const damaged = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 600 }),
    fc.tuple(fc.nat(link.length), fc.nat(40), fc.string({ maxLength: 5 })).map(([at, count, put]) => {
      return link.slice(0, at) + put + link.slice(at + count);
    }),
    fc
      .array(fc.string({ unit: 'binary', maxLength: 40 }), { minLength: 10, maxLength: 20 })
      .map(
        (lines) =>
          `https://qr.bank.gov.ua/${Buffer.from(`BCD\n003\n1\n${lines.join('\n')}`).toString('base64url')}`,
      ),
  );
  fc.assert(
    fc.property(damaged, (text) => {
      try {
        const read = readPaymentLink(text);
        assert.ok(isUkrainianIban(read.iban));
        assert.not.match(read.recipient + read.purpose, /[\n\r]/);
      } catch (error) {
        assert.instance(error, RangeError);
        assert.match((error as Error).message, /^payment QR code: /);
      }
    }),
    { numRuns: 5_000 },
  );
});

/** What a scanner reads off the symbol with the middle covered as the drawing covers it: white, with black strokes. */
function scanned({ modules, version }: QrSymbol): string {
  const scale = 3;
  const side = (modules.length + 8) * scale;
  const middle = side / 2;
  const radius = (circleOf(version) * scale) / 2;
  const data = new Uint8Array(side * side * 4);
  for (let y = 0; y < side; y += 1)
    for (let x = 0; x < side; x += 1) {
      const [dx, dy] = [x + 0.5 - middle, y + 0.5 - middle];
      const isSign =
        Math.hypot(dx, dy) < radius * 0.69 && Math.abs(Math.abs(dy) - radius * 0.12) < radius * 0.07;
      const isCovered = Math.hypot(dx, dy) < radius;
      const isDark = isCovered
        ? isSign
        : modules[Math.floor(y / scale) - 4]?.[Math.floor(x / scale) - 4] === true;
      data.set(isDark ? [0, 0, 0, 255] : [255, 255, 255, 255], (y * side + x) * 4);
    }
  return decodeQR({ width: side, height: side, data });
}

test.run();
