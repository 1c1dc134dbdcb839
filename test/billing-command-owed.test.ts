import { renameSync, writeFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { billingDay } from '../provisioning/registry/billing/daily/day.ts';
import { addDays, addMonths, monthOf } from '../provisioning/registry/billing/rules/dates.ts';
import { billMonth } from '../provisioning/registry/billing/run/month.ts';
import { ibanOf } from './fixtures/billing/papers.ts';
import { BillingPlace, lastMonth, monthBefore, numbered, paying, today } from './registry/billing-place.ts';
import { tempDirs } from './support/temp.ts';

const test = suite('billing command: what is owed, and what it costs');
const tempDir = tempDirs(test);

const nextMonth = addMonths(monthOf(today), 1);

test('arrears: who owes since when; suspensions that stopped wait for the operator’s word', async () => {
  const here = new BillingPlace(tempDir(), {
    firstMonth: monthBefore,
    dueDays: 0,
    graceDays: 1,
    suspendAtMostPercent: 2,
  });
  await here.seed([1, 2, 1]);
  // Billed on the first of last month, late the day after: due for a month by now.
  const atMs = Date.parse(`${lastMonth}-01T12:00:00Z`);
  await here.inside(async ({ core, billing }) => {
    assert.ok(billing);
    const then = (nowMs: number) => ({ ...core, clock: { ...core.clock, nowMs: () => nowMs } });
    await billMonth(then(atMs), billing, monthBefore);
    await billingDay(then(atMs + 86_400_000), billing);
    await billingDay(core, billing);
  });
  const lines = await here.lines('arrears');
  assert.is(lines.length, 5);
  assert.match(
    lines[1] ?? '',
    new RegExp(`^CU-1 +pastDue +SW-\\S+ +100\\.00 UAH +${lastMonth}-01 +\\d+ +after 12`),
  );
  assert.is(lines[4], 'in all  400.00 UAH');
  assert.match(await here.work('alarms'), /massSuspension .*nobody is until the operator says so/);
  assert.is((await here.lines('reminders')).length, 4);
  assert.is((await here.lines('reminders', '--after', '2')).length, 2);
  const until = addDays(today, 10);
  assert.match(
    await here.work('arrears', '--defer', 'CU-2', '--until', until, '--reason', 'promised'),
    `CU-2 is not suspended until ${until} is over; it is pastDue`,
  );
  assert.is(await here.work('arrears', '--suspend'), '2 customers were suspended');
  assert.not.match(await here.work('alarms'), /massSuspension/);
  assert.match(await here.work('account', 'CU-1'), `CU-1 is suspended since ${today}`);
  assert.is((await here.json<{ state: string }>('account', 'CU-2')).state, 'pastDue');
  // Put off, a suspended customer works again at once; paid, the next.
  const put = ['arrears', '--until', until, '--reason', 'a call'];
  assert.match(await here.work(...put, '--defer', 'CU-1'), /it is pastDue$/);
  const open = await here.json<{ invoice: string; customer: string }[]>('arrears', '--customer', 'CU-3');
  const words = paying(1, '100.00', 'R-9').map((word) =>
    word === numbered('SW', 1) ? (open[0]?.invoice ?? '') : word,
  );
  assert.match(await here.work(...words), /CU-3 is active$/);
  assert.match(
    await here.work('arrears', '--defer', 'CU-1', '--until', 'never', '--reason', 'x'),
    /no longer/,
  );
  assert.match(
    await here.refused('arrears', '--defer', 'CU-1', '--until', '2020-01-01', '--reason', 'x'),
    /until: allowed/,
  );
  assert.match(
    await here.refused('arrears', '--suspend', '--customer', 'CU-1'),
    /does not go with --suspend/,
  );
  assert.match(await here.refused('account', 'CU-9'), /no such customer/);
});

test('credit notes, money back, a payment that was none', async () => {
  const here = await BillingPlace.billed(tempDir());
  const done = await here.json<{ payment: string }>(...paying(1, '100.00', 'R-1'));
  const note = await here.lines('credit-note', numbered('SW', 1), '--amount', '30.50', '--reason', 'broken');
  assert.equal(note, [`${numbered('SC', 1)}  30.50 UAH`, '  credit  30.50 UAH']);
  const back = (amount: string, reference: string): string[] => [
    ...['money-back', '--customer', 'CU-1', '--amount', amount, '--currency', 'UAH', '--day', today],
    ...['--iban', ibanOf('388888', '26009000000042').replace(/(.{4})/g, '$1 '), '--reference', reference],
  ];
  assert.match(await here.refused(...back('30.51', 'B-1')), /the credit is 3050/);
  assert.match(await here.work(...back('10.50', 'B-1')), /10\.50 UAH, credit left 20\.00 UAH$/);
  assert.match(await here.refused(...back('10.50', 'B-1')), /another repayment/);
  assert.match(
    await here.refused('credit-note', numbered('SW', 1), '--amount', '69.51', '--reason', 'x'),
    /is left of/,
  );
  assert.match(await here.refused('credit-note', numbered('SW', 1)), /--reason is needed/);
  await here.work('credit-note', numbered('SW', 2), '--reason', 'never used');
  assert.equal(await here.open(), ['CU-3 10000']);
  assert.is(
    await here.work('payment', 'reverse', done.payment, '--reason', 'taken back'),
    `${done.payment} is reversed`,
  );
  assert.match(await here.refused('payment', 'reverse', done.payment, '--reason', 'x'), /reversed before/);
  assert.match(await here.work('payments'), /taken back/);
  await here.prove();
});

test('plans, pauses, legal details', async () => {
  const here = await BillingPlace.billed(tempDir());
  const make = ['plan', 'new', 'basic', '--name', 'Базовий', '--currency', 'UAH', '--trial', '14'];
  await here.work(...make, '--price', '249.90', '--from', '2026-01');
  assert.match(await here.refused(...make, '--price', '1', '--from', '2026-01'), /there is a plan basic/);
  assert.match(await here.refused(...make, '--price', '1.001', '--from', '2026-01'), /--price: found 1\.001/);
  assert.match(
    await here.refused('plan', 'price', 'basic', '--price', '1', '--from', lastMonth),
    /has begun/,
  );
  assert.match(
    await here.refused('plan', 'price', 'other', '--price', '1', '--from', nextMonth),
    /no plan other/,
  );
  assert.match(
    await here.work('plan', 'price', 'basic', '--price', '269,90', '--from', nextMonth),
    '269.90 UAH a month, trial of 14 days',
  );
  assert.match(
    await here.work('plan', 'list'),
    new RegExp(`^basic +${nextMonth} +269\\.90 UAH +14 +Базовий$`, 'm'),
  );
  await here.work('plan', 'assign', 'basic', '--customer', 'CU-2', '--box', 'SW-2-1', '--from', nextMonth);
  await here.work('plan', 'unassign', '--customer', 'CU-2', '--box', 'SW-2-1', '--from', nextMonth);
  const said = await here.lines('plan', 'list', '--customer', 'CU-2');
  assert.match(said[1] ?? '', /basic +SW-2-1 +replaced$/);
  assert.match(said[2] ?? '', /\(the customer's\) +SW-2-1$/);
  assert.match(await here.refused('plan', 'list', '--customer', 'CU-9'), /no such customer/);
  const days = [addDays(today, 1), addDays(today, 9)] as const;
  const pause = await here.work('pause', 'SW-2-1', '--from', days[0], '--to', days[1]);
  assert.match(pause, `SW-2-1 is not billed from ${days[0]} to ${days[1]}`);
  assert.match(
    await here.refused('pause', 'SW-2-1', '--from', today, '--to', days[1]),
    /allowed: days after/,
  );
  assert.match(await here.refused('pause', 'SW-9', '--from', days[0], '--to', days[1]), /no such box/);
  // What took the place of SW-2-1 goes on being billed as that.
  await here.inside(async ({ core }, bench) => {
    await bench.boxes('CU-2', 0, 'SW-NEW');
    await core.store.write(async (tx) => {
      await tx
        .updateTable('boxes')
        .set({ status: 'retired', ended_at_ms: 1 })
        .where('id', '=', 'SW-2-1')
        .execute();
      await tx.updateTable('boxes').set({ billed_as: 'SW-2-1' }).where('id', '=', 'SW-NEW').execute();
    });
  });
  const again = await here.json<{ billedAs: string }>('pause', 'SW-NEW', '--from', days[1], '--to', days[1]);
  assert.is(again.billedAs, 'SW-2-1');
  const id = pause.split(' ')[0] ?? '';
  assert.match(await here.work('account', 'CU-2'), id);
  await here.work('pause', 'end', id);
  assert.not.match(await here.work('account', 'CU-2'), id);
  const file = `${here.directory}/buyer.json`;
  const iban = ibanOf('388888', '26009000000042');
  writeFileSync(file, JSON.stringify({ name: 'ПП «Крамниця»', code: '00654321', iban }));
  await here.work('buyer', 'CU-1', '--set', file, '--contract', '17/2026', '--contract-day', '2026-03-01');
  await here.work('buyer', 'CU-1', '--address', 'Львів', '--iban', '');
  assert.equal(await here.json('buyer', 'CU-1'), {
    name: 'ПП «Крамниця»',
    code: '00654321',
    vatNumber: null,
    iban: null,
    bank: null,
    address: 'Львів',
    contract: { number: '17/2026', day: '2026-03-01' },
  });
  assert.match(await here.refused('buyer', 'CU-1', '--code', '12'), /8 digits/);
  assert.match(await here.refused('buyer', 'CU-1', '--set', '/nonexistent'), /cannot be read as JSON/);
  assert.match(await here.refused('buyer', 'CU-1', '--contract-day', '2026-03-01'), /goes with --contract/);
  writeFileSync(file, '{"name":"X","phone":"1"}');
  assert.match(await here.refused('buyer', 'CU-1', '--set', file), /phone|unknown|never/i);
});

test('restored: confirmed only with the last numbers that were sent, which are never given again', async () => {
  const here = new BillingPlace(tempDir(), { firstMonth: monthBefore });
  await here.seed([1, 2]);
  await here.work('bill', '--period', monthBefore);
  const backup = `${here.directory}/backup.db`;
  await here.work('backup', '--to', backup);
  await here.work('bill', '--period', lastMonth);
  for (const name of ['registry.db', 'registry.db-wal', 'registry.db-shm'])
    try {
      renameSync(`${here.directory}/data/${name}`, `${here.directory}/${name}.aside`);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  await here.work('restore', '--from', backup);
  assert.match(await here.refused('bill', '--period', lastMonth), /restored/);
  assert.match(await here.refused(...paying(1, '1', 'R')), /restored/);
  assert.match(await here.work('confirm'), `are known: ${numbered('SA', 2)}, ${numbered('SW', 2)}`);
  assert.match(await here.refused('confirm', '--yes'), /--last-number is needed/);
  assert.match(
    await here.refused('confirm', '--yes', '--last-number', 'XY-2026-000001'),
    /no number of this seller's/,
  );
  assert.match(
    await here.refused('confirm', '--yes', '--last-number', numbered('SW', 4).slice(0, -1)),
    /no number/,
  );
  assert.match(
    await here.refused('confirm', '--yes', '--last-number', numbered('SW', 400_004)),
    `gives up 400002 numbers for ever, since the last one that is known is ${numbered('SW', 2)}. If that is right: --yes-that-many`,
  );
  assert.match(await here.work('confirm'), 'are known');
  const numbers = `${numbered('SW', 4)},${numbered('SA', 4)}`;
  assert.match(
    await here.work('confirm', '--yes', '--last-number', numbers),
    `SW-${today.slice(0, 4)}: the numbers 3 to 4 are not given again\nconfirmed`,
  );
  await here.work('bill', '--period', lastMonth);
  assert.match(await here.work('invoices'), numbered('SW', 6));
  assert.not.match(await here.work('invoices'), numbered('SW', 4));
  await here.prove();
});

test.run();
