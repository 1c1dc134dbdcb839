import fc from 'fast-check';
import { sql } from 'kysely';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { proveLedger } from '../provisioning/registry/billing/ledger/prove.ts';
import { billMonth } from '../provisioning/registry/billing/run/month.ts';
import { BillingBench, kyiv } from './registry/billing-bench.ts';
import { billedLines, naiveLines } from './registry/naive-bill.ts';
import { onBoth } from './registry/stores.ts';

const test = suite('billing fleet');
const both = onBoth(test);

both('a customer with more boxes than a portion has one invoice, whatever the portion', async (database) => {
  const bench = new BillingBench(await database.open());
  await bench.plan();
  await bench.customers('CU-A', 'CU-B', 'CU-C', 'CU-D');
  const had = (customer: string, count: number, since = kyiv('2026-09-01T10:00')) =>
    bench.tenures(
      Array.from({ length: count }, (_, at) => ({
        billedAs: `${customer}-${String(at).padStart(3, '0')}`,
        customer,
        fromMs: since,
        untilMs: null,
      })),
    );
  await had('CU-A', 3);
  await had('CU-B', 23);
  await had('CU-C', 5);
  await had('CU-D', 10);
  bench.at(kyiv('2026-11-01T03:17'));
  const progress: number[] = [];
  const done = await billMonth(bench.core, bench.billing, '2026-10', {
    portion: 5,
    onProgress: ({ boxes }) => progress.push(boxes),
  });
  assert.equal([done.invoices, done.lines, done.boxes], [4, 41, 41]);
  assert.equal(progress, [3, 26, 31, 41]);
  const { documents } = await bench.papers();
  assert.equal(
    documents
      .map((row) => row as { kind: string; customer: string; total: number })
      .filter(({ kind }) => kind === 'invoice')
      .map(({ customer, total }) => [customer, total]),
    [
      ['CU-A', 30_000],
      ['CU-B', 230_000],
      ['CU-C', 50_000],
      ['CU-D', 100_000],
    ],
  );
  assert.equal(await proveLedger(bench.store.reader), []);
});

both(
  'a first run has PostgreSQL look at what it fills, which was empty when its plans were made',
  async (database) => {
    const bench = new BillingBench(await database.open());
    await bench.plan();
    const customers = Array.from({ length: 30 }, (_, at) => `CU-${at + 10}`);
    await bench.customers(...customers);
    for (const customer of customers) await bench.boxes(customer, kyiv('2026-09-01T10:00'), `SW-${customer}`);
    bench.at(kyiv('2026-11-01T03:17'));
    await billMonth(bench.core, bench.billing, '2026-10', { portion: 10 });
    const tables = await sql<{ name: string }>`
      SELECT relname AS name FROM pg_class WHERE reltuples > 0 AND relname IN ('billing_parties', 'billing_documents')
      ORDER BY relname`.execute(bench.store.reader);
    assert.equal(
      tables.rows.map(({ name }) => name),
      ['billing_documents', 'billing_parties'],
    );
  },
  { only: 'postgres' },
);

both('what ends or begins on the edge of a month counts to the day', async (database) => {
  const bench = new BillingBench(await database.open());
  await bench.plan();
  await bench.customers('CU-A');
  const since = kyiv('2026-10-05T10:00');
  const had = (billedAs: string, fromMs: number, untilMs: number | null) => ({
    billedAs,
    customer: 'CU-A',
    fromMs,
    untilMs,
  });
  await bench.tenures([
    had('SW-1', since, kyiv('2026-11-01T00:00')),
    had('SW-2', since, kyiv('2026-11-01T00:00') - 1),
    had('SW-3', kyiv('2026-12-01T00:00') - 1, null),
    had('SW-4', kyiv('2026-12-01T00:00'), null),
    had('SW-5', since, null),
    had('SW-6', since, null),
  ]);
  const pause = { customer: 'CU-A', created_at_ms: 0 };
  await bench.store.write((tx) =>
    tx
      .insertInto('billing_pauses')
      .values([
        { ...pause, id: '5', billed_as: 'SW-5', from_day: '2026-10-20', to_day: '2026-11-01' },
        { ...pause, id: '6', billed_as: 'SW-6', from_day: '2026-11-30', to_day: '2026-12-20' },
      ])
      .execute(),
  );
  bench.at(kyiv('2026-12-01T03:17'));
  await billMonth(bench.core, bench.billing, '2026-11');
  const lines = await billedLines(bench.store, '2026-11');
  assert.equal(
    lines.map((line) => line.split(' ')).map(([, , box, , , days]) => `${box} ${days}`),
    ['SW-1 1', 'SW-3 1', 'SW-5 29', 'SW-6 29'],
  );
  assert.equal(lines, await naiveLines(bench.store, '2026-11', 'box'));
});

both('a trial that began months ago is still one', async (database) => {
  const bench = new BillingBench(await database.open());
  await bench.plan({ trialDays: 90 });
  await bench.customers('CU-A');
  await bench.boxes('CU-A', kyiv('2026-07-05T10:00'), 'SW-1');
  await bench.boxes('CU-A', kyiv('2026-07-02T10:00'), 'SW-2');
  bench.at(kyiv('2026-11-01T03:17'));
  await billMonth(bench.core, bench.billing, '2026-10');
  const lines = await billedLines(bench.store, '2026-10');
  assert.equal(
    lines.map((line) => line.split(' ')).map(([, , box, , , days]) => `${box} ${days}`),
    ['SW-1 29', 'SW-2 31'],
  );
  assert.equal(lines, await naiveLines(bench.store, '2026-10', 'box'));
});

const hour = 3_600_000;

const fleet = fc.array(
  fc.record({
    /** Hours from the month's beginning. */
    start: fc.integer({ min: -1400, max: 760 }),
    steps: fc.array(
      fc.record({
        customer: fc.constantFrom('CU-A', 'CU-B', 'CU-C', 'CU-D'),
        hours: fc.integer({ min: 0, max: 700 }),
        gap: fc.constantFrom(0, 0, 0, 50),
      }),
      { minLength: 1, maxLength: 4 },
    ),
    open: fc.boolean(),
    pause: fc.option(
      fc.record({ from: fc.integer({ min: 1, max: 27 }), length: fc.integer({ min: 0, max: 3 }) }),
    ),
    own: fc.option(fc.constantFrom('euro', 'free', 'box')),
  }),
  { minLength: 1, maxLength: 12 },
);

both('any fleet: every line is what a naive count gives, whatever the portion', async (database) => {
  const runs = database.kind === 'sqlite' ? 25 : 12;
  const store = await database.open();
  const seed = new BillingBench(store, { firstMonth: '2026-01' });
  await seed.plan({ trialDays: 10, price: 9_999 });
  await seed.plan({ plan: 'euro', currency: 'EUR', price: 777, trialDays: 40 });
  await seed.plan({ plan: 'free', price: 0, trialDays: 3 });
  await seed.customers('CU-A', 'CU-B', 'CU-C', 'CU-D');
  await store.write(async (tx) => {
    const later = { from_month: '2028-02', created_at_ms: 0 };
    await tx
      .insertInto('billing_prices')
      .values([
        { plan: 'box', price: 12_345, trial_days: 5, ...later },
        { plan: 'euro', price: 1_000, trial_days: 0, ...later },
      ])
      .execute();
    await tx
      .insertInto('billing_assignments')
      .values([
        { customer: 'CU-C', billed_as: '', plan: 'euro', from_month: '2026-01', created_at_ms: 0 },
        { customer: 'CU-C', billed_as: '', plan: null, from_month: '2028-02', created_at_ms: 0 },
      ])
      .execute();
  });
  let box = 0;
  // Of each run a year of its own, so that none disturbs another: February 2028, then March 2029 and so on.
  let year = 2027;
  const months = ['02', '03', '10', '11'];
  await fc.assert(
    fc.asyncProperty(fleet, fc.integer({ min: 1, max: 9 }), async (boxes, portion) => {
      year += 1;
      const month = `${year}-${months[year % 4]}`;
      const startMs = seed.billing.calendar.startOf(`${month}-01`);
      for (const { start, steps, open, pause, own } of boxes) {
        box += 1;
        const billedAs = `SW-${String(box).padStart(5, '0')}`;
        let atMs = startMs + start * hour;
        const rows = steps.map(({ customer, hours, gap }) => {
          const fromMs = atMs;
          const untilMs: number | null = fromMs + hours * hour;
          atMs = untilMs + gap * hour;
          return { billedAs, customer, fromMs, untilMs: untilMs as number | null };
        });
        const last = rows.at(-1);
        // In the years after nobody has it any more.
        if (open && last !== undefined) last.untilMs = startMs + 1000 * hour;
        await seed.tenures(rows);
        const customer = rows[0]?.customer ?? '';
        await store.write(async (tx) => {
          const day = (number: number) => `${month}-${String(number).padStart(2, '0')}`;
          if (pause !== null)
            await tx
              .insertInto('billing_pauses')
              .values({
                id: billedAs,
                customer,
                billed_as: billedAs,
                from_day: day(pause.from),
                to_day: day(Math.min(28, pause.from + pause.length)),
                created_at_ms: 0,
              })
              .execute();
          if (own !== null)
            await tx
              .insertInto('billing_assignments')
              .values({
                customer,
                billed_as: billedAs,
                plan: own,
                from_month: '2026-01',
                created_at_ms: 0,
              })
              .execute();
        });
      }
      seed.at(startMs + 40 * 24 * hour);
      await billMonth(seed.core, seed.billing, month, { portion });
      assert.equal(await billedLines(store, month), await naiveLines(store, month, 'box'), month);
    }),
    { numRuns: runs, endOnFailure: true },
  );
  assert.equal(await proveLedger(store.reader), []);
});

test.run();
