import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { arrears, reminders } from '../provisioning/registry/billing/arrears.ts';
import { dun } from '../provisioning/registry/billing/daily/dunning.ts';
import { remind } from '../provisioning/registry/billing/daily/reminders.ts';
import { creditNote } from '../provisioning/registry/billing/ledger/credit-notes.ts';
import { bookPayment } from '../provisioning/registry/billing/ledger/payments.ts';
import { billMonth } from '../provisioning/registry/billing/run/month.ts';
import { defer } from '../provisioning/registry/billing/standing/defer.ts';
import { isRefusal } from '../provisioning/registry/refusal.ts';
import type { Store } from '../provisioning/registry/store/store.ts';
import { kyiv, openBills } from './registry/billing-bench.ts';
import { onBoth } from './registry/stores.ts';
import { root } from './registry/world.ts';

const test = suite('billing standing');
const both = onBoth(test);

/** Days that pass, payments, and what became of it. */
async function opened(store: Store, changes: Parameters<typeof openBills>[1] = {}) {
  const bench = await openBills(store, changes);
  return {
    bench,
    on: (day: string) => {
      bench.at(kyiv(`${day}T03:17`));
      return dun(bench.core, bench.billing);
    },
    pay: (customer: string, amount: number, reference: string) =>
      bookPayment(bench.core, bench.billing, root, {
        customer,
        currency: 'UAH',
        amount,
        day: '2026-11-01',
        reference,
      }),
    states: async () => {
      const rows = await store.reader
        .selectFrom('billing_accounts')
        .selectAll()
        .orderBy('customer')
        .execute();
      return rows.map(({ customer, state, since_day, decided_by }) =>
        [customer, state, since_day, decided_by].join(' '),
      );
    },
    clear: () => store.write((tx) => tx.deleteFrom('errands').execute()),
  };
}

both(
  'past due the day after, suspended fourteen days later, each told to the boxes once',
  async (database) => {
    const { bench, on, states, clear } = await opened(await database.open());
    const nothing = { active: 0, pastDue: 0, suspended: 0, held: null };
    assert.equal(await on('2026-11-15'), nothing);
    assert.equal(await bench.errands(), []);
    assert.equal(await on('2026-11-16'), { ...nothing, pastDue: 2 });
    assert.equal(await on('2026-11-16'), nothing);
    assert.equal(await bench.errands(), ['notice SW-1', 'notice SW-2', 'notice SW-3']);
    assert.equal(await states(), ['CU-A pastDue 2026-11-16 registry', 'CU-B pastDue 2026-11-16 registry']);
    await clear();
    assert.equal(await on('2026-11-29'), nothing);
    assert.equal(await on('2026-11-30'), { ...nothing, suspended: 2 });
    assert.equal(await bench.errands(), ['notice SW-1', 'notice SW-2', 'notice SW-3']);
    const audit = await bench.store.reader
      .selectFrom('audit')
      .selectAll()
      .where('action', '=', 'billing.standing')
      .where('customer', '=', 'CU-A')
      .orderBy('id')
      .execute();
    assert.equal(
      audit.map(({ before, after }) => `${before} ${after}`),
      ['{"state":"active"} {"state":"pastDue"}', '{"state":"pastDue"} {"state":"suspended"}'],
    );
  },
);

both('a registry that slept suspends at once; what is due first counts', async (database) => {
  const { on, states } = await opened(await database.open());
  assert.equal(await on('2026-12-24'), { active: 0, pastDue: 0, suspended: 2, held: null });
  assert.equal(
    (await states()).map((line) => line.split(' ')[1]),
    ['suspended', 'suspended'],
  );
});

both(
  'paying brings back at once, with the boxes told in the same transaction; a part does not',
  async (database) => {
    const { bench, on, pay, states, clear } = await opened(await database.open());
    await on('2026-11-30');
    await clear();
    const wakes = bench.world.wakes;
    assert.is((await pay('CU-A', 19_999, 'bank 1')).state, 'suspended');
    assert.equal(await bench.errands(), []);
    const paid = await pay('CU-A', 1, 'bank 2');
    assert.is(paid.state, 'active');
    assert.equal(await bench.errands(), ['notice SW-1', 'notice SW-2']);
    assert.ok(bench.world.wakes > wakes, 'the errands are woken');
    const { due_ms } = await bench.store.reader
      .selectFrom('errands')
      .select('due_ms')
      .executeTakeFirstOrThrow();
    assert.ok(due_ms <= bench.world.nowMs, 'due at once');
    assert.is((await states())[0], 'CU-A active 2026-11-30 person:test');
    // A credit note does the same.
    await creditNote(bench.core, bench.billing, root, { invoice: 'SW-2026-000002', reason: 'agreed' });
    assert.is((await states())[1], 'CU-B active 2026-11-30 person:test');
  },
);

both('who has paid the oldest is past due while the next one is within the grace', async (database) => {
  const { bench, on, pay } = await opened(await database.open());
  bench.at(kyiv('2026-12-01T03:17'));
  await billMonth(bench.core, bench.billing, '2026-11');
  await on('2026-12-20');
  assert.is((await pay('CU-A', 20_000, 'bank 1')).state, 'pastDue');
  assert.is((await pay('CU-A', 20_000, 'bank 2')).state, 'active');
});

both('money never makes it worse: only the daily work suspends', async (database) => {
  const { bench, on, pay } = await opened(await database.open());
  await on('2026-11-20');
  bench.at(kyiv('2026-12-20T12:00'));
  assert.is((await pay('CU-A', 1, 'bank 1')).state, 'pastDue');
  await on('2026-12-20');
  assert.is((await pay('CU-A', 1, 'bank 2')).state, 'suspended');
});

both('deferred: not suspended until the day is over, and back at once when it was', async (database) => {
  const { bench, on, states, clear } = await opened(await database.open());
  const { core, billing } = bench;
  const put = (until: string | null, customer = 'CU-A') =>
    defer(core, billing, root, { customer, until, reason: 'promised' });
  await on('2026-11-16');
  await put('2026-12-05');
  assert.is((await on('2026-11-30')).suspended, 1);
  assert.equal(
    (await states()).map((line) => line.split(' ')[1]),
    ['pastDue', 'suspended'],
  );
  assert.is((await on('2026-12-05')).suspended, 0);
  assert.is((await on('2026-12-06')).suspended, 1);
  await clear();
  assert.equal(await put('2026-12-31', 'CU-B'), { state: 'pastDue' });
  assert.equal(await bench.errands(), ['notice SW-3']);
  await put(null, 'CU-B');
  assert.is((await on('2026-12-06')).suspended, 1, 'no longer deferred');
  for (const until of ['2026-12-05', '2028-01-01', 'soon'])
    try {
      await put(until);
      assert.unreachable(until);
    } catch (error) {
      assert.ok(isRefusal(error, 'malformed'), String(error));
    }
  const audit = await bench.store.reader
    .selectFrom('audit')
    .selectAll()
    .where('action', '=', 'billing.deferred')
    .orderBy('id')
    .execute();
  assert.is(audit.length, 3);
  assert.is(audit[0]?.after, '{"until":"2026-12-05","reason":"promised"}');
});

both('reminders: each once, of those that were missed the latest, none once it is paid', async (database) => {
  const { bench, pay } = await opened(await database.open());
  const { core, billing } = bench;
  const on = async (day: string): Promise<number> => {
    bench.at(kyiv(`${day}T03:17`));
    return remind(core, billing);
  };
  assert.is(await on('2026-11-17'), 0);
  assert.is(await on('2026-11-18'), 2);
  assert.is(await on('2026-11-18'), 0);
  await pay('CU-B', 10_000, 'bank 1');
  await pay('CU-A', 500, 'bank 2');
  // The registry slept over the seventh day.
  assert.is(await on('2026-11-28'), 1);
  assert.is(await on('2027-01-28'), 0);
  const list = await reminders(core, root, { limit: 10 });
  assert.equal(
    list.map(({ invoice, afterDays, day, open }) => [invoice, afterDays, day, open]),
    [
      ['SW-2026-000001', 3, '2026-11-18', 20_000],
      ['SW-2026-000002', 3, '2026-11-18', 10_000],
      ['SW-2026-000001', 12, '2026-11-28', 19_500],
    ],
  );
  assert.is((await reminders(core, root, { after: list[1]?.reminder, limit: 10 })).length, 1);
  assert.equal(
    (await arrears(core, billing, root, { limit: 10 })).map(({ invoice, daysLate, open, reminded }) => [
      invoice,
      daysLate,
      open,
      reminded,
    ]),
    [['SW-2026-000001', 74, 19_500, 12]],
  );
  assert.equal(await arrears(core, billing, { name: 't', customer: 'CU-B' }, { limit: 10 }), []);
});

test.run();
