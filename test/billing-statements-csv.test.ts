import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { amountIn, dayIn } from '../provisioning/registry/billing/statements/csv/cells.ts';
import {
  type CsvProfile,
  generalCsv,
  privatBank,
} from '../provisioning/registry/billing/statements/csv/profiles.ts';
import { readStatementCsv } from '../provisioning/registry/billing/statements/csv/read.ts';
import type { Statement } from '../provisioning/registry/billing/statements/shapes.ts';
import { isRefusal } from '../provisioning/registry/refusal.ts';
import { account, inPieces, payerAccount } from './fixtures/billing/camt.ts';

const test = suite('billing statements: CSV');

const head = 'date,account,currency,amount,purpose,reference';
const general = (...rows: readonly string[]): string => [head, ...rows].join('\n');
const row = (amount: string, reference = 'R', day = '2026-11-05', purpose = 'SW-2026-000123'): string =>
  [day, account, 'UAH', amount, purpose, reference].join(',');

const read = (text: string | Uint8Array, profile: CsvProfile = generalCsv): Promise<Statement> =>
  readStatementCsv(inPieces(text, 100), profile);

async function refused(text: string | Uint8Array, pattern: RegExp, profile?: CsvProfile): Promise<void> {
  try {
    await read(text, profile);
  } catch (error) {
    assert.ok(isRefusal(error, 'malformed'), String(error));
    assert.match((error as Error).message, pattern);
    return;
  }
  assert.unreachable(`taken, though ${pattern}`);
}

test('PrivatBank: Windows-1251, Latin letters in Ukrainian words, unquoted quotation marks', async () => {
  const file = readFileSync(new URL('fixtures/billing/privat24.csv', import.meta.url));
  const { entries } = await read(file, privatBank);
  assert.equal(
    entries.map(({ day, amount, direction, payer, purpose }) => [
      day,
      amount,
      direction,
      payer.name,
      purpose,
    ]),
    [
      [
        '2026-11-05',
        29_988,
        'credit',
        'ПП "Крамниця "Зоря"',
        'Оплата за послуги, рахунок № SW-2026-000123 вiд 01.11.2026',
      ],
      ['2026-11-05', 1_234_560, 'credit', 'ФОП Вигадана О.О.', 'SW-2026-000124'],
      ['2026-11-06', 5_000, 'debit', 'АТ "Приклад Банк"', 'Плата за обслуговування'],
    ],
  );
  const [first] = entries;
  assert.is(first?.account, account);
  assert.equal(first?.payer, { name: 'ПП "Крамниця "Зоря"', iban: payerAccount, code: '00654321' });
  assert.is(first?.referenceFrom, 'content');
  // The same file again, or a longer one with the same rows, gives the same references.
  const again = await read(file, privatBank);
  assert.equal(again, { entries, notBooked: 0 });
});

test('the general profile: quoted cells, the bank’s reference', async () => {
  const { entries } = await read(readFileSync(new URL('fixtures/billing/general.csv', import.meta.url)));
  assert.equal(
    entries.map(({ reference, amount, direction, payer, purpose }) => [
      reference,
      amount,
      direction,
      payer.name,
      purpose,
    ]),
    [
      ['G-1', 29_988, 'credit', 'ТОВ "Крамниця, Львів"', 'рахунок SW-2026-000123, без ПДВ'],
      ['G-2:D', 5_000, 'debit', 'Bank', 'fee'],
    ],
  );
});

test('rows that are the same are counted, so that neither is lost and both are known again', async () => {
  const profile: CsvProfile = { ...generalCsv, columns: { ...generalCsv.columns, reference: [] } };
  const { entries } = await read(general(row('1.00'), row('1.00'), row('1.00', 'R', '2026-11-06')), profile);
  const [first = '', second, third] = entries.map(({ reference }) => reference);
  assert.is(second, `${first}#2`);
  assert.not.match(third ?? '', /#/);
  assert.is.not(third, first);
});

test('columns of their own for credits and debits', async () => {
  const columns = 'date,account,currency,credit,debit,purpose';
  const { entries } = await read(
    `${columns}\n2026-11-05,${account},UAH,5.00,,a\n2026-11-05,${account},UAH,0.00,7.00,b\n`,
  );
  assert.equal(
    entries.map(({ amount, direction }) => [amount, direction]),
    [
      [500, 'credit'],
      [700, 'debit'],
    ],
  );
  for (const sides of ['5.00,7.00', ',', '0.00,0', '-5.00,', ',-5'])
    await refused(`${columns}\n2026-11-05,${account},UAH,${sides},a\n`, /line 2, (amount|credit|debit)/);
});

test('amounts in cells: exact, blanks between thousands, never a guess at what a sign means', () => {
  const amounts: readonly (readonly [string, ReturnType<typeof amountIn>])[] = [
    ['1 234,50', { amount: 123_450, direction: 'credit' }],
    ['-70\u00a0000.00', { amount: 7_000_000, direction: 'debit' }],
    ['\u22125', { amount: 500, direction: 'debit' }],
    ['+0.07', { amount: 7, direction: 'credit' }],
    ['90071992547409.91', { amount: 2 ** 53 - 1, direction: 'credit' }],
    ['1.5', { amount: 150, direction: 'credit' }],
    ['1,000', null],
    ['1.000', null],
    ['1.234,50', null],
    ['1,234.50', null],
    ['12 34', null],
    ['1 2345', null],
    ['1e3', null],
    ['0x10', null],
    ['.5', null],
    ['5.', null],
    ['(5)', null],
    ['5 UAH', null],
    ['', null],
    ['90071992547409.92', null],
  ];
  for (const [text, expected] of amounts) assert.equal(amountIn(text, 'either', 2), expected, text);
  assert.is(amountIn('1,50', '.', 2), null);
  assert.is(amountIn('1.50', ',', 2), null);
  assert.equal(amountIn('1500', '.', 0), { amount: 1_500, direction: 'credit' });
  assert.is(amountIn('15.0', '.', 0), null);
  assert.equal(amountIn('1.500', '.', 3), { amount: 1_500, direction: 'credit' });
});

test('days in cells', () => {
  assert.is(dayIn('05.11.2026'), '2026-11-05');
  assert.is(dayIn(' 05.11.2026 23:59:59 '.trim()), '2026-11-05');
  assert.is(dayIn('2026-11-05T10:00'), '2026-11-05');
  assert.is(dayIn('29.02.2028'), '2028-02-29');
  for (const text of [
    '29.02.2026',
    '31.04.2026',
    '11/05/2026',
    '5.11.2026',
    '2026-11-05 noon',
    '05.13.2026',
    '',
    '05.11.26',
  ])
    assert.is(dayIn(text), null, text);
});

test('a file with one fault in it is refused as a whole, with the line', async () => {
  const good = row('1.00');
  await refused('', /line 1: found "nothing"|the names of the columns/);
  await refused(
    'a;b\n1;2\n',
    /line 1, the names of the columns: found "a;b", allowed: a line with "day" \(date or/,
  );
  await refused(head.replace('amount', 'sum'), /with "amount", or both "credit" and "debit"/);
  await refused(`${head},date\n`, /column "date": found "2 of them", allowed: one/);
  await refused(general(good, row('1,00')), /line 3: found "6|line 3/);
  await refused(
    general(good, row('1.000')),
    /line 3, amount: found "1.000", allowed: a number such as 1234.50/,
  );
  await refused(general(good, row('0.00')), /line 3, amount: found "0 amounts"/);
  await refused(
    general(good, row('1', 'R', '31.11.2026')),
    /line 3, day: found "31.11.2026", allowed: a day such as/,
  );
  await refused(general(good, good.replace('UAH', 'XXX')), /line 3, currency: found "XXX"/);
  await refused(general(good, good.replace(account, '')), /line 3, account: found ""/);
  await refused(general(good, `${good},more`), /line 3: found "more", allowed: no more than 6 columns/);
  await refused(general(good, '2026-11-05'), /line 3: found "1 columns", allowed: 6 columns/);
  await refused(general(good, row('1', 'x'.repeat(71))), /line 3, reference/);
  await refused(general(good, row('1', 'x'.repeat(2_001))), /line 3, reference: .*at most 2000 characters/);
});

test('what somebody writes freely is no fault of the file: control characters go, of a long text less is kept', async () => {
  const text = `a\u0000b\u00ad\u200e ${'x'.repeat(3_000)}`;
  const { entries } = await read(general(row('1.00', '\u00adR-1\u0007', '2026-11-05', text)));
  const [only] = entries;
  const purpose = only?.purpose ?? '';
  assert.equal([purpose.slice(0, 5), purpose.length, purpose.at(-1)], ['a b x', 2_000, '…']);
  assert.is(only?.reference, 'R-1');
});

test('a quotation mark that is never closed swallows no line', async () => {
  const good = row('1.00');
  await refused(general(good, row('2.00', 'S', '2026-11-05', '"Оплата'), good), /line 3: found/);
  await refused(
    general(good, row('2.00', 'S', '2026-11-05', '"Оплата'), row('3.00', 'T', '2026-11-05', 'за"'), good),
    /line 3: found .*one entry on one line/,
  );
});

test('bytes of another encoding are no text', async () => {
  await refused(
    Buffer.concat([Buffer.from(`${general(row('1.00'))}\n`), Buffer.of(0xcf)]),
    /encoding: found "other bytes"/,
  );
  await refused(Buffer.from(general(), 'utf16le').fill(0xff, 0, 1).fill(0xfe, 1, 2), /UTF-16/);
  // Saved by a spreadsheet program: the byte order mark says that it is UTF-8 after all.
  const marked = `\ufeffРахунок;Валюта;Дата операції;Сума;Призначення платежу\n${account};UAH;05.11.2026;1;ї`;
  assert.is((await read(marked, privatBank)).entries[0]?.purpose, 'ї');
});

test('limits: bytes, entries', async () => {
  const rows = general(...Array.from({ length: 4 }, (_, index) => row('1', `R${index}`)));
  const limited = (bytes: number, entries: number): Promise<Statement> =>
    readStatementCsv(inPieces(rows), generalCsv, { bytes, entries, text: 100 });
  assert.is((await limited(1_000, 4)).entries.length, 4);
  for (const [bytes, entries, code] of [
    [200, 4, 'tooLarge'],
    [1_000, 3, 'malformed'],
  ] as const)
    await limited(bytes, entries).then(
      () => assert.unreachable(),
      (error) => assert.ok(isRefusal(error, code), String(error)),
    );
});

test('empty lines are none', async () => {
  assert.is((await read(`${general(row('1.00'))}\n\n,,,,,\n`)).entries.length, 1);
});

test.run();
