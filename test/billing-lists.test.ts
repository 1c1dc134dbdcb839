import { CompiledQuery, type RootOperationNode } from 'kysely';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { credits } from '../provisioning/registry/billing/arrears.ts';
import { type DocumentQuery, listDocuments } from '../provisioning/registry/billing/documents.ts';
import { bookPayment } from '../provisioning/registry/billing/ledger/payments.ts';
import { billMonth } from '../provisioning/registry/billing/run/month.ts';
import { type BillingBench, kyiv, openBills } from './registry/billing-bench.ts';
import { onBoth } from './registry/stores.ts';
import { root } from './registry/world.ts';

const test = suite('billing lists');
const both = onBoth(test);

both('credit in several currencies, in pages of whatever size: every row once', async (database) => {
  const { core, billing } = await openBills(await database.open());
  for (const [customer, currency] of [
    ['CU-A', 'EUR'],
    ['CU-A', 'USD'],
    ['CU-B', 'EUR'],
    ['CU-B', 'PLN'],
    ['CU-B', 'USD'],
  ] as const) {
    const reference = `${customer} ${currency}`;
    const money = { customer, currency, amount: 100, day: '2026-11-01', reference };
    await bookPayment(core, billing, root, money);
  }
  const all = ['CU-A EUR', 'CU-A USD', 'CU-B EUR', 'CU-B PLN', 'CU-B USD'];
  for (const limit of [1, 2, 3, 5]) {
    const read: string[] = [];
    for (let page = [''], after: string | undefined; page.length > 0; after = page.at(-1)) {
      const rows = await credits(core, root, after === undefined ? { limit } : { after, limit });
      page = rows.map(({ customer, currency }) => `${customer} ${currency}`);
      read.push(...page);
    }
    assert.equal(read, all, `pages of ${limit}`);
  }
  const bound = await credits(core, { ...root, customer: 'CU-B' }, { after: 'CU-B EUR', limit: 10 });
  assert.equal(
    bound.map(({ currency }) => currency),
    ['PLN', 'USD'],
  );
  // As the list was asked for before rows had a currency in their place.
  assert.is((await credits(core, root, { after: 'CU-A', limit: 10 }))[0]?.customer, 'CU-B');
});

/** Three months of A and B, of which A has paid the first one. */
async function threeMonths(store: BillingBench['store']): Promise<BillingBench> {
  const bench = await openBills(store);
  const { core, billing } = bench;
  const paid = { customer: 'CU-A', currency: 'UAH', amount: 20_000, day: '2026-11-01', reference: 'R' };
  await bookPayment(core, billing, root, paid);
  for (const [at, month] of [
    ['2026-12-01T03:17', '2026-11'],
    ['2027-01-01T03:17', '2026-12'],
  ] as const) {
    bench.at(kyiv(at));
    await billMonth(core, billing, month);
  }
  return bench;
}

both('what is open is listed in pages, newest first, by customer and by month', async (database) => {
  const { core } = await threeMonths(await database.open());
  const read = async (query: Omit<DocumentQuery, 'limit'>, who = root): Promise<string[]> => {
    const numbers: string[] = [];
    for (let after: DocumentQuery['after']; ; ) {
      const page = await listDocuments(core, who, { ...query, open: true, after, limit: 2 });
      numbers.push(...page.map(({ number, customer }) => `${customer} ${number}`));
      const last = page.at(-1);
      if (last === undefined) return numbers;
      after = { month: last.month, number: last.number };
    }
  };
  assert.equal(await read({}), [
    'CU-B SW-2027-000002',
    'CU-A SW-2027-000001',
    'CU-B SW-2026-000004',
    'CU-A SW-2026-000003',
    'CU-B SW-2026-000002',
  ]);
  assert.equal(await read({ customer: 'CU-A' }), ['CU-A SW-2027-000001', 'CU-A SW-2026-000003']);
  assert.equal(await read({ month: '2026-10' }), ['CU-B SW-2026-000002']);
  assert.equal(await read({ kind: 'act' }), []);
  assert.equal(await read({ kind: 'invoice', month: '2026-11' }, { ...root, customer: 'CU-A' }), [
    'CU-A SW-2026-000003',
  ]);
  assert.equal(await read({ customer: 'CU-A' }, { ...root, customer: 'CU-B' }), []);
});

both(
  'what is open is found without a look at all papers that were ever issued, and sorted by an index',
  async (database) => {
    const { core, store } = await threeMonths(await database.open());
    for (const query of [{}, { customer: 'CU-A' }, { month: '2026-10' }]) {
      let node: RootOperationNode | null = null;
      const reader = store.reader.withPlugin({
        transformQuery: (asked) => {
          node = asked.node;
          return asked.node;
        },
        transformResult: async ({ result }) => result,
      });
      await listDocuments({ ...core, store: { ...store, reader } }, root, { ...query, open: true, limit: 2 });
      if (node === null) throw new Error('nothing was read');
      const { sql, parameters } = store.reader.getExecutor().compileQuery(node, { queryId: 'plan' });
      const { rows } = await store.reader.executeQuery<{ detail: string }>(
        CompiledQuery.raw(`EXPLAIN QUERY PLAN ${sql}`, [...parameters]),
      );
      const plan = rows.map(({ detail }) => detail);
      assert.match(plan.join('\n'), /^(SCAN|SEARCH) billing_open/, 'it begins with what is open');
      assert.is(plan.filter((step) => step.startsWith('SCAN')).length, 'customer' in query ? 0 : 1);
      assert.is(
        plan.some((step) => step.includes('TEMP B-TREE')),
        'customer' in query,
        plan.join('\n'),
      );
    }
  },
  { only: 'sqlite' },
);

test.run();
