import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { creditNote } from '../provisioning/registry/billing/ledger/credit-notes.ts';
import { bookPayment } from '../provisioning/registry/billing/ledger/payments.ts';
import { proveLedger } from '../provisioning/registry/billing/ledger/prove.ts';
import { addMonths } from '../provisioning/registry/billing/rules/dates.ts';
import { billMonth } from '../provisioning/registry/billing/run/month.ts';
import type { Core } from '../provisioning/registry/services/core.ts';
import type { Store } from '../provisioning/registry/store/store.ts';
import { BillingBench, kyiv } from './registry/billing-bench.ts';
import { type KilledStore, killAfter, killAfterCommits } from './registry/killing.ts';
import { billedLines, naiveLines } from './registry/naive-bill.ts';
import { onBoth } from './registry/stores.ts';
import { root } from './registry/world.ts';

const test = suite('billing kills');
const both = onBoth(test);

/** More statements than any of these takes: a loop that does not end is a fault. */
const statementsMax = 400;

/**
 * A fleet that takes several pages, with one customer of more boxes than a portion, two currencies, one whose credit
 * pays for all, and one whose credit pays for a part of the first month.
 */
async function fleet(store: Store): Promise<BillingBench> {
  const bench = new BillingBench(store);
  await bench.plan();
  await bench.plan({ plan: 'euro', currency: 'EUR', price: 500 });
  await bench.customers('CU-A', 'CU-B', 'CU-C', 'CU-D');
  const claimed = kyiv('2026-09-20T10:00');
  await bench.boxes('CU-A', claimed, 'SW-01', 'SW-02');
  await bench.boxes('CU-B', claimed, 'SW-03', 'SW-04', 'SW-05', 'SW-06', 'SW-07');
  await bench.boxes('CU-C', claimed, 'SW-08');
  await bench.boxes('CU-D', claimed, 'SW-09', 'SW-10');
  await store.write((tx) =>
    tx
      .insertInto('billing_assignments')
      .values({ customer: 'CU-B', billed_as: 'SW-05', plan: 'euro', from_month: '2026-10', created_at_ms: 0 })
      .execute(),
  );
  bench.at(kyiv('2026-10-15T10:00'));
  const paid = { currency: 'UAH', day: '2026-10-15' };
  await bookPayment(bench.core, bench.billing, root, {
    ...paid,
    customer: 'CU-C',
    amount: 1_000_000_000,
    reference: 'much',
  });
  await bookPayment(bench.core, bench.billing, root, {
    ...paid,
    customer: 'CU-D',
    amount: 5_000,
    reference: 'some',
  });
  return bench;
}

/** The registry through another store. */
const through = ({ core }: BillingBench, store: Store): Core => ({ ...core, store });

/** Nothing twice, nothing missing, no number left out. */
async function assertWhole({ store }: BillingBench, months: readonly string[]): Promise<void> {
  assert.equal(await proveLedger(store.reader), []);
  for (const month of months)
    assert.equal(await billedLines(store, month), await naiveLines(store, month, 'box'), month);
  const rows = await store.reader
    .selectFrom('billing_documents')
    .select(['month', 'customer', 'currency', 'number'])
    .where('kind', '=', 'invoice')
    .execute();
  const keys = rows.map(({ month, customer, currency }) => `${month} ${customer} ${currency}`);
  assert.is(new Set(keys).size, keys.length, 'an invoice twice');
  assert.is(keys.length, months.length * 5);
  const runs = await store.reader
    .selectFrom('audit')
    .select('subject')
    .where('action', '=', 'billing.run')
    .execute();
  assert.equal(runs.map(({ subject }) => subject).sort(), [...months], 'one line for each run');
}

async function failsOrNot(work: () => Promise<unknown>, killed: KilledStore): Promise<boolean> {
  try {
    await work();
    return false;
  } catch (error) {
    if (!killed.wasKilled()) throw error;
    return true;
  }
}

both('killed after every statement and repeated: the same invoices, each once, no gaps', async (database) => {
  const store = await database.open();
  const bench = await fleet(store);
  const months: string[] = [];
  // Another month for each place to be killed at: they are all alike.
  let month = '2026-10';
  let count = 0;
  for (let wasKilled = true; wasKilled; count += 1) {
    assert.ok(count < statementsMax, 'it never ends');
    bench.at(bench.billing.calendar.startOf(`${addMonths(month, 1)}-01`) + 3 * 3_600_000);
    const dying = killAfter(store, count);
    wasKilled = await failsOrNot(
      () => billMonth(through(bench, dying.store), bench.billing, month, { portion: 2 }),
      dying,
    );
    if (wasKilled) await billMonth(bench.core, bench.billing, month, { portion: 2 });
    months.push(month);
    month = addMonths(month, 1);
  }
  assert.ok(count > 40, `${count} statements were seen`);
  await assertWhole(bench, months);
});

both('killed once a page is durable, before anybody is told of it, and repeated', async (database) => {
  const store = await database.open();
  const bench = await fleet(store);
  const months: string[] = [];
  let month = '2026-10';
  let count = 1;
  for (let wasKilled = true; wasKilled; count += 1) {
    bench.at(bench.billing.calendar.startOf(`${addMonths(month, 1)}-01`) + 3 * 3_600_000);
    const dying = killAfterCommits(store, count);
    wasKilled = await failsOrNot(
      () => billMonth(through(bench, dying.store), bench.billing, month, { portion: 2 }),
      dying,
    );
    await billMonth(bench.core, bench.billing, month, { portion: 2 });
    months.push(month);
    month = addMonths(month, 1);
  }
  assert.ok(count > 4, `${count} transactions were seen`);
  await assertWhole(bench, months);
});

both('two instances at once, one of them killed again and again: each invoice once', async (database) => {
  const bench = await fleet(await database.open());
  const other = await database.open();
  const months: string[] = [];
  let month = '2026-10';
  for (let round = 0; round < 12; round += 1) {
    bench.at(bench.billing.calendar.startOf(`${addMonths(month, 1)}-01`) + 3 * 3_600_000);
    const dying = killAfter(other, round * 5);
    const [first] = await Promise.all([
      billMonth(bench.core, bench.billing, month, { portion: 2 }),
      failsOrNot(() => billMonth(through(bench, dying.store), bench.billing, month, { portion: 2 }), dying),
    ]);
    assert.is(first.invoices, 5);
    months.push(month);
    month = addMonths(month, 1);
  }
  await assertWhole(bench, months);
});

both('a payment that is killed after every statement and repeated is booked once', async (database) => {
  const store = await database.open();
  const bench = await fleet(store);
  bench.at(kyiv('2026-11-01T03:17'));
  await billMonth(bench.core, bench.billing, '2026-10');
  let count = 0;
  for (let wasKilled = true; wasKilled; count += 1) {
    const payment = {
      customer: 'CU-A',
      currency: 'UAH',
      amount: 100,
      day: '2026-11-01',
      reference: `bank ${count}`,
    };
    const dying = killAfter(store, count);
    wasKilled = await failsOrNot(
      () => bookPayment(through(bench, dying.store), bench.billing, root, payment),
      dying,
    );
    const repeated = await bookPayment(bench.core, bench.billing, root, payment);
    assert.is(repeated.again, !wasKilled);
    assert.equal(repeated.settled, [{ invoice: 'SW-2026-000001', amount: 100 }]);
  }
  assert.ok(count > 5);
  const { open } = await bench.store.reader
    .selectFrom('billing_open')
    .select('open')
    .where('invoice', '=', 'SW-2026-000001')
    .executeTakeFirstOrThrow();
  assert.is(open, 20_000 - 100 * count);
  assert.equal(await proveLedger(store.reader), []);
});

both('a credit note that is killed after every statement leaves no number out', async (database) => {
  const store = await database.open();
  const bench = await fleet(store);
  bench.at(kyiv('2026-11-01T03:17'));
  await billMonth(bench.core, bench.billing, '2026-10');
  const note = { invoice: 'SW-2026-000001', total: 7, reason: 'a slip' };
  let count = 0;
  const numbers: string[] = [];
  for (let wasKilled = true; wasKilled; count += 1) {
    const dying = killAfter(store, count);
    wasKilled = await failsOrNot(
      async () =>
        numbers.push((await creditNote(through(bench, dying.store), bench.billing, root, note)).number),
      dying,
    );
    if (wasKilled) numbers.push((await creditNote(bench.core, bench.billing, root, note)).number);
  }
  assert.ok(count > 8);
  assert.equal(
    numbers,
    numbers.map((_, at) => `SC-2026-${String(at + 1).padStart(6, '0')}`),
  );
  assert.equal(await proveLedger(store.reader), []);
});

test.run();
