import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { groupsOf } from '../provisioning/registry/billing/paper/groups.ts';
import { escaped } from '../provisioning/registry/billing/paper/html.ts';
import { paperPage } from '../provisioning/registry/billing/paper/page.ts';
import { purposeOf, shownRate } from '../provisioning/registry/billing/paper/purpose.ts';
import { shownIban } from '../provisioning/registry/billing/paper/qr/iban.ts';
import {
  actOver,
  buyer,
  creditNote,
  invoiceOver,
  lineOf,
  planNames,
  seller,
} from './fixtures/billing/papers.ts';

const test = suite('billing paper: pages');

/** The text that a reader sees, in one line. */
const textOf = (page: string): string =>
  page
    .replace(/<style>[\s\S]*?<\/style>|<svg[\s\S]*?<\/svg>/g, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/&#39;/g, "'")
    .replace(/&quot;/g, '"')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&amp;/g, '&')
    .replace(/[\s\u00a0]+/g, ' ');

const rowsIn = (page: string): number => page.split('<tr>').length - 1;

test('an invoice in Ukrainian says all that it must', () => {
  const invoice = invoiceOver(3);
  const page = paperPage(invoice, { language: 'uk', plans: planNames.uk });
  const text = textOf(page);
  assert.match(page, /^<!doctype html>\n<html lang="uk">/);
  for (const said of [
    'Рахунок на оплату № SW-2026-000123',
    'від 1 листопада 2026 р.',
    'Сплатити до 15 листопада 2026 р.',
    'Період: жовтень 2026 р.',
    'ТОВ «Свайп Приклад»',
    'ЄДРПОУ 00123456',
    'ІПН платника ПДВ 001234526590',
    `IBAN ${shownIban(seller.iban ?? '')}`,
    'ПП «Крамниця „Зоря“»',
    'ЄДРПОУ 00654321',
    `IBAN ${shownIban(buyer.iban ?? '')}`,
    'Договір № SW-17/2026 від 1 березня 2026 р.',
    'тариф «Базовий»',
    'Разом без ПДВ 749,70 грн',
    'ПДВ 20 % 149,94 грн',
    'Усього з ПДВ 899,64 грн',
    'Вісімсот дев’яносто дев’ять гривень 64 копійки',
    'Оплата за послуги, рахунок № SW-2026-000123 від 01.11.2026, у т.ч. ПДВ 20% 149.94 грн',
  ])
    assert.ok(text.includes(said), said);
});

test('the same in English, with the purpose as the bank wants it', () => {
  const text = textOf(
    paperPage(invoiceOver(1), { language: 'en', plans: planNames.en, service: 'Cash desk care' }),
  );
  for (const said of [
    'Invoice No. SW-2026-000123 of 1 November 2026',
    'Due by 15 November 2026',
    'EDRPOU 00123456',
    'Cash desk care, plan «Basic»',
    'Total with VAT 299.88 UAH',
    'Two hundred ninety-nine hryvnias and 88 kopiykas',
    'Оплата за послуги, рахунок № SW-2026-000123',
  ])
    assert.ok(text.includes(said), said);
});

test('VAT: on top, included, none', () => {
  const included = textOf(
    paperPage(
      invoiceOver(1, {
        net: 20_825,
        vat: { mode: 'included', rateBasisPoints: 2000, amount: 4_165 },
        total: 24_990,
      }),
      { language: 'uk' },
    ),
  );
  assert.ok(
    included.includes('Разом без ПДВ 208,25 грн У тому числі ПДВ 20 % 41,65 грн Усього з ПДВ 249,90 грн'),
  );
  const none = textOf(
    paperPage(
      invoiceOver(1, { net: 24_990, vat: { mode: 'none', rateBasisPoints: 0, amount: 0 }, total: 24_990 }),
      {
        language: 'uk',
      },
    ),
  );
  assert.ok(none.includes('ПДВ без пдв Усього 249,90 грн'));
  assert.ok(none.includes('Не є платником ПДВ'));
  assert.ok(none.includes('від 01.11.2026, без ПДВ'));
  assert.is(shownRate(2000), '20 %');
  assert.is(shownRate(750, ','), '7,5 %');
  assert.is(shownRate(5), '0.05 %');
});

test('up to 12 boxes stand on the invoice; more are grouped, and all of them are in the annex', () => {
  const few = paperPage(invoiceOver(12), { language: 'uk' });
  assert.not.match(few, /class="annex"/);
  for (const { billedAs } of invoiceOver(12).lines) assert.is(few.split(billedAs).length, 2);
  const invoice = invoiceOver(400);
  const many = paperPage(invoice, { language: 'uk' });
  const [paper = '', annex = ''] = many.split('<section class="annex">');
  for (const { billedAs } of invoice.lines) {
    assert.not.ok(paper.includes(`>${billedAs}<`));
    assert.is(annex.split(`<td>${billedAs}</td>`).length, 2);
  }
  assert.is(rowsIn(annex), 401);
  assert.match(annex, /<thead>/);
});

test('groups hold every line once, and their amounts add up', () => {
  const line = fc
    .record({
      plan: fc.constantFrom('a', 'b'),
      price: fc.constantFrom(1, 24_990),
      days: fc.integer({ min: 1, max: 31 }),
    })
    .map(({ plan, price, days }) => lineOf(1, plan, price, days));
  fc.assert(
    fc.property(fc.array(line, { maxLength: 200 }), (lines) => {
      const groups = groupsOf(lines);
      assert.is(
        groups.reduce((sum, { count }) => sum + count, 0),
        lines.length,
      );
      assert.is(
        groups.reduce((sum, { amount }) => sum + amount, 0),
        lines.reduce((sum, { amount }) => sum + amount, 0),
      );
      for (const group of groups) {
        assert.is(group.each * group.count, group.amount);
        const { plan, price, days } = group;
        const same = lines.filter((one) => one.plan === plan && one.price === price && one.days === days);
        assert.is(group.count, same.length);
      }
      const keys = groups.map(({ plan, price, days }) => `${plan} ${price} ${days}`);
      assert.is(new Set(keys).size, keys.length);
    }),
  );
});

test('the act: the last day of the month, the contract, places to sign, no code to pay', () => {
  const page = paperPage(actOver(3), { language: 'uk' });
  const text = textOf(page);
  for (const said of [
    'Акт наданих послуг № SWA-2026-000123',
    'від 31 жовтня 2026 р.',
    'До рахунку № SW-2026-000123',
    'за договором № SW-17/2026 від 1 березня 2026 р.',
    'Виконавець ТОВ «Свайп Приклад» посада підпис прізвище та ініціали',
    'Замовник ПП «Крамниця „Зоря“» посада підпис прізвище та ініціали',
  ])
    assert.ok(text.includes(said), said);
  assert.not.match(page, /<svg/);
  const without = textOf(paperPage(actOver(1, { buyer: { ...buyer, contract: null } }), { language: 'uk' }));
  assert.ok(without.includes('Замовник прийняв такі послуги:'));
});

test('the credit note: of which invoice, why, how much', () => {
  const text = textOf(paperPage(creditNote(), { language: 'uk' }));
  for (const said of [
    'Коригування рахунку № SWC-2026-000004',
    'До рахунку № SW-2026-000123',
    'Пристрій не працював з 3 до 9 жовтня',
    'Усього з ПДВ 1 200,00 грн',
  ])
    assert.ok(text.includes(said), said);
});

test('another currency: no QR code, the purpose in English, two digits or as many as there are', () => {
  const page = paperPage(invoiceOver(1, { currency: 'EUR' }), { language: 'uk' });
  assert.not.match(page, /<svg/);
  assert.ok(
    textOf(page).includes(
      'Payment for services, invoice SW-2026-000123 of 2026-11-01, incl. VAT 20% 49.98 EUR',
    ),
  );
  assert.ok(
    textOf(paperPage(invoiceOver(1, { currency: 'JPY' }), { language: 'en' })).includes('To pay 29,988 JPY'),
  );
  assert.is(
    purposeOf(invoiceOver(1, { currency: 'USD', vat: { mode: 'none', rateBasisPoints: 0, amount: 0 } })),
    'Payment for services, invoice SW-2026-000123 of 2026-11-01, no VAT',
  );
});

test('whatever a name holds, it stays text', () => {
  const evil = `<script>alert(1)</script>" onload='x' <img src=http://x/> &amp; </style> ${'\u202e'}]]>\u0000\ud800`;
  const party = { ...seller, name: evil, bank: evil, address: evil, code: evil, vatNumber: evil, iban: evil };
  const page = paperPage(
    invoiceOver(2, {
      number: evil,
      seller: { ...party, contract: { number: evil, day: '2026-01-01' } },
      buyer: { ...party, contract: null },
      lines: [{ ...lineOf(1), billedAs: evil, plan: evil }],
      reason: evil,
      invoice: evil,
    }),
    { language: 'uk', service: evil, plans: { [evil]: evil } },
  );
  assert.not.match(page, /<script|<img|onload='/);
  for (const sign of ['\u0000', '\u202e', '\ud800']) assert.not.ok(page.includes(sign));
  assert.is(page.split('</style>').length, 2);
  for (const kind of ['act', 'creditNote'] as const)
    assert.not.match(
      paperPage(actOver(1, { kind, seller: party, reason: evil }), { language: 'en' }),
      /<script|<img/,
    );
  // A plan's name is not looked up where objects keep their own members.
  assert.ok(
    paperPage(invoiceOver(1, { lines: [lineOf(1, '__proto__')] }), { language: 'uk' }).includes(
      '«__proto__»',
    ),
  );
});

test('nothing of a name is lost', () => {
  assert.is(escaped(`<&>"'\u0007`), '&lt;&amp;&gt;&quot;&#39;');
  const name = `О'Коннор & "Сини" <ТОВ>`;
  assert.ok(
    textOf(paperPage(invoiceOver(1, { buyer: { ...buyer, name } }), { language: 'uk' })).includes(name),
  );
});

test('any name at all: the page has the same elements, and the name is read back out of it', () => {
  const elements = (page: string): string => [...page.matchAll(/<\/?[a-z][^\s>]*/g)].join();
  const plain = elements(paperPage(actOver(2), { language: 'uk' }));
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }), (name) => {
      const page = paperPage(actOver(2, { buyer: { ...buyer, name } }), { language: 'uk' });
      assert.is(elements(page), plain);
      assert.ok(page.includes(escaped(name)));
    }),
    { numRuns: 500 },
  );
});

test('nothing is loaded from elsewhere, and nothing runs', () => {
  const page = paperPage(invoiceOver(400), { language: 'en' });
  assert.not.match(page, /<(script|link|iframe|object|embed|img|form)\b|@import|url\(|\ssrc=/i);
  assert.match(
    page,
    /Content-Security-Policy" content="default-src &#39;none&#39;; style-src &#39;unsafe-inline&#39;;/,
  );
  const links = [...page.matchAll(/href="([^"]*)"/g)].map(([, link]) => link);
  assert.is(links.length, 1);
  assert.match(links[0] ?? '', /^https:\/\/qr\.bank\.gov\.ua\/[\w-]+$/);
});

test('the same document gives the same page', () => {
  assert.is(paperPage(invoiceOver(40), { language: 'uk' }), paperPage(invoiceOver(40), { language: 'uk' }));
});

test.run();
