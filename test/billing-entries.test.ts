import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { account } from '../provisioning/registry/billing/arrears.ts';
import { importEntries } from '../provisioning/registry/billing/ledger/import-entries.ts';
import { bookPayment } from '../provisioning/registry/billing/ledger/payments.ts';
import { proveLedger } from '../provisioning/registry/billing/ledger/prove.ts';
import {
  bookEntry,
  setAside,
  statementEntries,
} from '../provisioning/registry/billing/ledger/statement-entries.ts';
import type { StatementEntry } from '../provisioning/registry/billing/statements/shapes.ts';
import { type BillingBench, openBills, sellerIban } from './registry/billing-bench.ts';
import { killAfter } from './registry/killing.ts';
import { refused } from './registry/refused.ts';
import { onBoth } from './registry/stores.ts';
import { root } from './registry/world.ts';

const test = suite('billing entries');
const both = onBoth(test);

const entry = (reference: string, amount: number, purpose: string, more: object = {}): StatementEntry => ({
  account: sellerIban,
  reference,
  referenceFrom: 'bank',
  day: '2026-11-01',
  amount,
  currency: 'UAH',
  direction: 'credit',
  reversal: false,
  payer: { name: 'ТОВ «А»', iban: null, code: '87654321' },
  purpose,
  ...more,
});

const statement: readonly StatementEntry[] = [
  entry('1', 10_000, 'SW-2026-000002'),
  entry('2', 5_000, 'SW-2026-000001'),
  entry('3', 25_000, 'рахунок sw-2026-000001'),
  entry('4', 20_000, 'SW-2026-000001', { currency: 'EUR' }),
  entry('5', 20_000, 'SW-2026-000077'),
  entry('6', 20_000, 'за послуги'),
  entry('7', 20_000, 'SW-2026-000001', { direction: 'debit' }),
  entry('8', 20_000, 'SW-2026-000001', { reversal: true }),
  entry('9', 10_000, 'SW-2026-000002'),
  entry('10', 20_000, 'SW-2026-000001', { account: 'UA00' }),
];

const whys = async (bench: BillingBench): Promise<string[]> =>
  (await statementEntries(bench.core, { limit: 100 })).map(
    ({ reference, state, why }) => `${reference} ${state} ${why ?? ''}`,
  );

both(
  'what fits exactly is booked, the rest waits with why, and the same again does nothing',
  async (database) => {
    const bench = await openBills(await database.open());
    const { core, billing } = bench;
    assert.equal(await importEntries(core, billing, root, statement), { booked: 1, waiting: 9, again: 0 });
    const told = await whys(bench);
    assert.equal(told, [
      '1 booked ',
      '2 waiting partial',
      '3 waiting over',
      '4 waiting foreignCurrency',
      '5 waiting unknownNumber',
      '6 waiting noNumber',
      '7 waiting debit',
      '8 waiting reversal',
      '9 waiting double',
      '10 waiting otherAccount',
    ]);
    assert.equal(await importEntries(core, billing, root, statement), { booked: 0, waiting: 0, again: 10 });
    assert.equal(await whys(bench), told);
    assert.equal((await account(core, root, 'CU-B')).open, []);
    assert.is((await statementEntries(core, { limit: 100, state: 'waiting' })).length, 9);
    assert.equal(await proveLedger(bench.store.reader), []);
  },
);

both('the operator says whose money it is, or sets it aside', async (database) => {
  const bench = await openBills(await database.open());
  const { core, billing } = bench;
  await importEntries(core, billing, root, statement);
  const all = await statementEntries(core, { limit: 100 });
  const id = (reference: string): number => all.find((row) => row.reference === reference)?.id ?? 0;
  const book = (reference: string) =>
    bookEntry(core, billing, root, { entry: id(reference), customer: 'CU-A' });
  const part = await book('2');
  assert.equal([part.settled, part.credit], [[{ invoice: 'SW-2026-000001', amount: 5_000 }], 0]);
  const over = await book('3');
  assert.equal([over.settled, over.credit], [[{ invoice: 'SW-2026-000001', amount: 15_000 }], 10_000]);
  await refused('conflict', () => book('3'));
  for (const reference of ['7', '8', '10']) await refused('conflict', () => book(reference));
  await refused('notFound', () => bookEntry(core, billing, root, { entry: 9_999, customer: 'CU-A' }));
  await setAside(core, root, { entry: id('7'), reason: 'bank charges' });
  await refused('conflict', () => setAside(core, root, { entry: id('1'), reason: 'x' }));
  assert.ok((await whys(bench)).includes('7 setAside bank charges'));
  // What was set aside by mistake can still be booked.
  await setAside(core, root, { entry: id('6'), reason: 'unknown' });
  assert.is((await book('6')).credit, 20_000);
  assert.equal(await proveLedger(bench.store.reader), []);
});

both(
  'booked by hand with the bank’s reference before: the statement finds nothing open',
  async (database) => {
    const bench = await openBills(await database.open());
    const { core, billing } = bench;
    await bookPayment(core, billing, root, {
      customer: 'CU-B',
      currency: 'UAH',
      amount: 10_000,
      day: '2026-11-01',
      reference: `${sellerIban} 1`,
    });
    assert.equal(await importEntries(core, billing, root, statement.slice(0, 1)), {
      booked: 0,
      waiting: 1,
      again: 0,
    });
    assert.equal(await whys(bench), ['1 waiting double']);
    const [row] = await statementEntries(core, { limit: 1 });
    const booked = await bookEntry(core, billing, root, { entry: row?.id ?? 0, customer: 'CU-B' });
    assert.is(booked.again, true, 'one movement of the account is one payment');
    assert.equal((await account(core, root, 'CU-B')).credit, []);
  },
);

both(
  'a statement that two import at once, or that is killed after every statement, is booked once',
  async (database) => {
    const store = await database.open();
    const bench = await openBills(store);
    const { core, billing } = bench;
    const other = { ...core, store: await database.open() };
    let count = 0;
    for (let wasKilled = true; wasKilled; count += 1) {
      const dying = killAfter(store, count);
      const one = [entry(`round ${count}`, 1, 'SW-2026-000001'), entry(`other ${count}`, 1, 'nothing')];
      try {
        await importEntries({ ...core, store: dying.store }, billing, root, one);
      } catch (error) {
        if (!dying.wasKilled()) throw error;
      }
      wasKilled = dying.wasKilled();
      await Promise.all([
        importEntries(core, billing, root, one),
        importEntries(other, billing, root, one),
        importEntries(core, billing, root, one),
      ]);
    }
    assert.ok(count > 6);
    const rows = await statementEntries(core, { limit: 1000 });
    assert.is(rows.length, 2 * count);
    const whole = [entry('whole', 20_000, 'SW-2026-000001'), entry('again', 10_000, 'SW-2026-000002')];
    const imported = await Promise.all([
      importEntries(core, billing, root, whole),
      importEntries(other, billing, root, whole),
    ]);
    assert.is(
      imported.reduce((sum, { booked }) => sum + booked, 0),
      2,
    );
    const payments = await store.reader.selectFrom('billing_payments').select('reference').execute();
    assert.is(payments.length, 2);
    assert.equal(await proveLedger(store.reader), []);
  },
);

test.run();
