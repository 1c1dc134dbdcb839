import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { account, payments } from '../provisioning/registry/billing/arrears.ts';
import { bookByHand, bookWaiting } from '../provisioning/registry/billing/by-hand.ts';
import { importStatement } from '../provisioning/registry/billing/import.ts';
import { proveLedger } from '../provisioning/registry/billing/ledger/prove.ts';
import { reversePayment } from '../provisioning/registry/billing/ledger/reversals.ts';
import { setAside, statementEntries } from '../provisioning/registry/billing/ledger/statement-entries.ts';
import type { Store } from '../provisioning/registry/store/store.ts';
import { camt, entry } from './fixtures/billing/camt.ts';
import { kyiv, openBills, sellerIban } from './registry/billing-bench.ts';
import { refused } from './registry/refused.ts';
import { onBoth } from './registry/stores.ts';
import { root } from './registry/world.ts';

const test = suite('billing after a reversal');
const both = onBoth(test);

async function opened(store: Store) {
  const bench = await openBills(store);
  const { core, billing } = bench;
  bench.at(kyiv('2026-11-06T10:00'));
  const bank = camt(
    entry({ reference: 'BK [2]', amount: '100.00', purpose: 'SW-2026-000002' }),
    '08',
    sellerIban,
  );
  return {
    bench,
    byHand: (customer: string, { reference = 'BK [2]', anew }: { reference?: string; anew?: boolean } = {}) =>
      bookByHand(core, billing, root, {
        customer,
        amount: 10_000,
        currency: 'UAH',
        day: '2026-11-05',
        reference,
        anew,
      }),
    reverse: (payment: string) => reversePayment(core, billing, root, { payment, reason: 'a mistake' }),
    async statement() {
      const bytes = [Buffer.from(bank)];
      const { entries } = await importStatement(core, billing, root, { bytes, format: 'camt' });
      return entries.map(({ state, why, again }) => `${why ?? state}${again ? ' again' : ''}`);
    },
    entry: async () => (await statementEntries(core, { limit: 1 }))[0],
    owed: async () => {
      const of = async (customer: string): Promise<number[]> =>
        (await account(core, root, customer)).open.map(({ open }) => open);
      return [await of('CU-A'), await of('CU-B')];
    },
    async whole() {
      assert.equal(await proveLedger(bench.store.reader), []);
    },
  };
}

both('by hand for the wrong customer, and reversed: the statement books it', async (database) => {
  const { byHand, reverse, statement, owed, whole } = await opened(await database.open());
  const { payment } = await byHand('CU-A');
  await reverse(payment);
  assert.equal(await statement(), ['booked']);
  assert.equal(await owed(), [[20_000], []]);
  await whole();
});

both('what posts all movements every night does not book what was reversed', async (database) => {
  const { bench, byHand, reverse, owed, whole } = await opened(await database.open());
  const { payment } = await byHand('CU-B');
  await reverse(payment);
  for (const _ of ['tonight', 'tomorrow'])
    assert.equal(await byHand('CU-B'), {
      payment,
      customer: 'CU-B',
      again: true,
      reversed: 'a mistake',
      settled: [],
      credit: 0,
      state: 'active',
    });
  await refused('conflict', () => byHand('CU-A'));
  assert.equal(await owed(), [[20_000], [10_000]]);
  assert.is((await payments(bench.core, root, { limit: 10 })).length, 1);
  const anew = await byHand('CU-A', { anew: true });
  assert.equal([anew.again, anew.reversed], [false, null], 'it was the wrong customer');
  assert.equal(await owed(), [[10_000], [10_000]]);
  await whole();
});

both('reversed by mistake: said to be booked anew it is booked, as often as it takes', async (database) => {
  const { bench, byHand, reverse, statement, owed, whole } = await opened(await database.open());
  for (const round of [1, 2, 3]) {
    const { payment, again } = await byHand('CU-B', { anew: true });
    assert.equal([again, (await byHand('CU-B')).payment], [false, payment], `round ${round}`);
    assert.is((await byHand('CU-B')).again, true);
    await refused('conflict', () => byHand('CU-A'));
    assert.equal(await owed(), [[20_000], []]);
    if (round < 3) await reverse(payment);
    if (round < 3) assert.equal(await owed(), [[20_000], [10_000]]);
  }
  const rows = await payments(bench.core, root, { limit: 10 });
  assert.equal(
    new Set(
      rows.map(({ reference, reversed }) => `${reference.replace(sellerIban, '')} ${reversed ?? 'stands'}`),
    ),
    new Set([' BK [2] a mistake', ' BK [2]  [2] a mistake', ' BK [2]  [3] stands']),
  );
  assert.equal(await statement(), ['double']);
  await whole();
});

both('the reference as the payments are listed is the same movement’s: no money twice', async (database) => {
  const { byHand, reverse, owed, whole } = await opened(await database.open());
  await reverse((await byHand('CU-B')).payment);
  const second = await byHand('CU-B', { anew: true });
  const listed = 'BK [2]  [2]';
  assert.equal(await byHand('CU-B', { reference: listed }), { ...second, again: true });
  await reverse(second.payment);
  assert.is((await byHand('CU-B', { reference: listed })).payment, second.payment);
  const { payment, again } = await byHand('CU-B', { reference: listed, anew: true });
  assert.is(again, false);
  assert.is((await byHand('CU-B')).payment, payment);
  assert.equal(await owed(), [[20_000], []]);
  await whole();
});

both('the entry of a reversed payment waits again, and is somebody else’s then', async (database) => {
  const { bench, reverse, statement, entry: row, owed, whole } = await opened(await database.open());
  const { core, billing } = bench;
  assert.equal(await statement(), ['booked']);
  const booked = await row();
  await reverse(booked?.payment ?? '');
  const { id = 0, state, why, payment, customer } = (await row()) ?? {};
  assert.equal([state, why, payment, customer], ['waiting', 'reversed', null, null]);
  assert.equal(await statement(), ['reversed again'], 'a person decided: no statement books it');
  const other = await bookWaiting(core, billing, root, { entry: id, customer: 'CU-A' });
  assert.equal([other.again, other.settled], [false, [{ invoice: 'SW-2026-000001', amount: 10_000 }]]);
  const after = await row();
  assert.equal([after?.state, after?.why, after?.customer], ['booked', null, 'CU-A']);
  assert.equal(await owed(), [[10_000], [10_000]]);
  await reverse(other.payment);
  assert.is((await row())?.why, 'reversed');
  await setAside(core, root, { entry: id, reason: 'taken back by the bank' });
  assert.equal(await statement(), ['taken back by the bank again']);
  assert.equal(await owed(), [[20_000], [10_000]]);
  await whole();
});

both('the audit log says what was booked out of which entry, and what waits again', async (database) => {
  const { bench, byHand, reverse, statement, entry: row } = await opened(await database.open());
  const { payment } = await byHand('CU-B');
  await statement();
  const { id = 0 } = (await row()) ?? {};
  await bookWaiting(bench.core, bench.billing, root, {
    entry: id,
    customer: 'CU-B',
    invoices: ['SW-2026-000002'],
  });
  await reverse(payment);
  const changes = await bench.store.reader
    .selectFrom('audit')
    .selectAll()
    .where('action', 'in', ['billing.entry.booked', 'billing.payment.reversed'])
    .orderBy('id')
    .execute();
  assert.equal(
    changes.map(({ actor, subject, customer, before, after }) => ({
      actor,
      subject,
      customer,
      before: JSON.parse(before ?? ''),
      after: JSON.parse(after ?? ''),
    })),
    [
      {
        actor: root.name,
        subject: String(id),
        customer: 'CU-B',
        before: { state: 'waiting', why: 'double' },
        after: { payment, invoices: ['SW-2026-000002'] },
      },
      {
        actor: root.name,
        subject: payment,
        customer: 'CU-B',
        before: { amount: 10_000, currency: 'UAH', reference: `${sellerIban} BK [2]` },
        after: { reason: 'a mistake', entry: id },
      },
    ],
  );
});

test.run();
