import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { account } from '../provisioning/registry/billing/arrears.ts';
import { bookWaiting } from '../provisioning/registry/billing/by-hand.ts';
import {
  type ImportedStatement,
  importStatement,
  type StatementFormat,
} from '../provisioning/registry/billing/import.ts';
import { importEntries } from '../provisioning/registry/billing/ledger/import-entries.ts';
import { proveLedger } from '../provisioning/registry/billing/ledger/prove.ts';
import { statementEntries } from '../provisioning/registry/billing/ledger/statement-entries.ts';
import type { StatementEntry } from '../provisioning/registry/billing/statements/shapes.ts';
import type { Store, Tx } from '../provisioning/registry/store/store.ts';
import { balance, camt, type EntryParts, entry } from './fixtures/billing/camt.ts';
import { type BillingBench, kyiv, openBills, sellerIban } from './registry/billing-bench.ts';
import { onBoth } from './registry/stores.ts';
import { root } from './registry/world.ts';

const test = suite('billing import of what is known');
const both = onBoth(test);

async function opened(store: Store): Promise<BillingBench> {
  const bench = await openBills(store);
  bench.at(kyiv('2026-11-06T10:00'));
  return bench;
}

const take = ({ core, billing }: BillingBench, text: string, format: StatementFormat = 'camt') =>
  importStatement(core, billing, root, { bytes: [Buffer.from(text)], format });

const file = (...entries: readonly EntryParts[]): string =>
  camt(entries.map((one) => entry(one)).join(''), '08', sellerIban);

const csv = (...rows: readonly string[]): string =>
  ['account,currency,date,amount,purpose,reference', ...rows.map((row) => `${sellerIban},UAH,${row}`)].join(
    '\n',
  );

const counts = ({ booked, waiting, again }: ImportedStatement): number[] => [booked, waiting, again];
const whys = ({ entries }: ImportedStatement): string[] => entries.map(({ state, why }) => why ?? state);

const openOf = async ({ core }: BillingBench, customer: string): Promise<number[]> =>
  (await account(core, root, customer)).open.map(({ open }) => open);

both('numbers that begin anew in every statement are no references: nothing is lost', async (database) => {
  const bench = await opened(await database.open());
  const numbered = { reference: null, entryReference: '1' };
  const first = file({ ...numbered, amount: '200.00', purpose: 'SW-2026-000001' });
  const second = file({ ...numbered, amount: '100.00', purpose: 'SW-2026-000002' });
  assert.equal(counts(await take(bench, first)), [1, 0, 0]);
  assert.equal(counts(await take(bench, second)), [1, 0, 0]);
  assert.equal([await openOf(bench, 'CU-A'), await openOf(bench, 'CU-B')], [[], []]);
  // The month's statement tells both again, under other numbers.
  const month = file(
    { ...numbered, entryReference: '17', amount: '100.00', purpose: 'SW-2026-000002' },
    { ...numbered, entryReference: '18', amount: '200.00', purpose: 'SW-2026-000001' },
  );
  assert.equal(counts(await take(bench, month)), [0, 0, 2]);
  assert.equal(await proveLedger(bench.store.reader), []);
});

for (const [what, other] of [
  ['amount', '2026-11-05,100.00,SW-2026-000002,77'],
  ['purpose', '2026-11-05,200.00,оплата SW-2026-000001,77'],
  ['day', '2026-11-06,200.00,SW-2026-000001,77'],
] as const)
  both(`the bank’s reference again with another ${what}: it waits, and is never lost`, async (database) => {
    const bench = await opened(await database.open());
    const one = '2026-11-05,200.00,SW-2026-000001,77';
    assert.equal(whys(await take(bench, csv(one), 'csv')), ['booked']);
    const told = await take(bench, csv(other), 'csv');
    assert.equal([counts(told), whys(told)], [[0, 1, 0], ['sameReference']]);
    // Each of them is known again, in whatever order and company.
    for (const rows of [[one], [other], [other, one], [one, other]])
      assert.equal(counts(await take(bench, csv(...rows), 'csv')), [0, 0, rows.length]);
    assert.is((await statementEntries(bench.core, { limit: 10 })).length, 2);
    const [waiting] = told.entries;
    const booked = await bookWaiting(bench.core, bench.billing, root, {
      entry: waiting?.entry ?? 0,
      customer: 'CU-B',
    });
    assert.is(booked.again, false, 'it is money of its own');
    assert.equal(counts(await take(bench, csv(one, other), 'csv')), [0, 0, 2]);
    assert.equal(await proveLedger(bench.store.reader), []);
  });

both('one reference and two movements in one file: the first fits, the second waits', async (database) => {
  const bench = await opened(await database.open());
  const two = [
    { reference: 'R', amount: '200.00', purpose: 'SW-2026-000001' },
    { reference: 'R', amount: '100.00', purpose: 'SW-2026-000002' },
  ];
  assert.equal(whys(await take(bench, file(...two))), ['booked', 'sameReference']);
  assert.equal(counts(await take(bench, file(...two.reverse()))), [0, 0, 2]);
  // Who paid tells them apart as well: two shops of one chain, the same sum and words on one day.
  const details = (iban: string): string =>
    `<NtryDtls><TxDtls><RltdPties><DbtrAcct><Id><IBAN>${iban}</IBAN></Id></DbtrAcct></RltdPties><RmtInf><Ustrd>за послуги</Ustrd></RmtInf></TxDtls></NtryDtls>`;
  const own = { reference: 'S', details: details(sellerIban) };
  const others = { reference: 'S', details: details('UA093999990000026001000000017') };
  assert.equal(whys(await take(bench, file(own))), ['noNumber']);
  assert.equal(counts(await take(bench, file(others))), [0, 1, 0]);
  assert.equal(counts(await take(bench, file(others, own))), [0, 0, 2]);
});

both(
  'what only fills the column of references is none: nobody’s money is taken for another’s',
  async (database) => {
    const bench = await opened(await database.open());
    for (const [filler, day] of [
      ['-', '2026-11-05'],
      ['NOTPROVIDED', '2026-11-04'],
      ['0', '2026-11-03'],
    ]) {
      const rows = [`${day},1.00,за послуги,${filler}`, `${day},1.00,інше,${filler}`];
      assert.equal(whys(await take(bench, csv(...rows), 'csv')), ['noNumber', 'noNumber'], filler);
      assert.equal(counts(await take(bench, csv(...rows), 'csv')), [0, 0, 2]);
    }
  },
);

both('two in one file are two, also where only one of them tells who paid', async (database) => {
  const bench = await opened(await database.open());
  const rows = ['', 'ФОП Іваненко', 'ФОП Петренко'].map(
    (payer) => `${sellerIban},UAH,2026-11-05,50.00,за послуги,77,${payer}`,
  );
  const told = (...some: readonly (string | undefined)[]) =>
    take(bench, ['account,currency,date,amount,purpose,reference,payer', ...some].join('\n'), 'csv');
  assert.equal(whys(await told(...rows)), ['noNumber', 'sameReference', 'sameReference']);
  assert.equal(counts(await told(...rows)), [0, 0, 3]);
  assert.equal(counts(await told(...[...rows].reverse())), [0, 0, 3]);
  // Whom another format does not tell of is one of them.
  assert.equal(counts(await told(rows[0])), [0, 0, 1]);
  assert.equal(counts(await told(rows[1])), [0, 0, 1]);
});

both('the same entry in an overlapping statement, and in another format: known again', async (database) => {
  const bench = await opened(await database.open());
  const day = { reference: 'BANK-7', amount: '100.00', purpose: 'SW-2026-000002' };
  assert.equal(counts(await take(bench, file(day))), [1, 0, 0]);
  // The month's, with balances that the day's did not have.
  const month = camt(
    `${balance('OPBD', '0')}${entry({ reference: 'BANK-6', amount: '1.00', purpose: 'інше' })}${entry(day)}${balance('CLBD', '101.00')}`,
    '02',
    sellerIban,
  );
  assert.equal(counts(await take(bench, month)), [0, 1, 1]);
  assert.equal(counts(await take(bench, month)), [0, 0, 2]);
  // CSV tells nothing of the payer.
  const plain = csv('2026-11-05,100.00,SW-2026-000002,BANK-7');
  assert.equal(counts(await take(bench, plain, 'csv')), [0, 0, 1]);
});

both(
  'two payments that are the same in everything: both are taken, and no file doubles them',
  async (database) => {
    const bench = await opened(await database.open());
    const row = '2026-11-05,50.00,SW-2026-000002,';
    // The export of noon, that of the evening, that of the evening again, and the week's.
    assert.equal(counts(await take(bench, csv(row), 'csv')), [0, 1, 0]);
    assert.equal(counts(await take(bench, csv(row, row), 'csv')), [0, 1, 1]);
    assert.equal(counts(await take(bench, csv(row, row), 'csv')), [0, 0, 2]);
    const week = csv('2026-11-04,50.00,SW-2026-000002,', row, row);
    assert.equal(counts(await take(bench, week, 'csv')), [0, 1, 2]);
    assert.equal(counts(await take(bench, csv(row), 'csv')), [0, 0, 1]);
  },
);

const movement = (reference: string, amount: number, purpose: string): StatementEntry => ({
  account: sellerIban,
  reference,
  referenceFrom: 'bank',
  day: '2026-11-05',
  amount,
  currency: 'UAH',
  direction: 'credit',
  reversal: false,
  payer: { name: null, iban: null, code: null },
  purpose,
});

/** A store whose first transaction stops, once it has looked what is known, until somebody else's is durable. */
function overtaken(store: Store, other: () => Promise<unknown>): Store {
  let isFirst = true;
  return {
    ...store,
    write: (work) =>
      store.write(async (tx) => {
        if (!isFirst) return work(tx);
        isFirst = false;
        let looked = false;
        const plugged = tx.withPlugin({
          transformQuery: ({ node }) => node,
          async transformResult({ result }) {
            if (looked) return result;
            looked = true;
            await other();
            return result;
          },
        });
        return work(plugged as Tx);
      }),
  };
}

both(
  'somebody else takes the entry between the look and the booking: nobody books it twice, or for nothing',
  async (database) => {
    const store = await database.open();
    const bench = await opened(store);
    const { core, billing } = bench;
    const paid = movement('R', 10_000, 'SW-2026-000002');
    // The same movement.
    const late = { ...core, store: overtaken(store, () => importEntries(core, billing, root, [paid])) };
    assert.equal(await importEntries(late, billing, root, [paid]), { booked: 0, waiting: 0, again: 1 });
    // Another movement with its reference, which waits: no payment may be made in its name.
    const other = movement('S', 5_000, 'за послуги');
    const later = { ...core, store: overtaken(store, () => importEntries(core, billing, root, [other])) };
    const fits = movement('S', 20_000, 'SW-2026-000001');
    assert.equal(await importEntries(later, billing, root, [fits]), { booked: 0, waiting: 1, again: 0 });
    const rows = await statementEntries(core, { limit: 10 });
    assert.equal(
      rows.map(({ amount, state, why }) => `${amount} ${why ?? state}`),
      ['10000 booked', '5000 noNumber', '20000 sameReference'],
    );
    const payments = await store.reader
      .selectFrom('billing_payments')
      .select(['amount', 'customer'])
      .execute();
    assert.equal(payments, [{ amount: 10_000, customer: 'CU-B' }]);
    assert.equal(await proveLedger(store.reader), []);
  },
  { only: 'postgres' },
);

test.run();
