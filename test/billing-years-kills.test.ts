/** Killed after every statement and repeated, and two instances at once: what test/billing-kills.test.ts leaves out. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { dun, suspendAll } from '../provisioning/registry/billing/daily/dunning.ts';
import { remind } from '../provisioning/registry/billing/daily/reminders.ts';
import { importEntries } from '../provisioning/registry/billing/ledger/import-entries.ts';
import { moneyBack } from '../provisioning/registry/billing/ledger/money-back.ts';
import { bookPayment } from '../provisioning/registry/billing/ledger/payments.ts';
import { proveLedger } from '../provisioning/registry/billing/ledger/prove.ts';
import { reversePayment } from '../provisioning/registry/billing/ledger/reversals.ts';
import { bookEntry, setAside } from '../provisioning/registry/billing/ledger/statement-entries.ts';
import { pauseBox } from '../provisioning/registry/billing/pauses.ts';
import { defer } from '../provisioning/registry/billing/standing/defer.ts';
import type { StatementEntry } from '../provisioning/registry/billing/statements/shapes.ts';
import type { Core } from '../provisioning/registry/services/core.ts';
import type { Store } from '../provisioning/registry/store/store.ts';
import { customers, entry, small } from './billing-years/small.ts';
import { type BillingBench, sellerIban } from './registry/billing-bench.ts';
import { killAfter } from './registry/killing.ts';
import { onBoth } from './registry/stores.ts';
import { root } from './registry/world.ts';

const test = suite('billing years kills');
const both = onBoth(test);
const statementsMax = 200;

/** Everything that a call could have changed. */
async function everything({ reader }: Store): Promise<string> {
  const tables = [
    'billing_open',
    'billing_credit',
    'billing_accounts',
    'billing_ledger',
    'billing_payments',
    'billing_reversals',
    'billing_money_back',
    'billing_entries',
    'billing_pauses',
    'errands',
    'audit',
  ] as const;
  const rows = [];
  for (const table of tables) {
    const found = await reader.selectFrom(table).selectAll().execute();
    rows.push(found.map((row) => JSON.stringify(row)).sort());
  }
  return JSON.stringify(rows);
}

/** Kills `call` after 0, 1, 2 … statements, until it gets through; each time it is repeated by somebody who lives. */
async function atEveryStatement(
  bench: BillingBench,
  call: (core: Core, count: number) => Promise<unknown>,
  {
    before,
    killed,
    after,
  }: {
    before?: (count: number) => Promise<unknown>;
    killed?: () => Promise<unknown>;
    after?: (count: number) => Promise<unknown>;
  },
): Promise<number> {
  for (let count = 0; ; count += 1) {
    assert.ok(count < statementsMax, 'it never ends');
    await before?.(count);
    const dying = killAfter(bench.store, count);
    let wasKilled = false;
    try {
      await call({ ...bench.core, store: dying.store }, count);
    } catch (error) {
      if (!dying.wasKilled()) throw error;
      wasKilled = true;
      await killed?.();
      await call(bench.core, count);
    }
    await after?.(count);
    if (!wasKilled) return count;
  }
}

both('single calls: killed, nothing was changed; repeated, it is done once', async (database) => {
  const { bench, bill, days } = await small(await database.open());
  const { core, billing, store } = bench;
  await bill();
  let payments: string[] = [];
  let before = '';
  const paid = { currency: 'UAH', day: '2026-11-01' };
  const prepare = async (count: number): Promise<void> => {
    days(1);
    const { payment } = await bookPayment(core, billing, root, {
      ...paid,
      customer: 'CU-A',
      amount: 30_000,
      reference: `${before.length} ${count} ${payments.length}`,
    });
    payments.push(payment);
    await importEntries(core, billing, root, [
      entry(`E${before.length} ${count} ${payments.length}`, 77, 'без номера'),
    ]);
    before = await everything(store);
  };
  const lastEntry = async (): Promise<number> => {
    const row = await store.reader
      .selectFrom('billing_entries')
      .select((eb) => eb.fn.max('id').as('last'))
      .executeTakeFirst();
    return Number(row?.last ?? 0);
  };
  const iban = sellerIban;
  let waiting = 0;
  const calls: Record<string, (core: Core, count: number) => Promise<unknown>> = {
    moneyBack: (through, count) =>
      moneyBack(through, billing, root, {
        ...paid,
        customer: 'CU-A',
        amount: 1,
        iban,
        reference: `back ${count}`,
      }),
    reversal: (through) =>
      reversePayment(through, billing, root, { payment: payments.at(-1) ?? '', reason: 'чуже' }),
    bookEntry: (through) => bookEntry(through, billing, root, { entry: waiting, customer: 'CU-B' }),
    setAside: (through) => setAside(through, root, { entry: waiting, reason: 'чуже' }),
    defer: (through) =>
      defer(through, billing, root, { customer: 'CU-C', until: '2026-11-20', reason: 'просили' }),
    pause: (through) =>
      pauseBox(through, billing, root, { billedAs: 'SW-01', from: '2026-12-01', to: '2026-12-02' }),
  };
  for (const [name, call] of Object.entries(calls)) {
    const count = await atEveryStatement(bench, call, {
      before: async (at) => {
        await prepare(at);
        waiting = await lastEntry();
      },
      killed: async () => assert.is(await everything(store), before, `${name} left something behind`),
    });
    assert.ok(count >= 3, `${name}: ${count} statements`);
    assert.equal(await proveLedger(store.reader), [], name);
    payments = payments.slice(-1);
  }
});

both('a statement that is killed after every statement and taken again is taken once', async (database) => {
  const { bench, bill, days, clear } = await small(await database.open());
  const { billing, store } = bench;
  let entries: StatementEntry[] = [];
  const standing = async () => {
    const account = await store.reader
      .selectFrom('billing_accounts')
      .select('state')
      .where('customer', '=', 'CU-A')
      .executeTakeFirstOrThrow();
    const calls = await store.reader.selectFrom('errands').select('subject').orderBy('subject').execute();
    return `${account.state} ${calls.map(({ subject }) => subject)}`;
  };
  const taken = async (): Promise<string[]> => {
    const rows = await store.reader
      .selectFrom('billing_entries')
      .select(['reference', 'state', 'why'])
      .where(
        'reference',
        'in',
        entries.map(({ reference }) => reference),
      )
      .orderBy('id')
      .execute();
    return rows.map(({ state, why }) => `${state} ${why}`);
  };
  const count = await atEveryStatement(bench, (core) => importEntries(core, billing, root, entries), {
    before: async (at) => {
      const numbers = await bill();
      days(0);
      await store.write((tx) =>
        tx
          .updateTable('billing_accounts')
          .set({ state: 'suspended' })
          .where('customer', '=', 'CU-A')
          .execute(),
      );
      await clear();
      entries = [
        entry(`${at} a`, 20_000, `рах. ${numbers.get('CU-A')}`),
        entry(`${at} b`, 5, `рах. ${numbers.get('CU-B')}`),
        entry(`${at} c`, 5, 'рах. SW-2026-888888'),
      ];
    },
    killed: async () => {
      const now = await standing();
      const rows = await taken();
      assert.is(now, rows.length === 0 ? 'suspended ' : 'active SW-01,SW-02', 'money and state are one');
    },
    after: async () => {
      assert.equal(await taken(), ['booked null', 'waiting partial', 'waiting unknownNumber']);
      assert.is(await standing(), 'active SW-01,SW-02');
    },
  });
  assert.ok(count > 10, `${count} statements`);
  assert.equal(await proveLedger(store.reader), []);
});

both('dunning and reminders that are killed after every statement: each once', async (database) => {
  const { bench, bill, days, clear } = await small(await database.open());
  const { billing, store } = bench;
  await bill();
  let mark = 0;
  const reset = async (): Promise<void> => {
    await store.write((tx) => tx.updateTable('billing_accounts').set({ state: 'active' }).execute());
    await clear();
    const row = await store.reader
      .selectFrom('audit')
      .select((eb) => eb.fn.max('id').as('last'))
      .executeTakeFirst();
    mark = Number(row?.last ?? 0);
  };
  for (const work of [
    (core: Core) => dun(core, billing),
    (core: Core) => suspendAll(core, billing, 'person:anna'),
  ]) {
    const count = await atEveryStatement(bench, work, {
      before: async () => {
        days(29);
        await reset();
      },
      after: async () => {
        const rows = await store.reader.selectFrom('billing_accounts').select('state').execute();
        assert.equal(
          rows.map(({ state }) => state),
          ['suspended', 'suspended', 'suspended'],
        );
        assert.is((await bench.errands()).length, 6);
        const told = await store.reader
          .selectFrom('audit')
          .select('subject')
          .where('action', '=', 'billing.standing')
          .where('id', '>', mark)
          .orderBy('subject')
          .execute();
        assert.equal(
          told.map(({ subject }) => subject),
          customers,
        );
      },
    });
    assert.ok(count > 5, `${count} statements`);
  }
  const count = await atEveryStatement(bench, (core) => remind(core, billing), {
    before: async () => {
      await bill();
      days(14 + 3);
    },
    after: async () => {
      const open = await store.reader.selectFrom('billing_open').selectAll().execute();
      const told = await store.reader.selectFrom('billing_reminders').selectAll().execute();
      for (const { invoice, reminded } of open)
        assert.ok(
          told.some((one) => one.invoice === invoice && one.after_days === reminded),
          `${invoice} was not reminded`,
        );
      const keys = told.map(({ invoice, after_days }) => `${invoice} ${after_days}`);
      assert.is(new Set(keys).size, keys.length);
    },
  });
  assert.ok(count > 5, `${count} statements`);
});

both('two instances at once: each reminder, each suspension, each entry once', async (database) => {
  const { bench, bill, days, clear } = await small(await database.open());
  const other: Core = { ...bench.core, store: await database.open() };
  const { core, billing, store } = bench;
  for (let round = 0; round < 8; round += 1) {
    const numbers = await bill();
    days(29);
    await clear();
    const [one, two] = await Promise.all([remind(core, billing), remind(other, billing)]);
    assert.is(one + two, 3);
    await Promise.all([dun(core, billing), dun(other, billing)]);
    assert.is((await bench.errands()).length, 6);
    const entries = customers.map((customer) =>
      entry(`${round} ${customer}`, 20_000, `рах. ${numbers.get(customer)}`),
    );
    const taken = await Promise.all([
      importEntries(core, billing, root, entries),
      importEntries(other, billing, root, entries),
    ]);
    assert.is(taken[0].booked + taken[1].booked, 3);
    assert.is(taken[0].again + taken[1].again, 3);
    const rows = await store.reader.selectFrom('billing_accounts').select('state').execute();
    assert.equal(
      rows.map(({ state }) => state),
      ['active', 'active', 'active'],
    );
  }
  assert.equal(await proveLedger(store.reader), []);
});

test.run();
