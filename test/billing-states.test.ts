import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isoTime } from '../gateway/contract/time.ts';
import { dun } from '../provisioning/registry/billing/daily/dunning.ts';
import { bookPayment } from '../provisioning/registry/billing/ledger/payments.ts';
import { addDays } from '../provisioning/registry/billing/rules/dates.ts';
import { billMonth } from '../provisioning/registry/billing/run/month.ts';
import { createBillingStates } from '../provisioning/registry/billing/standing/states.ts';
import type { BilledBox } from '../provisioning/registry/ports.ts';
import { moveBox } from '../provisioning/registry/services/boxes.ts';
import { BillingBench, kyiv } from './registry/billing-bench.ts';
import { onBoth } from './registry/stores.ts';
import { root, TestBox } from './registry/world.ts';

const test = suite('billing states');
const both = onBoth(test);

const billed = (box: string, customer: string, claimedAtMs: number): BilledBox => ({
  box,
  billedAs: box,
  customer,
  claimedAtMs,
});

both(
  'a box is told: suspended, else past due, else its trial and when it ends, else active',
  async (database) => {
    const bench = new BillingBench(await database.open());
    await bench.plan({ trialDays: 14 });
    await bench.customers('CU-A', 'CU-B');
    const claimed = kyiv('2026-10-20T22:00');
    await bench.boxes('CU-A', claimed, 'SW-1');
    await bench.boxes('CU-B', kyiv('2026-10-05T10:00'), 'SW-2');
    const stateAt = (atMs: number, box = billed('SW-1', 'CU-A', claimed)) =>
      bench.store.write((tx) => bench.core.billing.stateOf(tx, box, atMs));
    // 20 October and 13 days more; daylight saving ends on the 25th.
    const untilMs = kyiv('2026-11-03T00:00');
    assert.equal(await stateAt(kyiv('2026-10-21T10:00')), { state: 'trial', untilMs });
    assert.equal(await stateAt(untilMs - 1), { state: 'trial', untilMs });
    assert.equal(await stateAt(untilMs), { state: 'active', untilMs: null });
    // Another customer's now: the trial is the box's, and there is no new one.
    bench.at(kyiv('2026-10-25T10:00'));
    await moveBox(bench.core, root, 'SW-1', 'CU-B');
    const moved = billed('SW-1', 'CU-B', claimed);
    assert.equal(await stateAt(kyiv('2026-10-26T10:00'), moved), { state: 'trial', untilMs });
    bench.at(kyiv('2026-11-01T03:17'));
    await billMonth(bench.core, bench.billing, '2026-10');
    const { lines } = { lines: await bench.store.reader.selectFrom('billing_lines').selectAll().execute() };
    assert.equal(
      lines.map(({ billed_as, days }) => [billed_as, days]),
      [['SW-2', 13]],
      'the trial of the other ended on the 18th; this one has not ended',
    );
    bench.at(kyiv('2026-11-16T03:17'));
    await dun(bench.core, bench.billing);
    assert.equal(await stateAt(bench.world.nowMs, moved), { state: 'pastDue', untilMs: null });
    bench.at(kyiv('2026-11-30T03:17'));
    await dun(bench.core, bench.billing);
    const told = await bench.store.write((tx) =>
      createBillingStates(bench.billing).statesOf(tx, [moved, billed('SW-9', 'CU-A', 0)], bench.world.nowMs),
    );
    assert.equal(told, [
      { state: 'suspended', untilMs: null },
      { state: 'active', untilMs: null },
    ]);
  },
);

both(
  'over the wire: a registration tells the trial, the suspension, and that it is over',
  async (database) => {
    const bench = new BillingBench(await database.open());
    const { world, core, billing } = bench;
    bench.at(kyiv('2026-10-10T10:00'));
    await bench.plan({ trialDays: 5 });
    const customer = await world.customer();
    const box = new TestBox();
    const first = await box.register(world, { claim: await world.claim(customer) });
    assert.equal([first.state, first.until], ['trial', isoTime(kyiv('2026-10-14T23:00'))]);
    bench.at(kyiv('2026-11-01T03:17'));
    await billMonth(core, billing, '2026-10');
    assert.is((await box.register(world)).state, 'active');
    const suspended = addDays('2026-11-01', 14 + 1 + 14);
    bench.at(kyiv(`${suspended}T03:17`));
    await dun(core, billing);
    assert.ok((await bench.errands()).includes(`notice ${box.id}`));
    assert.is((await box.register(world)).state, 'suspended');
    const { state } = await bookPayment(core, billing, root, {
      customer,
      currency: 'UAH',
      amount: 5_484,
      day: suspended,
      reference: 'bank 1',
    });
    assert.is(state, 'active');
    assert.is((await box.register(world)).state, 'active');
  },
);

test.run();
