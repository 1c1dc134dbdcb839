import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { dun, suspendAll } from '../provisioning/registry/billing/daily/dunning.ts';
import { billMonth } from '../provisioning/registry/billing/run/month.ts';
import { retireBox } from '../provisioning/registry/services/boxes.ts';
import type { Store } from '../provisioning/registry/store/store.ts';
import { BillingBench, kyiv } from './registry/billing-bench.ts';
import { onBoth } from './registry/stores.ts';
import { root } from './registry/world.ts';

const test = suite('billing suspension');
const both = onBoth(test);

/** A hundred customers with a box each, of whom some owe. */
async function many(store: Store, owing: number) {
  const bench = new BillingBench(store, { suspendAtMostPercent: 2 });
  await bench.plan();
  const ids = Array.from({ length: 100 }, (_, at) => `CU-${String(at).padStart(3, '0')}`);
  await bench.customers(...ids);
  // Those who owe were there in October; the others came later.
  for (const [at, id] of ids.entries())
    await bench.boxes(id, kyiv(at < owing ? '2026-10-05T10:00' : '2026-11-02T10:00'), `SW-${id}`);
  bench.at(kyiv('2026-11-01T03:17'));
  await billMonth(bench.core, bench.billing, '2026-10');
  bench.at(kyiv('2026-11-30T03:17'));
  return bench;
}

both('more than two per cent at once: nobody is suspended until the operator says so', async (database) => {
  const bench = await many(await database.open(), 3);
  const { core, billing } = bench;
  const held = { customers: 3, boxes: 3, active: 100 };
  assert.equal(await dun(core, billing), { active: 0, pastDue: 3, suspended: 0, held });
  const alarms = await bench.world.alarms();
  assert.equal(
    alarms.map(({ kind }) => kind),
    ['massSuspension'],
  );
  // Until then they are told that they are past due, once.
  assert.is((await bench.errands()).length, 3);
  assert.equal(await dun(core, billing), { active: 0, pastDue: 0, suspended: 0, held });
  assert.is((await suspendAll(core, billing, 'person:anna')).suspended, 3);
  assert.is((await bench.errands()).length, 3);
  const row = await bench.store.reader.selectFrom('alarms').selectAll().executeTakeFirstOrThrow();
  assert.is(row.acknowledged_by, 'person:anna');
  const line = await bench.store.reader
    .selectFrom('audit')
    .selectAll()
    .where('action', '=', 'billing.suspensions')
    .executeTakeFirstOrThrow();
  assert.is(line.actor, 'person:anna');
  assert.is((await dun(core, billing)).held, null);
});

both('two per cent a day, however often the daily work is run', async (database) => {
  const bench = await many(await database.open(), 2);
  const { core, billing } = bench;
  assert.is((await dun(core, billing)).suspended, 2);
  // A third one turns up on the same day: that would be three of a hundred.
  await bench.store.write((tx) =>
    tx
      .insertInto('billing_accounts')
      .values({ customer: 'CU-050', state: 'pastDue', since_day: '2026-11-16', decided_by: 'registry' })
      .execute(),
  );
  await bench.store.write(async (tx) => {
    const { number } = await tx
      .selectFrom('billing_documents')
      .select('number')
      .where('kind', '=', 'invoice')
      .limit(1)
      .executeTakeFirstOrThrow();
    await tx.deleteFrom('billing_open').where('invoice', '=', number).execute();
    await tx
      .insertInto('billing_open')
      .values({
        invoice: number,
        customer: 'CU-050',
        currency: 'UAH',
        due_day: '2026-11-01',
        open: 1,
        reminded: 0,
      })
      .execute();
    await tx.updateTable('billing_accounts').set({ deferred_until: null }).execute();
  });
  const again = await dun(core, billing);
  assert.equal(again.held, { customers: 1, boxes: 1, active: 100 });
  assert.is(again.suspended, 0);
  // The next day it is one of 98.
  bench.at(kyiv('2026-12-01T03:17'));
  assert.is((await dun(core, billing)).suspended, 1);
});

both(
  'a large customer’s boxes are told in portions, so that others are not kept waiting',
  async (database) => {
    const bench = new BillingBench(await database.open());
    await bench.plan();
    await bench.customers('CU-A');
    const ids = Array.from({ length: 250 }, (_, at) => `SW-${String(at).padStart(3, '0')}`);
    await bench.boxes('CU-A', kyiv('2026-10-05T10:00'), ...ids);
    await retireBox(bench.core, root, 'SW-000', 'retired');
    await bench.store.write((tx) => tx.deleteFrom('errands').execute());
    bench.at(kyiv('2026-11-01T03:17'));
    await billMonth(bench.core, bench.billing, '2026-10');
    bench.at(kyiv('2026-11-16T03:17'));
    await dun(bench.core, bench.billing);
    const rows = await bench.store.reader
      .selectFrom('errands')
      .select(['subject', 'due_ms'])
      .orderBy('subject')
      .execute();
    assert.is(rows.length, 249, 'a retired box is told nothing');
    const waits = rows.map(({ due_ms }) => due_ms - bench.world.nowMs);
    assert.equal([waits[0], waits[49], waits[50], waits[51], waits[248]], [0, 0, 0, 40, 198 * 40]);
  },
);

test.run();
