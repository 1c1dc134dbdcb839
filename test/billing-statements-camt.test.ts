import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readCamt053 } from '../provisioning/registry/billing/statements/camt/read.ts';
import type { Statement } from '../provisioning/registry/billing/statements/shapes.ts';
import { isRefusal } from '../provisioning/registry/refusal.ts';
import { account, balance, camt, details, entry, inPieces, payerAccount } from './fixtures/billing/camt.ts';

const test = suite('billing statements: camt.053');

const read = (text: string | Uint8Array): Promise<Statement> => readCamt053(inPieces(text, 100));

async function refused(text: string | Uint8Array, pattern: RegExp): Promise<void> {
  try {
    await read(text);
  } catch (error) {
    assert.ok(isRefusal(error, 'malformed'), String(error));
    assert.match((error as Error).message, pattern);
    return;
  }
  assert.unreachable(`taken, though ${pattern}`);
}

test('an entry of version 8', async () => {
  const { entries, notBooked } = await read(camt(entry({ amount: '1234.50' })));
  assert.equal(entries, [
    {
      account,
      reference: 'BANK-1',
      referenceFrom: 'bank',
      day: '2026-11-05',
      amount: 123_450,
      currency: 'UAH',
      direction: 'credit',
      reversal: false,
      payer: { name: 'ПП «Крамниця»', iban: payerAccount, code: '00654321' },
      purpose: 'Оплата за послуги, рахунок № SW-2026-000123',
    },
  ]);
  assert.is(notBooked, 0);
});

test('version 2: the status without a code, parties a level higher, amounts in AmtDtls, any prefix', async () => {
  const { entries } = await read(
    readFileSync(new URL('fixtures/billing/statement-v02.xml', import.meta.url)),
  );
  assert.equal(
    entries.map(({ reference, amount, direction, payer, purpose }) => [
      reference,
      amount,
      direction,
      payer.name,
      payer.code,
      purpose,
    ]),
    [
      [
        '0201-A',
        29_988,
        'credit',
        'ФОП Вигадана О. О.',
        '3012345678',
        'Оплата зг. рах. SW-2026-000123 без ПДВ',
      ],
      ['0201-B:D', 5_000, 'debit', 'АТ «Приклад Банк»', null, 'Плата за обслуговування'],
    ],
  );
});

test('Windows-1251, by the declaration', async () => {
  const { entries } = await read(
    readFileSync(new URL('fixtures/billing/statement-1251.xml', import.meta.url)),
  );
  assert.is(entries[0]?.purpose, 'Оплата за послуги, рахунок № SW-2026-000124, єґїі');
});

test('amounts are read exactly, by the currency', async () => {
  const amountOf = async (amount: string, currency = 'UAH'): Promise<number | undefined> =>
    (await read(camt(entry({ amount, currency })))).entries[0]?.amount;
  assert.is(await amountOf('0.07'), 7);
  assert.is(await amountOf('90071992547409.91'), 2 ** 53 - 1);
  assert.is(await amountOf('1.10000'), 110);
  assert.is(await amountOf('007.5'), 750);
  assert.is(await amountOf('.5'), 50);
  assert.is(await amountOf('+5.'), 500);
  assert.is(await amountOf('1234', 'JPY'), 1_234);
  assert.is(await amountOf('1.234', 'KWD'), 1_234);
  for (const amount of [
    '1,50',
    '1 000.00',
    '1e3',
    '-5',
    '',
    '.',
    '0x10',
    '1.005',
    '90071992547409.92',
    'NaN',
  ])
    await refused(camt(entry({ amount })), /line 4, Amt: found .*, allowed: a decimal number of 2 decimals/);
  await refused(camt(entry({ amount: '1.5', currency: 'JPY' })), /of 0 decimals, such as 1234$/);
  await refused(camt(entry({ currency: 'XYZ' })), /@Ccy: found "XYZ", allowed: a currency of ISO 4217/);
  await refused(camt(entry({ amount: '0.00' })), /more than nothing/);
});

test('what is not booked is no money', async () => {
  const all = ['PDNG', 'INFO', 'FUTR', 'BOOK'].map((status) => entry({ status, reference: `R-${status}` }));
  const { entries, notBooked } = await read(
    camt(balance('OPBD', '0') + balance('CLBD', '100.00') + all.join('')),
  );
  assert.equal(
    entries.map(({ reference }) => reference),
    ['R-BOOK'],
  );
  assert.is(notBooked, 3);
  await refused(camt(entry({ status: 'BOKD' })), /Ntry\/Sts: found "BOKD", allowed: BOOK, PDNG, INFO, FUTR/);
});

test('references: the bank’s, else a hash of all that is told; each movement has its own', async () => {
  const referencesOf = async (...parts: readonly Parameters<typeof entry>[0][]): Promise<string[]> =>
    (await read(camt(parts.map((one) => entry(one)).join('')))).entries.map(({ reference }) => reference);
  const [hash = '', second] = await referencesOf({ reference: null }, { reference: null });
  assert.match(hash, /^hash:[0-9a-f]{32}$/);
  assert.is(second, `${hash}#2`);
  assert.equal(await referencesOf({ reference: null }), [hash]);
  // Some write the element though they have nothing to write.
  assert.equal(await referencesOf({ reference: 'NOTPROVIDED' }), [hash]);
  // The number in the statement: the day's first entry is the month's hundredth.
  assert.equal(
    await referencesOf(
      { reference: null, entryReference: '7' },
      { reference: null, entryReference: '8', amount: '1.00' },
      { reference: null, entryReference: '9' },
    ),
    [hash, (await referencesOf({ reference: null, amount: '1.00' }))[0], `${hash}#2`],
  );
  for (const change of [
    { amount: '100.01' },
    { day: '2026-11-06' },
    { purpose: 'інше' },
    {
      details: `<NtryDtls>${details('Оплата за послуги, рахунок № SW-2026-000123', '<Refs><EndToEndId>E2</EndToEndId></Refs>')}</NtryDtls>`,
    },
  ])
    assert.is.not((await referencesOf({ reference: null, ...change }))[0], hash);
  assert.equal(
    await referencesOf(
      {},
      { direction: 'DBIT' },
      { reversal: true },
      { reversal: true, direction: 'DBIT' },
      {},
    ),
    ['BANK-1', 'BANK-1:D', 'BANK-1:R', 'BANK-1:D:R', 'BANK-1#2'],
  );
  // The same of the bank and another movement: both bear it.
  assert.equal(await referencesOf({}, { amount: '1.00' }, {}, { amount: '1.00' }), [
    'BANK-1',
    'BANK-1',
    'BANK-1#2',
    'BANK-1#2',
  ]);
  assert.equal(await referencesOf({ reference: 'BANK\u00ad-1\u200b' }), ['BANK-1']);
  await refused(camt(entry({ reference: 'x'.repeat(71) })), /a reference of at most 70 characters/);
});

const batch = (amounts: readonly string[], counted = String(amounts.length)): string =>
  `<NtryDtls><Btch><NbOfTxs>${counted}</NbOfTxs></Btch>${amounts
    .map((amount, index) =>
      details(
        `SW-2026-00000${index + 1}`,
        `<Refs><AcctSvcrRef>T-${index + 1}</AcctSvcrRef></Refs><Amt Ccy="UAH">${amount}</Amt>`,
      ),
    )
    .join('')}</NtryDtls>`;

test('a batch is split into its payments where they make it up', async () => {
  const { entries } = await read(camt(entry({ amount: '300.00', details: batch(['100.00', '200.00']) })));
  assert.equal(
    entries.map(({ amount, reference, purpose }) => [amount, reference, purpose]),
    [
      [10_000, 'T-1', 'SW-2026-000001'],
      [20_000, 'T-2', 'SW-2026-000002'],
    ],
  );
});

test('a batch of one reference: its payments are told apart by what is told of them', async () => {
  const referencesOf = async (own: string, ...numbers: readonly number[]): Promise<string[]> => {
    const payments = numbers.map((count) =>
      details(`SW-2026-00000${count}`, `<Refs>${own}</Refs><Amt Ccy="UAH">100.00</Amt>`),
    );
    const inner = `<NtryDtls><Btch><NbOfTxs>${numbers.length}</NbOfTxs></Btch>${payments.join('')}</NtryDtls>`;
    const { entries } = await read(camt(entry({ amount: `${numbers.length}00.00`, details: inner })));
    return entries.map(({ reference }) => reference);
  };
  for (const own of ['', '<AcctSvcrRef>BANK-1</AcctSvcrRef>']) {
    const [one = '', other = '', twice] = await referencesOf(own, 1, 2, 1);
    assert.match(one, /^hash:/);
    assert.is.not(other, one);
    assert.is(twice, `${one}#2`);
    assert.equal(await referencesOf(own, 2, 1), [other, one], 'in whatever order');
  }
});

test('a batch that its payments do not make up stays whole, and names nobody', async () => {
  for (const one of [batch(['100.00', '199.99']), batch(['100.00', '200.00'], '3'), batch(['300.00'], '2')]) {
    const { entries } = await read(camt(entry({ amount: '300.00', details: one })));
    assert.equal(
      entries.map(({ amount, reference, purpose, payer }) => [amount, reference, purpose, payer.iban]),
      [[30_000, 'BANK-1', '', null]],
    );
  }
});

test('purposes: in several pieces, in references, in what the bank adds', async () => {
  const purposeOf = async (information: string, more = ''): Promise<string | undefined> => {
    const own = `<NtryDtls><TxDtls><RmtInf>${information}</RmtInf>${more}</TxDtls></NtryDtls>`;
    return (await read(camt(entry({ details: own })))).entries[0]?.purpose;
  };
  assert.is(
    await purposeOf('<Ustrd>Рахунок  SW-2026-000123</Ustrd><Ustrd>без ПДВ</Ustrd>'),
    'Рахунок SW-2026-000123 без ПДВ',
  );
  const long = `${'x'.repeat(128)} SW-2026-000`;
  assert.is(long.length, 140);
  assert.is(await purposeOf(`<Ustrd>${long}</Ustrd><Ustrd>123</Ustrd>`), `${long}123`);
  assert.is(
    await purposeOf(
      '<Strd><RfrdDocInf><Nb>SW-2026-000009</Nb></RfrdDocInf><AddtlRmtInf>так</AddtlRmtInf></Strd>',
    ),
    'SW-2026-000009 так',
  );
  assert.is(await purposeOf('', '<AddtlTxInf>&lt;SW-2026-000010&gt;</AddtlTxInf>'), '<SW-2026-000010>');
  assert.is(await purposeOf('<Ustrd><![CDATA[a & b]]></Ustrd>'), 'a & b');
  assert.is(
    await purposeOf('<Ustrd>SW\u00ad-2026-\u200f000123\u0085 \u2028без ПДВ</Ustrd>'),
    'SW-2026-000123 без ПДВ',
  );
  const piece = `<Ustrd>${'🚀'.repeat(140)}</Ustrd>`;
  const kept = (await purposeOf(piece.repeat(20))) ?? '';
  assert.equal([[...kept].length, kept.slice(-3)], [2_000, '🚀…']);
});

test('reversals and debits are told as such', async () => {
  const { entries } = await read(
    camt(entry({ reversal: true, direction: 'DBIT' }) + entry({ reversal: false })),
  );
  assert.equal(
    entries.map(({ reversal, direction }) => [reversal, direction]),
    [
      [true, 'debit'],
      [false, 'credit'],
    ],
  );
});

test('opening balance and entries make the closing balance, or the file is refused', async () => {
  const inner = (closing: string): string =>
    balance('OPBD', '10.00', 'DBIT') +
    entry() +
    entry({ amount: '30.50', direction: 'DBIT' }) +
    balance('CLBD', closing);
  assert.is((await read(camt(inner('59.50')))).entries.length, 2);
  await refused(
    camt(inner('59.51')),
    /Bal CLBD: found "5951 minor units of UAH", allowed: 5950: the opening balance -1000/,
  );
  await refused(camt(inner('159.50')), /Bal CLBD/);
  await refused(camt(balance('CLBD', '1.00') + balance('CLBD', '1.00')), /a second CLBD/);
  // The closing balance of the day before, where the opening one is left out.
  await refused(camt(balance('PRCD', '1.00') + entry() + balance('CLBD', '1.00')), /Bal CLBD/);
  assert.is((await read(camt(entry() + balance('CLBD', '5.00')))).entries.length, 1);
});

test('several statements in one file, each of its account', async () => {
  const one = camt(entry());
  const other = camt(entry(), '08', payerAccount);
  const both = one.replace('</BkToCstmrStmt>', `${/<Stmt>[\s\S]*<\/Stmt>/.exec(other)?.[0]}</BkToCstmrStmt>`);
  const { entries } = await read(both);
  assert.equal(
    entries.map((each) => [each.account, each.reference]),
    [
      [account, 'BANK-1'],
      [payerAccount, 'BANK-1'],
    ],
  );
});

test('a large file: 5,000 entries, in pieces', async () => {
  const rows = Array.from({ length: 5_000 }, (_, index) => entry({ reference: `R${index}`, amount: '1.01' }));
  const { entries } = await readCamt053(
    inPieces(camt(rows.join('\n') + balance('OPBD', '0') + balance('CLBD', '5050.00')), 65_536),
  );
  assert.is(entries.length, 5_000);
});

test.run();
