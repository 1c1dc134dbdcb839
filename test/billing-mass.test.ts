import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { dun } from '../provisioning/registry/billing/daily/dunning.ts';
import { bookPayment } from '../provisioning/registry/billing/ledger/payments.ts';
import { billMonth } from '../provisioning/registry/billing/run/month.ts';
import { retireBox } from '../provisioning/registry/services/boxes.ts';
import { ask, backlog, takeDue } from '../provisioning/registry/store/errands.ts';
import type { Store } from '../provisioning/registry/store/store.ts';
import { BillingBench, kyiv } from './registry/billing-bench.ts';
import { FakeBroker } from './registry/fakes.ts';
import { onBoth } from './registry/stores.ts';
import { workOff } from './registry/work-off.ts';
import { root } from './registry/world.ts';

const test = suite('billing: a change of many keeps nobody waiting');
const both = onBoth(test);

const customerOf = (at: number): string => `CU-${String(at).padStart(4, '0')}`;

/** So many customers with a box each are past due; nothing else is to be done. */
async function manyLate(store: Store, customers: number): Promise<BillingBench> {
  const bench = new BillingBench(store);
  await bench.plan();
  const ids = Array.from({ length: customers }, (_, at) => customerOf(at));
  await bench.customers(...ids);
  for (const id of ids) await bench.boxes(id, kyiv('2026-09-20T10:00'), `SW-${id}`);
  bench.at(kyiv('2026-11-01T03:17'));
  await billMonth(bench.core, bench.billing, '2026-10');
  bench.at(kyiv('2026-11-16T03:17'));
  assert.is((await dun(bench.core, bench.billing)).pastDue, customers);
  return bench;
}

const paid = (bench: BillingBench, customer: string): Promise<unknown> =>
  bookPayment(bench.core, bench.billing, root, {
    customer,
    currency: 'UAH',
    amount: 10_000,
    day: '2026-11-16',
    reference: customer,
  });

both('25 boxes in a second are called, however many pages the change has', async (database) => {
  // Accounts are looked at in pages of 500.
  const bench = await manyLate(await database.open(), 620);
  const nowMs = bench.core.clock.nowMs();
  const rows = await bench.store.reader.selectFrom('errands').select('due_ms').orderBy('due_ms').execute();
  assert.equal(
    rows.map(({ due_ms }) => due_ms - nowMs),
    Array.from({ length: 620 }, (_, at) => at * 40),
  );
  assert.is((await backlog(bench.store.reader, nowMs + 400)).count, 11);
});

both('whoever pays is called at once, before all that waits', async (database) => {
  const bench = await manyLate(await database.open(), 100);
  // The broker was away: all of them are due.
  bench.at(kyiv('2026-11-16T04:00'));
  await paid(bench, customerOf(99));
  // As a pairing asks for it.
  await bench.store.write((tx) => ask(tx, 'notice', `SW-${customerOf(96)}`, bench.core.clock.nowMs()));
  const taken = await takeDue(bench.store, bench.core.clock.nowMs(), 20);
  assert.equal(
    taken
      .slice(0, 2)
      .map(({ kind, subject }) => `${kind} ${subject}`)
      .sort(),
    [`notice SW-${customerOf(96)}`, `notice SW-${customerOf(99)}`],
  );
  assert.is(taken.length, 7, 'few of the others together with them');
});

both(
  'the shops of a large customer that has paid do not wait until all others were called',
  async (database) => {
    const bench = await manyLate(await database.open(), 100);
    const id = customerOf(1);
    const shops = Array.from({ length: 60 }, (_, at) => `SW-shop-${String(at).padStart(2, '0')}`);
    await bench.boxes(id, kyiv('2026-11-10T10:00'), ...shops);
    await paid(bench, id);
    const rows = await bench.store.reader
      .selectFrom('errands')
      .select('due_ms')
      .where('subject', 'in', [`SW-${id}`, ...shops])
      .orderBy('due_ms')
      .execute();
    const nowMs = bench.core.clock.nowMs();
    const times = rows.map(({ due_ms }) => due_ms - nowMs);
    assert.equal(times, [...Array(50).fill(0), ...Array.from({ length: 11 }, (_, at) => at * 40)]);
  },
);

/** A broker at whom something happens in the middle of the change. */
class Interrupted extends FakeBroker {
  happens: (() => Promise<void>) | null = null;
  after = 0;

  override async notice(box: string, jws: string): Promise<void> {
    await super.notice(box, jws);
    if (this.happens === null || this.calls.length < 12) return;
    const { happens } = this;
    this.happens = null;
    this.after = this.calls.length;
    await happens();
  }
}

both('a stolen box and one that has paid come next, in the middle of it', async (database) => {
  const bench = await manyLate(await database.open(), 100);
  bench.at(kyiv('2026-11-16T04:00'));
  const broker = new Interrupted();
  broker.happens = async () => {
    await paid(bench, customerOf(98));
    await retireBox(bench.core, root, `SW-${customerOf(97)}`, 'stolen');
  };
  await workOff(bench.world, broker);
  const waited = (call: string): number => broker.calls.indexOf(call, broker.after) - broker.after;
  const cutOff = waited(`removeBox SW-${customerOf(97)}`);
  const called = waited(`notice SW-${customerOf(98)}`);
  // What was taken together when it happened, and the list of what is revoked.
  assert.ok(cutOff >= 0 && cutOff <= 7, `${cutOff} came before the stolen one`);
  assert.ok(called > cutOff && called <= 9, `${called} came before the one that has paid`);
  assert.ok(broker.calls.length >= 100, 'and all others after them');
  assert.equal(await bench.errands(), []);
});

test.run();
