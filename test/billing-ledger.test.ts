import { CompiledQuery } from 'kysely';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { account } from '../provisioning/registry/billing/arrears.ts';
import { findDocument } from '../provisioning/registry/billing/documents.ts';
import { creditNote } from '../provisioning/registry/billing/ledger/credit-notes.ts';
import { moneyBack } from '../provisioning/registry/billing/ledger/money-back.ts';
import { bookPayment } from '../provisioning/registry/billing/ledger/payments.ts';
import { proveLedger } from '../provisioning/registry/billing/ledger/prove.ts';
import { reversePayment } from '../provisioning/registry/billing/ledger/reversals.ts';
import { billMonth } from '../provisioning/registry/billing/run/month.ts';
import type { Store } from '../provisioning/registry/store/store.ts';
import { kyiv, openBills, sellerIban } from './registry/billing-bench.ts';
import { refused } from './registry/refused.ts';
import { onBoth } from './registry/stores.ts';
import { root } from './registry/world.ts';

const test = suite('billing ledger');
const both = onBoth(test);

/** Ways to pay, and to see who owes what. */
async function opened(store: Store, changes: Parameters<typeof openBills>[1] = {}) {
  const bench = await openBills(store, changes);
  let reference = 0;
  return {
    bench,
    async november() {
      bench.at(kyiv('2026-12-01T03:17'));
      await billMonth(bench.core, bench.billing, '2026-11');
    },
    pay: (customer: string, amount: number, more: object = {}) => {
      reference += 1;
      return bookPayment(bench.core, bench.billing, root, {
        customer,
        currency: 'UAH',
        amount,
        day: '2026-11-01',
        reference: `hand ${reference}`,
        ...more,
      });
    },
    owes: async (customer: string) => {
      const { open, credit } = await account(bench.core, root, customer);
      return { open: open.map((row) => [row.invoice, row.open]), credit: credit.map(({ amount }) => amount) };
    },
  };
}

both(
  'a payment pays the oldest, what is too much is credit, and credit pays the next invoice',
  async (database) => {
    const { bench, pay, owes, november } = await opened(await database.open());
    const part = await pay('CU-A', 5_000);
    assert.equal(part.settled, [{ invoice: 'SW-2026-000001', amount: 5_000 }]);
    assert.equal(await owes('CU-A'), { open: [['SW-2026-000001', 15_000]], credit: [] });
    const more = await pay('CU-A', 18_000);
    assert.equal([more.settled, more.credit], [[{ invoice: 'SW-2026-000001', amount: 15_000 }], 3_000]);
    assert.equal(await owes('CU-A'), { open: [], credit: [3_000] });
    await november();
    assert.equal(await owes('CU-A'), { open: [['SW-2026-000003', 17_000]], credit: [] });
    assert.equal(await owes('CU-B'), {
      open: [
        ['SW-2026-000002', 10_000],
        ['SW-2026-000004', 10_000],
      ],
      credit: [],
    });
    const named = await pay('CU-B', 12_000, { invoices: ['SW-2026-000004'] });
    assert.equal(named.settled, [
      { invoice: 'SW-2026-000004', amount: 10_000 },
      { invoice: 'SW-2026-000002', amount: 2_000 },
    ]);
    const rest = await pay('CU-B', 9_000, { invoices: ['SW-2026-000002', 'SW-2026-000002'] });
    assert.equal([rest.settled, rest.credit], [[{ invoice: 'SW-2026-000002', amount: 8_000 }], 1_000]);
    assert.equal(await proveLedger(bench.store.reader), []);
  },
);

both('one reference is one payment: again is told, something else is refused', async (database) => {
  const { bench, pay, owes } = await opened(await database.open());
  const first = await pay('CU-A', 25_000, { reference: 'bank 1' });
  const again = await pay('CU-A', 25_000, { reference: 'bank 1' });
  assert.equal(again, { ...first, again: true });
  assert.equal(await owes('CU-A'), { open: [], credit: [5_000] });
  await refused('conflict', () => pay('CU-A', 25_001, { reference: 'bank 1' }));
  await refused('conflict', () => pay('CU-B', 25_000, { reference: 'bank 1' }));
  const many = await Promise.all(Array.from({ length: 8 }, () => pay('CU-B', 700, { reference: 'bank 2' })));
  assert.is(many.filter(({ again: twice }) => !twice).length, 1);
  assert.equal(await owes('CU-B'), { open: [['SW-2026-000002', 9_300]], credit: [] });
  assert.equal(await proveLedger(bench.store.reader), []);
});

both('what is no payment is refused, and so is who may not book', async (database) => {
  const { bench, pay } = await opened(await database.open());
  for (const wrong of [
    { amount: 0 },
    { amount: -5 },
    { amount: 0.5 },
    { currency: 'hryvnia' },
    { day: '2026-11-31' },
    { day: '2026-11-03' },
    { reference: '' },
    { reference: 'two\nlines' },
  ])
    await refused('malformed', () => pay('CU-A', 100, wrong));
  await refused('notFound', () => pay('CU-Z', 100));
  await refused('notFound', () => pay('CU-A', 100, { invoices: ['SW-2026-000099'] }));
  await refused('notFound', () => pay('CU-A', 100, { invoices: ['SA-2026-000001'] }));
  await refused('conflict', () => pay('CU-A', 100, { invoices: ['SW-2026-000002'] }));
  await refused('conflict', () => pay('CU-A', 100, { currency: 'EUR', invoices: ['SW-2026-000001'] }));
  const payment = { customer: 'CU-A', currency: 'UAH', amount: 1, day: '2026-11-01', reference: 'r' };
  const bound = { name: 'token:TK-1', customer: 'CU-A' };
  await refused('forbidden', () => bookPayment(bench.core, bench.billing, bound, payment));
  bench.world.restored = true;
  await refused('restored', () => pay('CU-A', 100));
  bench.world.restored = false;
  const { payments } = await bench.store.reader
    .selectFrom('billing_payments')
    .select((eb) => eb.fn.countAll<number>().as('payments'))
    .executeTakeFirstOrThrow();
  assert.is(Number(payments), 0);
});

both('currencies are never mixed', async (database) => {
  const { bench, pay, owes } = await opened(await database.open());
  const euro = await pay('CU-A', 5_000, { currency: 'EUR' });
  assert.equal([euro.settled, euro.credit], [[], 5_000]);
  assert.equal(await owes('CU-A'), { open: [['SW-2026-000001', 20_000]], credit: [5_000] });
  assert.equal(await proveLedger(bench.store.reader), []);
});

both(
  'a credit note takes back what is open, and what was paid becomes credit; never more than is left',
  async (database) => {
    const { bench, pay, owes } = await opened(await database.open(), {
      vat: { mode: 'included', rateBasisPoints: 2000 },
    });
    const { core, billing } = bench;
    const note = (invoice: string, total?: number) =>
      creditNote(core, billing, root, {
        invoice,
        reason: 'agreed',
        ...(total === undefined ? {} : { total }),
      });
    await pay('CU-A', 15_000);
    const first = await note('SW-2026-000001', 7_000);
    assert.equal(first, {
      number: 'SC-2026-000001',
      total: 7_000,
      settled: [{ invoice: 'SW-2026-000001', amount: 5_000 }],
      credit: 2_000,
      state: 'active',
    });
    assert.equal(await owes('CU-A'), { open: [], credit: [2_000] });
    await refused('conflict', () => note('SW-2026-000001', 13_001));
    const rest = await note('SW-2026-000001');
    assert.equal([rest.number, rest.total, rest.credit], ['SC-2026-000002', 13_000, 15_000]);
    await refused('conflict', () => note('SW-2026-000001'));
    await refused('notFound', () => note('SA-2026-000001'));
    await refused('malformed', () => note('SW-2026-000002', 0));
    const papers = await Promise.all(
      ['SW-2026-000001', 'SC-2026-000001', 'SC-2026-000002'].map((number) =>
        findDocument(core, root, number),
      ),
    );
    assert.equal(
      papers.map(({ vat, net, total }) => [vat.amount, net, total]),
      [
        [3_333, 16_667, 20_000],
        [1_167, 5_833, 7_000],
        [2_166, 10_834, 13_000],
      ],
    );
    assert.equal([papers[1]?.invoice, papers[1]?.reason, papers[1]?.lines], ['SW-2026-000001', 'agreed', []]);
    assert.equal(await proveLedger(bench.store.reader), []);
  },
);

both('a credit note on a paid invoice pays the customer’s next one', async (database) => {
  const { bench, pay, owes, november } = await opened(await database.open());
  await pay('CU-A', 20_000);
  await november();
  const note = await creditNote(bench.core, bench.billing, root, {
    invoice: 'SW-2026-000001',
    reason: 'agreed',
  });
  assert.equal([note.settled, note.credit], [[{ invoice: 'SW-2026-000003', amount: 20_000 }], 0]);
  assert.equal(await owes('CU-A'), { open: [], credit: [] });
  assert.equal(await proveLedger(bench.store.reader), []);
});

both('money back lowers credit, never below nothing, and each repayment once', async (database) => {
  const { bench, pay, owes } = await opened(await database.open());
  await pay('CU-A', 25_000);
  const back = (amount: number, more: object = {}) =>
    moneyBack(bench.core, bench.billing, root, {
      customer: 'CU-A',
      currency: 'UAH',
      amount,
      day: '2026-11-01',
      iban: sellerIban,
      reference: 'back 1',
      ...more,
    });
  await refused('conflict', () => back(5_001));
  await refused('malformed', () => back(100, { iban: 'UA21' }));
  assert.is((await back(2_000)).credit, 3_000);
  await refused('conflict', () => back(2_000));
  assert.equal(await owes('CU-A'), { open: [], credit: [3_000] });
  const row = await bench.store.reader.selectFrom('billing_money_back').selectAll().executeTakeFirstOrThrow();
  assert.equal([row.iban, row.amount, row.decided_by], [sellerIban, 2_000, 'person:test']);
  assert.equal(await proveLedger(bench.store.reader), []);
});

both('a payment that was none is taken back, with what its credit paid', async (database) => {
  const { bench, pay, owes, november } = await opened(await database.open());
  const { payment } = await pay('CU-A', 30_000);
  await november();
  assert.equal(await owes('CU-A'), { open: [['SW-2026-000003', 10_000]], credit: [] });
  const reverse = () =>
    reversePayment(bench.core, bench.billing, root, { payment, reason: 'of another customer' });
  await reverse();
  assert.equal(await owes('CU-A'), {
    open: [
      ['SW-2026-000001', 20_000],
      ['SW-2026-000003', 20_000],
    ],
    credit: [],
  });
  await refused('conflict', reverse);
  assert.equal(await proveLedger(bench.store.reader), []);

  const other = await pay('CU-B', 30_000);
  await moneyBack(bench.core, bench.billing, root, {
    customer: 'CU-B',
    currency: 'UAH',
    amount: 10_000,
    day: '2026-12-01',
    iban: sellerIban,
    reference: 'back',
  });
  await refused('conflict', () =>
    reversePayment(bench.core, bench.billing, root, { payment: other.payment, reason: 'x' }),
  );
  assert.equal(await proveLedger(bench.store.reader), []);
});

both('what is open again is paid by the credit that is left', async (database) => {
  const { bench, pay, owes } = await opened(await database.open());
  const { payment } = await pay('CU-A', 20_000);
  await pay('CU-A', 5_000);
  await reversePayment(bench.core, bench.billing, root, { payment, reason: 'taken back by the bank' });
  assert.equal(await owes('CU-A'), { open: [['SW-2026-000001', 15_000]], credit: [] });
  assert.equal(await proveLedger(bench.store.reader), []);
});

both('the ledger is only added to, and the proof finds what somebody tampered with', async (database) => {
  const { bench, pay } = await opened(await database.open());
  await pay('CU-A', 25_000);
  const run = (statement: string) => bench.store.write((tx) => tx.executeQuery(CompiledQuery.raw(statement)));
  for (const table of ['billing_ledger', 'billing_payments'])
    for (const attack of [`UPDATE ${table} SET amount = 1`, `DELETE FROM ${table}`])
      try {
        await run(attack);
        assert.unreachable(attack);
      } catch (error) {
        assert.match((error as Error).message, /only added to/);
      }
  await run('UPDATE billing_open SET open = open - 1');
  await run('UPDATE billing_credit SET amount = amount + 1');
  await run("UPDATE billing_series SET last = last + 1 WHERE prefix = 'SW'");
  await run(
    "INSERT INTO billing_ledger (customer, currency, source, amount, at_ms) VALUES ('CU-B', 'UAH', 'PM-Z', 5, 0)",
  );
  assert.equal(
    (await proveLedger(bench.store.reader)).map(({ kind, subject }) => `${kind} ${subject}`).sort(),
    ['credit CU-A UAH', 'credit CU-B UAH', 'gap SW-2026', 'open SW-2026-000002', 'source PM-Z'],
  );
});

test.run();
