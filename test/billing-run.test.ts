import { CompiledQuery } from 'kysely';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { setBuyer } from '../provisioning/registry/billing/buyers.ts';
import { findDocument } from '../provisioning/registry/billing/documents.ts';
import { proveLedger } from '../provisioning/registry/billing/ledger/prove.ts';
import { assignPlan, setPrice } from '../provisioning/registry/billing/plans.ts';
import { billMonth, type RunProgress } from '../provisioning/registry/billing/run/month.ts';
import { BillingBench, kyiv } from './registry/billing-bench.ts';
import { refused } from './registry/refused.ts';
import { onBoth } from './registry/stores.ts';
import { root } from './registry/world.ts';

const test = suite('billing run');
const both = onBoth(test);

both('a month is billed once, however often it is asked for, and only when it is over', async (database) => {
  const bench = new BillingBench(await database.open());
  await bench.plan();
  await bench.customers('CU-A', 'CU-B', 'CU-C');
  await bench.boxes('CU-A', kyiv('2026-09-20T10:00'), 'SW-1', 'SW-2');
  await bench.boxes('CU-B', kyiv('2026-10-17T10:00'), 'SW-3');
  bench.at(kyiv('2026-11-01T00:04'));
  await refused('conflict', () => billMonth(bench.core, bench.billing, '2026-10'));
  await refused('conflict', () => billMonth(bench.core, bench.billing, '2026-09'));
  await refused('malformed', () => billMonth(bench.core, bench.billing, '2026-13'));
  bench.at(kyiv('2026-11-01T03:17'));
  const seen: RunProgress[] = [];
  const done = await billMonth(bench.core, bench.billing, '2026-10', {
    actor: 'person:anna',
    onProgress: (progress) => seen.push(progress),
  });
  const told = { month: '2026-10', boxes: 3, boxesTotal: 3, invoices: 2, lines: 3, withoutPlan: 0 };
  assert.equal(done, { ...told, issued: 2 });
  assert.equal(seen, [told]);
  const papers = await bench.papers();
  assert.equal(await billMonth(bench.core, bench.billing, '2026-10'), { ...told, issued: 0 });
  assert.equal(await bench.papers(), papers);
  assert.equal(await proveLedger(bench.store.reader), []);

  const invoice = await findDocument(bench.core, root, 'SW-2026-000002');
  assert.equal(
    [invoice.customer, invoice.day, invoice.dueDay, invoice.total, invoice.open],
    ['CU-B', '2026-11-01', '2026-11-15', 4839, 4839],
  );
  assert.equal(invoice.lines, [
    { billedAs: 'SW-3', plan: 'box', price: 10_000, days: 15, daysOfMonth: 31, amount: 4839 },
  ]);
  const act = await findDocument(bench.core, root, 'SA-2026-000002');
  assert.equal([act.day, act.dueDay, act.invoice], ['2026-10-31', null, 'SW-2026-000002']);
  assert.equal(act.lines, invoice.lines);
  assert.is(act.total, invoice.total);

  const audit = await bench.store.reader.selectFrom('audit').selectAll().orderBy('id').execute();
  assert.equal(
    audit.filter(({ action }) => action === 'billing.run').map(({ actor, subject }) => [actor, subject]),
    [['person:anna', '2026-10']],
    'one line for the run',
  );
});

both('what was issued is never changed, by nobody', async (database) => {
  const bench = new BillingBench(await database.open());
  await bench.plan();
  await bench.customers('CU-A');
  await bench.boxes('CU-A', kyiv('2026-09-20T10:00'), 'SW-1');
  bench.at(kyiv('2026-11-01T03:17'));
  await billMonth(bench.core, bench.billing, '2026-10');
  const attacks = [
    'UPDATE billing_documents SET total = 1, net = 1',
    'DELETE FROM billing_documents',
    'UPDATE billing_lines SET amount = 1',
    'DELETE FROM billing_lines',
    'UPDATE billing_prices SET price = 1',
    "UPDATE billing_parties SET details = '{}'",
  ];
  for (const attack of attacks)
    try {
      await bench.store.write((tx) => tx.executeQuery(CompiledQuery.raw(attack)));
      assert.unreachable(attack);
    } catch (error) {
      assert.match((error as Error).message, /only added to/, attack);
    }
});

both('details, prices and plans on a document are those of its month and its day', async (database) => {
  const bench = new BillingBench(await database.open(), {
    vat: { mode: 'onTop', rateBasisPoints: 2000 },
    defaultPlan: null,
  });
  await bench.plan();
  await bench.plan({ plan: 'euro', currency: 'EUR', price: 500 });
  await bench.customers('CU-A', 'CU-B');
  await bench.boxes('CU-A', kyiv('2026-09-20T10:00'), 'SW-1', 'SW-2', 'SW-3');
  await bench.boxes('CU-B', kyiv('2026-09-20T10:00'), 'SW-4');
  const { core, billing } = bench;
  bench.at(kyiv('2026-09-25T10:00'));
  const given = { customer: 'CU-A', billedAs: null, plan: 'box' };
  await refused('conflict', () =>
    assignPlan(core, billing, root, { ...given, billedAs: 'SW-1', fromMonth: '2026-10' }),
  );
  await assignPlan(core, billing, root, { ...given, fromMonth: '2026-02' });
  await refused('conflict', () => assignPlan(core, billing, root, { ...given, fromMonth: '2026-09' }));
  await assignPlan(core, billing, root, {
    customer: 'CU-A',
    billedAs: 'SW-3',
    plan: 'euro',
    fromMonth: '2026-10',
  });
  await refused('notFound', () =>
    assignPlan(core, billing, root, { ...given, billedAs: 'SW-4', fromMonth: '2026-10' }),
  );
  await refused('conflict', () =>
    setPrice(core, billing, root, { plan: 'box', price: 1, trialDays: 0, fromMonth: '2026-09' }),
  );
  await setPrice(core, billing, root, { plan: 'box', price: 20_000, trialDays: 0, fromMonth: '2026-11' });
  await setBuyer(core, root, 'CU-A', { name: 'ТОВ «А»', code: '87654321' });

  bench.at(kyiv('2026-11-01T03:17'));
  const october = await billMonth(core, billing, '2026-10');
  assert.equal([october.issued, october.withoutPlan], [2, 1], 'one per currency; B has no plan');
  assert.equal(
    (await bench.world.alarms()).map(({ kind, subject }) => [kind, subject]),
    [['withoutPlan', '2026-10']],
  );
  await setBuyer(core, root, 'CU-A', { name: 'ТОВ «А нове»', code: '87654321' });
  bench.at(kyiv('2026-12-01T03:17'));
  await billMonth(core, billing, '2026-11');
  const documents = await Promise.all(
    ['SW-2026-000001', 'SW-2026-000002', 'SW-2026-000003', 'SW-2026-000004'].map((number) =>
      findDocument(core, root, number),
    ),
  );
  assert.equal(
    documents.map(({ month, currency, net, vat, total, buyer }) => [
      month,
      currency,
      net,
      vat.amount,
      total,
      buyer.name,
    ]),
    [
      ['2026-10', 'UAH', 20_000, 4_000, 24_000, 'ТОВ «А»'],
      ['2026-10', 'EUR', 500, 100, 600, 'ТОВ «А»'],
      ['2026-11', 'UAH', 40_000, 8_000, 48_000, 'ТОВ «А нове»'],
      ['2026-11', 'EUR', 500, 100, 600, 'ТОВ «А нове»'],
    ],
  );

  // A plan for B, from October on: that month is looked at again, and A has no second invoice.
  await assignPlan(core, billing, root, {
    customer: 'CU-B',
    billedAs: null,
    plan: 'box',
    fromMonth: '2026-10',
  });
  const again = await billMonth(core, billing, '2026-10');
  assert.equal([again.issued, again.invoices, again.withoutPlan], [1, 3, 0]);
  const late = await findDocument(core, root, 'SW-2026-000005');
  assert.equal([late.customer, late.month, late.day, late.net], ['CU-B', '2026-10', '2026-12-01', 10_000]);
  assert.equal(await proveLedger(bench.store.reader), []);
});

both('numbers begin anew with the year of the document’s day', async (database) => {
  const bench = new BillingBench(await database.open());
  await bench.plan();
  await bench.customers('CU-A');
  await bench.boxes('CU-A', kyiv('2026-11-05T10:00'), 'SW-1');
  for (const [now, month] of [
    ['2026-12-01T03:17', '2026-11'],
    ['2027-01-01T03:17', '2026-12'],
    ['2027-02-01T03:17', '2027-01'],
  ] as const) {
    bench.at(kyiv(now));
    await billMonth(bench.core, bench.billing, month);
  }
  const { documents } = await bench.papers();
  assert.equal(
    documents.map((row) => (row as { number: string }).number),
    [
      'SA-2026-000001',
      'SA-2026-000002',
      'SA-2027-000001',
      'SW-2026-000001',
      'SW-2027-000001',
      'SW-2027-000002',
    ],
  );
});

both('a prefix that is another kind’s, or another seller’s, is refused', async (database) => {
  const bench = new BillingBench(await database.open());
  await bench.plan();
  await bench.customers('CU-A');
  await bench.boxes('CU-A', kyiv('2026-09-05T10:00'), 'SW-1');
  bench.at(kyiv('2026-12-01T03:17'));
  await billMonth(bench.core, bench.billing, '2026-10');
  const { seller } = bench.billing.config;
  const other = new BillingBench(bench.store, { seller: { ...seller, code: '11111111' } });
  other.at(kyiv('2026-12-01T03:17'));
  await refused('conflict', () => billMonth(other.core, other.billing, '2026-11'));
  const swapped = new BillingBench(bench.store, {
    prefixes: { invoice: 'SA', act: 'SW', creditNote: 'SC' },
  });
  swapped.at(kyiv('2026-12-01T03:17'));
  await refused('conflict', () => billMonth(swapped.core, swapped.billing, '2026-11'));
  assert.is((await bench.papers()).documents.length, 2);

  // With prefixes of its own a new seller goes on; what the old one billed is not billed again.
  const moved = new BillingBench(bench.store, {
    seller: { ...seller, code: '11111111' },
    prefixes: { invoice: 'NW', act: 'NA', creditNote: 'NC' },
  });
  moved.at(kyiv('2026-12-01T03:17'));
  await bench.store.write((tx) => tx.updateTable('billing_runs').set({ without_plan: 1 }).execute());
  assert.is((await billMonth(moved.core, moved.billing, '2026-10')).issued, 0);
  assert.is((await billMonth(moved.core, moved.billing, '2026-11')).issued, 1);
  assert.equal(await proveLedger(bench.store.reader), []);
});

test.run();
