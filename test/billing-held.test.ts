import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { billingDay } from '../provisioning/registry/billing/daily/day.ts';
import { proveLedger } from '../provisioning/registry/billing/ledger/prove.ts';
import { assignPlan, setPrice } from '../provisioning/registry/billing/plans.ts';
import type { Store } from '../provisioning/registry/store/store.ts';
import { BillingBench, kyiv } from './registry/billing-bench.ts';
import { onBoth } from './registry/stores.ts';
import { root } from './registry/world.ts';

const test = suite('billing: who is held');
const both = onBoth(test);

/** A has no plan; B, who has one, is billed every month. */
async function opened(store: Store) {
  const bench = new BillingBench(store, { firstMonth: '2026-10', defaultPlan: null });
  const { core, billing } = bench;
  await bench.plan();
  await bench.customers('CU-A', 'CU-B');
  await bench.boxes('CU-A', kyiv('2026-09-20T10:00'), 'SW-1');
  await bench.boxes('CU-B', kyiv('2026-09-20T10:00'), 'SW-2');
  const give = (customer: string) =>
    assignPlan(core, billing, root, { customer, billedAs: null, plan: 'box', fromMonth: '2026-10' });
  bench.at(kyiv('2026-10-02T10:00'));
  await give('CU-B');
  return {
    bench,
    give,
    day(text: string): Promise<void> {
      bench.at(kyiv(text));
      return billingDay(core, billing);
    },
    async invoicesOfA(): Promise<string[]> {
      const rows = await store.reader
        .selectFrom('billing_documents')
        .select(['month', 'total'])
        .where('kind', '=', 'invoice')
        .where('customer', '=', 'CU-A')
        .orderBy('number')
        .execute();
      return rows.map(({ month, total }) => `${month} ${total}`);
    },
    /** The alarms that nobody has acknowledged, which are acknowledged by this. */
    async told(): Promise<string[]> {
      const rows = await store.reader
        .selectFrom('alarms')
        .select(['kind', 'subject', 'detail'])
        .where('acknowledged_at_ms', 'is', null)
        .orderBy('subject')
        .execute();
      await store.write((tx) =>
        tx
          .updateTable('alarms')
          .set({ acknowledged_at_ms: bench.world.nowMs })
          .where('acknowledged_at_ms', 'is', null)
          .execute(),
      );
      return rows.map(({ kind, subject, detail }) => `${kind} ${subject}: ${detail}`);
    },
  };
}

const subjects = (alarms: readonly string[]): string[] => alarms.map((alarm) => alarm.split(':')[0] ?? '');

both(
  'whoever was held is billed the day after a plan was given, each month by its price',
  async (database) => {
    const { bench, day, give, invoicesOfA } = await opened(await database.open());
    const { core, billing } = bench;
    await day('2026-11-01T03:17');
    bench.at(kyiv('2026-11-20T10:00'));
    await setPrice(core, billing, root, { plan: 'box', price: 99_000, trialDays: 0, fromMonth: '2026-12' });
    await day('2026-12-01T03:17');
    bench.at(kyiv('2026-12-01T10:00'));
    await give('CU-A');
    assert.equal(await invoicesOfA(), []);
    await day('2026-12-02T03:17');
    assert.equal(await invoicesOfA(), ['2026-10 10000', '2026-11 10000']);
    await day('2027-01-01T03:17');
    assert.equal(await invoicesOfA(), ['2026-10 10000', '2026-11 10000', '2026-12 99000']);
    assert.equal(await proveLedger(bench.store.reader), []);
  },
);

both('an acknowledged alarm opens anew on the next day, and once in a day', async (database) => {
  const { day, give, told } = await opened(await database.open());
  await day('2026-11-01T03:17');
  assert.equal(subjects(await told()), ['withoutPlan 2026-10']);
  // Every start of the registry does the daily work.
  for (const time of ['03:20', '09:00', '15:00']) await day(`2026-11-01T${time}`);
  assert.equal(await told(), []);
  await day('2026-11-02T03:16');
  assert.equal(subjects(await told()), ['withoutPlan 2026-10']);
  await day('2026-11-02T12:00');
  assert.equal(await told(), []);
  await give('CU-A');
  await day('2026-11-03T03:17');
  await day('2026-11-04T03:17');
  assert.equal(await told(), [], 'nobody is held any more');
});

both('where nobody is held, nothing is looked at again', async (database) => {
  const { bench, day, give } = await opened(await database.open());
  await give('CU-A');
  const runs = () => bench.store.reader.selectFrom('billing_runs').selectAll().execute();
  await day('2026-11-01T03:17');
  const before = await runs();
  await day('2026-11-02T03:17');
  assert.equal([before.length, await runs()], [1, before]);
});

both('held for longer than three months it waits for a person, who is told every day', async (database) => {
  const { day, give, invoicesOfA, told } = await opened(await database.open());
  for (const month of ['2026-11', '2026-12', '2027-01', '2027-02']) await day(`${month}-01T03:17`);
  await told();
  await day('2027-02-02T03:17');
  const alarms = await told();
  assert.equal(subjects(alarms), [
    'withoutPlan 2026-11',
    'withoutPlan 2026-12',
    'withoutPlan 2027-01',
    'withoutPlan earlier',
  ]);
  assert.match(alarms[3] ?? '', /2026-10 \(1 boxes\).*swipe registry bill --period/);
  await day('2027-02-02T15:00');
  assert.equal(await told(), []);
  await give('CU-A');
  await day('2027-02-03T03:17');
  assert.equal(await invoicesOfA(), ['2026-11 10000', '2026-12 10000', '2027-01 10000']);
  assert.equal(subjects(await told()), ['withoutPlan earlier']);
});

test.run();
