import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createBilling } from '../provisioning/registry/billing/billing.ts';
import { billingDay, missedMonths } from '../provisioning/registry/billing/daily/day.ts';
import { listDocuments } from '../provisioning/registry/billing/documents.ts';
import { proveLedger } from '../provisioning/registry/billing/ledger/prove.ts';
import { endPause, pauseBox, pauses } from '../provisioning/registry/billing/pauses.ts';
import { loseNumbers } from '../provisioning/registry/billing/restored.ts';
import { addMonths } from '../provisioning/registry/billing/rules/dates.ts';
import { billMonth } from '../provisioning/registry/billing/run/month.ts';
import { moveBox } from '../provisioning/registry/services/boxes.ts';
import type { Core } from '../provisioning/registry/services/core.ts';
import { BillingBench, kyiv, openBills, testBilling } from './registry/billing-bench.ts';
import { billedLines, naiveLines } from './registry/naive-bill.ts';
import { refused } from './registry/refused.ts';
import { onBoth } from './registry/stores.ts';
import { root } from './registry/world.ts';

const test = suite('billing day');
const both = onBoth(test);

const months = (bench: BillingBench) =>
  bench.store.reader
    .selectFrom('billing_runs')
    .select(['month', 'state'])
    .orderBy('month')
    .execute()
    .then((rows) => rows.map(({ month, state }) => `${month} ${state}`));

both('what was missed is billed in order; more than three months wait for a person', async (database) => {
  const bench = new BillingBench(await database.open());
  await bench.plan();
  await bench.customers('CU-A');
  await bench.boxes('CU-A', kyiv('2026-09-20T10:00'), 'SW-1');
  const day = (text: string): Promise<void> => {
    bench.at(kyiv(text));
    return billingDay(bench.core, bench.billing);
  };
  await day('2026-10-31T23:59');
  await day('2026-11-01T00:04');
  assert.equal(await months(bench), []);
  assert.equal(await bench.world.alarms(), [], 'nothing was tried');
  await day('2026-11-01T00:05');
  assert.equal(await months(bench), ['2026-10 finished']);
  await day('2027-02-01T03:17');
  assert.equal(await months(bench), [
    '2026-10 finished',
    '2026-11 finished',
    '2026-12 finished',
    '2027-01 finished',
  ]);
  await day('2027-06-01T03:17');
  assert.is((await months(bench)).length, 4);
  const behind = (await bench.world.alarms()).find(({ kind }) => kind === 'billingBehind');
  assert.is(behind?.times, 1);
  assert.equal(await missedMonths(bench.store.reader, bench.billing, bench.world.nowMs), [
    '2027-02',
    '2027-03',
    '2027-04',
    '2027-05',
  ]);
  await billMonth(bench.core, bench.billing, '2027-02');
  await day('2027-06-01T04:00');
  assert.is((await months(bench)).length, 8);
  assert.equal(await proveLedger(bench.store.reader), []);
});

both('a run that fails is an alarm, and everything else is still done', async (database) => {
  const bench = new BillingBench(await database.open());
  await bench.plan();
  await bench.customers('CU-A');
  await bench.boxes('CU-A', kyiv('2026-09-20T10:00'), 'SW-1');
  bench.at(kyiv('2026-11-01T03:17'));
  await billingDay(bench.core, bench.billing);
  const { seller } = bench.billing.config;
  const other = createBilling({ ...testBilling, seller: { ...seller, code: '11111111' } });
  bench.at(kyiv('2026-12-01T03:17'));
  await billingDay(bench.core, other);
  const alarms = await bench.world.alarms();
  assert.equal(
    alarms.map(({ kind }) => kind),
    ['billingFailed'],
  );
  const accounts = await bench.store.reader.selectFrom('billing_accounts').select('state').execute();
  assert.equal(accounts, [{ state: 'suspended' }], 'October is late all the same');
});

both('reminders that fail are an alarm, and who is late is seen to all the same', async (database) => {
  const bench = await openBills(await database.open());
  const { core, billing } = bench;
  const broken = { ...billing, config: { ...billing.config, reminderDays: undefined as never } };
  bench.at(kyiv('2026-11-30T03:17'));
  await billingDay(core, broken);
  const accounts = await bench.store.reader.selectFrom('billing_accounts').select('state').execute();
  assert.equal(
    accounts.map(({ state }) => state),
    ['suspended', 'suspended'],
  );
  const [alarm] = await bench.world.alarms();
  assert.is(alarm?.kind, 'billingFailed');
  assert.match(
    (await bench.store.reader.selectFrom('alarms').select('detail').executeTakeFirst())?.detail ?? '',
    /^the reminders could not be written: /,
  );
});

both('to wait for another instance for longer than a statement may take is no fault', async (database) => {
  const bench = new BillingBench(await database.open());
  const { core, billing, store } = bench;
  await bench.plan();
  await bench.customers('CU-A');
  await bench.boxes('CU-A', kyiv('2026-09-20T10:00'), 'SW-1');
  bench.at(kyiv('2026-11-01T03:17'));
  let waits = 3;
  const slow: Core = {
    ...core,
    store: {
      ...store,
      async write(work) {
        waits -= 1;
        if (waits >= 0)
          throw Object.assign(new Error('canceling statement due to statement timeout'), { code: '57014' });
        return store.write(work);
      },
    },
  };
  await billingDay(slow, billing);
  assert.equal(await months(bench), ['2026-10 finished']);
  assert.equal(await bench.world.alarms(), []);
  // For minutes it is one: the run waits ten times, and then somebody is told.
  waits = 10;
  bench.at(kyiv('2026-12-01T03:17'));
  await billingDay(slow, billing);
  assert.equal(
    (await bench.world.alarms()).map(({ kind, times }) => `${kind} ${times}`),
    ['billingFailed 1'],
  );
});

both('a run that is stopped goes on where it was', async (database) => {
  const bench = new BillingBench(await database.open());
  await bench.plan();
  await bench.customers('CU-A', 'CU-B', 'CU-C');
  for (const letter of ['A', 'B', 'C'])
    await bench.boxes(`CU-${letter}`, kyiv('2026-09-20T10:00'), `SW-${letter}`);
  bench.at(kyiv('2026-11-01T03:17'));
  let pages = 0;
  const goesOn = (): boolean => {
    pages += 1;
    return pages <= 1;
  };
  await refused('busy', () => billMonth(bench.core, bench.billing, '2026-10', { goesOn, portion: 2 }));
  assert.equal(await months(bench), ['2026-10 running']);
  assert.is((await bench.papers()).documents.length, 2);
  const done = await billMonth(bench.core, bench.billing, '2026-10', { portion: 2 });
  assert.equal([done.invoices, done.issued], [3, 2]);
});

both('a restored registry bills nothing; numbers that were sent are never given twice', async (database) => {
  const bench = new BillingBench(await database.open());
  await bench.plan();
  await bench.customers('CU-A');
  await bench.boxes('CU-A', kyiv('2026-09-20T10:00'), 'SW-1');
  const { core, billing, store } = bench;
  bench.at(kyiv('2026-11-01T03:17'));
  await billMonth(core, billing, '2026-10');
  bench.world.restored = true;
  bench.at(kyiv('2026-12-01T03:17'));
  await billingDay(core, billing);
  await refused('restored', () => billMonth(core, billing, '2026-11'));
  assert.equal(await months(bench), ['2026-10 finished']);
  assert.equal(await bench.errands(), []);
  const said = (numbers: string[], thatMany: boolean) =>
    store.write((tx) => loseNumbers(tx, billing, { actor: 'person:anna', numbers, nowMs: 1, thatMany }));
  const lose = (...numbers: string[]) => said(numbers, false);
  await refused('malformed', () => lose('XX-2026-000005'));
  await refused('malformed', () => lose('SW-2026-5'));
  assert.equal(await lose('SW-2026-000004', 'SA-2026-000001', 'SC-2027-000002'), [
    { prefix: 'SC', year: 2027, first: 1, last: 2 },
    { prefix: 'SW', year: 2026, first: 2, last: 4 },
  ]);
  assert.equal(await lose('SW-2026-000004'), [], 'said twice');
  // A digit that is typed wrong is asked about, and nothing of what was said with it is lost.
  await refused('conflict', () => lose('SA-2026-000002', 'SW-2026-010005'));
  await refused('conflict', () => lose('SW-2026-900004'));
  assert.equal(await said(['SA-2027-010001'], true), [{ prefix: 'SA', year: 2027, first: 1, last: 10_001 }]);
  bench.world.restored = false;
  await billMonth(core, billing, '2026-11');
  const heads = await listDocuments(core, root, { limit: 10 });
  assert.equal(
    heads.map(({ number }) => number),
    ['SW-2026-000005', 'SA-2026-000002', 'SW-2026-000001', 'SA-2026-000001'],
  );
  assert.equal(await proveLedger(store.reader), []);
});

both(
  'pauses are of days to come, end early at the end of today, and stay with who made them',
  async (database) => {
    const bench = new BillingBench(await database.open());
    await bench.plan();
    await bench.customers('CU-A', 'CU-B');
    await bench.boxes('CU-A', kyiv('2026-09-20T10:00'), 'SW-1', 'SW-2', 'SW-3');
    const { core, billing, store } = bench;
    bench.at(kyiv('2026-10-10T12:00'));
    const pause = (billedAs: string, from: string, to: string) =>
      pauseBox(core, billing, root, { billedAs, from, to });
    await refused('malformed', () => pause('SW-1', '2026-10-10', '2026-10-12'));
    await refused('malformed', () => pause('SW-1', '2026-10-12', '2026-10-11'));
    await refused('malformed', () => pause('SW-1', '2026-10-12', '2029-10-11'));
    await refused('notFound', () => pause('SW-9', '2026-10-12', '2026-10-13'));
    const first = await pause('SW-1', '2026-10-11', '2026-10-20');
    const second = await pause('SW-2', '2026-10-15', '2026-10-20');
    await pause('SW-3', '2026-10-15', '2026-10-20');
    assert.is((await pauses(core, billing, root, { customer: 'CU-A' })).length, 3);
    bench.at(kyiv('2026-10-12T12:00'));
    await endPause(core, billing, root, first.pause);
    await endPause(core, billing, root, second.pause);
    await refused('conflict', () => endPause(core, billing, root, first.pause));
    await refused('notFound', () => endPause(core, billing, root, second.pause));
    bench.at(kyiv('2026-10-18T12:00'));
    await moveBox(core, root, 'SW-3', 'CU-B');
    bench.at(kyiv('2026-11-01T03:17'));
    await billMonth(core, billing, '2026-10');
    const lines = await billedLines(store, '2026-10');
    assert.equal(
      lines.map((line) => line.split(' ')).map(([customer, , box, , , days]) => `${customer} ${box} ${days}`),
      ['CU-A SW-1 29', 'CU-A SW-2 31', 'CU-A SW-3 14', 'CU-B SW-3 14'],
    );
    assert.equal(lines, await naiveLines(store, '2026-10', 'box'));
  },
);

both('papers are read in pages, and only by those whose they are', async (database) => {
  const bench = new BillingBench(await database.open());
  await bench.plan();
  await bench.customers('CU-A', 'CU-B');
  await bench.boxes('CU-A', kyiv('2026-09-20T10:00'), 'SW-1');
  await bench.boxes('CU-B', kyiv('2026-09-20T10:00'), 'SW-2');
  const { core, billing } = bench;
  for (let month = '2026-10'; month <= '2027-01'; month = addMonths(month, 1)) {
    bench.at(billing.calendar.startOf(`${addMonths(month, 1)}-01`) + 4 * 3_600_000);
    await billMonth(core, billing, month);
  }
  const read = async (who: typeof root, more: object = {}): Promise<string[]> => {
    const numbers: string[] = [];
    let after: { month: string; number: string } | undefined;
    for (;;) {
      const page = await listDocuments(core, who, { limit: 3, after, ...more });
      numbers.push(...page.map(({ number }) => number));
      const last = page.at(-1);
      if (last === undefined) return numbers;
      after = { month: last.month, number: last.number };
    }
  };
  assert.is((await read(root)).length, 16);
  assert.equal(await read(root, { month: '2027-01' }), [
    'SW-2027-000004',
    'SW-2027-000003',
    'SA-2027-000002',
    'SA-2027-000001',
  ]);
  assert.equal(await read({ ...root, customer: 'CU-B' }, { kind: 'invoice' }), [
    'SW-2027-000004',
    'SW-2027-000002',
    'SW-2026-000004',
    'SW-2026-000002',
  ]);
  assert.equal(await read({ ...root, customer: 'CU-B' }, { customer: 'CU-A' }), []);
});

test.run();
