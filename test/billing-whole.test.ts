import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { assignPlan } from '../provisioning/registry/billing/plans.ts';
import { billMonth } from '../provisioning/registry/billing/run/month.ts';
import type { Store } from '../provisioning/registry/store/store.ts';
import { BillingBench, kyiv } from './registry/billing-bench.ts';
import { refused } from './registry/refused.ts';
import { onBoth } from './registry/stores.ts';
import { root } from './registry/world.ts';

const test = suite('billing: a customer is billed whole, and once');
const both = onBoth(test);

const since = kyiv('2026-08-20T10:00');

/** The lines, as `SW-2026-000001 SW-1 box`. */
async function linesOf(store: Store): Promise<string[]> {
  const rows = await store.reader
    .selectFrom('billing_lines')
    .select(['invoice', 'billed_as', 'plan'])
    .orderBy('invoice')
    .orderBy('billed_as')
    .execute();
  return rows.map(({ invoice, billed_as, plan }) => `${invoice} ${billed_as} ${plan}`);
}

/** The default plan has no price before October, and SW-A-01 alone has a plan of its own; B is another customer. */
async function lacking(store: Store): Promise<BillingBench> {
  const bench = new BillingBench(store, { firstMonth: '2026-09' });
  await bench.plan({ fromMonth: '2026-10' });
  await bench.plan({ plan: 'own' });
  await bench.customers('CU-A', 'CU-B');
  const ids = Array.from({ length: 7 }, (_, at) => `SW-A-${String(at + 1).padStart(2, '0')}`);
  await bench.boxes('CU-A', since, ...ids);
  await bench.boxes('CU-B', since, 'SW-B');
  bench.at(kyiv('2026-08-21T10:00'));
  const { core, billing } = bench;
  for (const billedAs of [...ids.slice(0, 6), 'SW-B'])
    await assignPlan(core, billing, root, {
      customer: billedAs === 'SW-B' ? 'CU-B' : 'CU-A',
      billedAs,
      plan: 'own',
      fromMonth: '2026-09',
    });
  bench.at(kyiv('2026-10-02T10:00'));
  return bench;
}

for (const portion of [2000, 7, 3, 1])
  both(
    `a box without a plan holds its customer’s invoice until it has one; portions of ${portion}`,
    async (database) => {
      const bench = await lacking(await database.open());
      const { core, billing, store } = bench;
      const first = await billMonth(core, billing, '2026-09', { portion });
      assert.equal([first.issued, first.lines, first.withoutPlan], [1, 1, 7], 'B alone is billed');
      const alarms = await store.reader.selectFrom('alarms').select(['kind', 'detail']).execute();
      const told = alarms.map(({ kind, detail }) => `${kind} ${detail}`).join();
      assert.match(told, /^withoutPlan 7 boxes were not billed[^,]*, such as SW-A-07 of CU-A$/);

      const given = { customer: 'CU-A', billedAs: null, plan: 'own', fromMonth: '2026-09' };
      await assignPlan(core, billing, root, given);
      const again = await billMonth(core, billing, '2026-09', { portion });
      assert.equal([again.issued, again.invoices, again.lines, again.withoutPlan], [1, 2, 8, 0]);
      const lines = await linesOf(store);
      assert.equal(
        lines.filter((line) => line.startsWith('SW-2026-000002')).length,
        7,
        'one invoice over all',
      );
      assert.is(new Set(lines.map((line) => line.split(' ')[1])).size, 8, 'no box twice');
      assert.is((await billMonth(core, billing, '2026-09', { portion })).issued, 0);
    },
  );

both('what was held back is billed, also where a later month has its plan already', async (database) => {
  const bench = new BillingBench(await database.open(), { firstMonth: '2026-09', defaultPlan: null });
  const { core, billing, store } = bench;
  await bench.plan();
  await bench.customers('CU-A');
  await bench.boxes('CU-A', since, 'SW-1');
  bench.at(kyiv('2026-10-02T10:00'));
  assert.is((await billMonth(core, billing, '2026-09')).withoutPlan, 1);
  const give = (plan: string | null, fromMonth: string) =>
    assignPlan(core, billing, root, { customer: 'CU-A', billedAs: null, plan, fromMonth });
  // The operator thinks of the month that runs, takes the plan away, gives it again, and then reads the alarm.
  await give('box', '2026-10');
  await give(null, '2026-11');
  await give('box', '2026-12');
  bench.at(kyiv('2027-01-02T10:00'));
  for (const month of ['2026-10', '2026-11', '2026-12']) await billMonth(core, billing, month);
  for (const month of ['2026-10', '2026-12']) await refused('conflict', () => give('box', month));
  await refused('conflict', () => give(null, '2026-12'));
  for (const month of ['2026-09', '2026-11']) {
    await give('box', month);
    assert.is((await billMonth(core, billing, month)).issued, 1);
    await refused('conflict', () => give('box', month));
  }
  const months = await store.reader
    .selectFrom('billing_documents')
    .select('month')
    .where('kind', '=', 'invoice')
    .orderBy('month')
    .execute();
  assert.equal(
    months.map(({ month }) => month),
    ['2026-09', '2026-10', '2026-11', '2026-12'],
  );
});

both('a plan in another currency bills no month again', async (database) => {
  const bench = new BillingBench(await database.open(), { firstMonth: '2026-09' });
  const { core, billing, store } = bench;
  await bench.plan();
  await bench.plan({ plan: 'euro', currency: 'EUR', price: 500 });
  await bench.customers('CU-A', 'CU-B');
  await bench.boxes('CU-A', since, 'SW-1');
  await bench.boxes('CU-B', since, 'SW-2');
  bench.at(kyiv('2026-10-02T10:00'));
  let pages = 0;
  await refused('busy', () => billMonth(core, billing, '2026-09', { portion: 1, goesOn: () => pages++ < 1 }));
  // The default goes away while the run stands still: A was billed by it, B has no plan.
  billing.config.defaultPlan = null;
  assert.is((await billMonth(core, billing, '2026-09')).withoutPlan, 1);
  const euro = (customer: string, fromMonth: string) =>
    assignPlan(core, billing, root, { customer, billedAs: null, plan: 'euro', fromMonth });
  await refused('conflict', () => euro('CU-A', '2026-08'));
  await refused('conflict', () => euro('CU-A', '2026-09'));
  await euro('CU-A', '2026-10');
  await euro('CU-B', '2026-09');
  assert.is((await billMonth(core, billing, '2026-09')).issued, 1);
  assert.equal(await linesOf(store), ['SW-2026-000001 SW-1 box', 'SW-2026-000002 SW-2 euro']);
});

both('another default in another currency bills no month again', async (database) => {
  const bench = new BillingBench(await database.open());
  const { core, billing, store } = bench;
  await bench.plan();
  await bench.plan({ plan: 'euro', currency: 'EUR', price: 500, fromMonth: '2026-11' });
  await bench.customers('CU-A', 'CU-B');
  await bench.boxes('CU-A', kyiv('2026-09-20T10:00'), 'SW-1');
  await bench.boxes('CU-B', kyiv('2026-09-20T10:00'), 'SW-2');
  bench.at(kyiv('2026-09-25T10:00'));
  await assignPlan(core, billing, root, {
    customer: 'CU-B',
    billedAs: 'SW-2',
    plan: 'box',
    fromMonth: '2026-12',
  });
  bench.at(kyiv('2026-12-02T10:00'));
  await billMonth(core, billing, '2026-11');
  await store.write((tx) => tx.updateTable('billing_runs').set({ without_plan: 1 }).execute());
  billing.config.defaultPlan = 'euro';
  assert.equal([(await billMonth(core, billing, '2026-11')).issued, (await linesOf(store)).length], [0, 2]);
});

test.run();
