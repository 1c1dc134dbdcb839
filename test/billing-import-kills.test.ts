import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type ImportedStatement, importStatement } from '../provisioning/registry/billing/import.ts';
import { proveLedger } from '../provisioning/registry/billing/ledger/prove.ts';
import { billMonth } from '../provisioning/registry/billing/run/month.ts';
import { account, camt, entry, inPieces } from './fixtures/billing/camt.ts';
import { BillingBench, kyiv, testBilling } from './registry/billing-bench.ts';
import { killAfter, killAfterCommits } from './registry/killing.ts';
import { onBoth } from './registry/stores.ts';
import { root } from './registry/world.ts';

const test = suite('billing import kills');
const both = onBoth(test);

const whys = ({ entries }: ImportedStatement): string[] =>
  entries.map(({ reference, state, why }) => `${reference} ${why ?? state}`);

/** Customers who owe 100.00 for October 2026, as many as there are rounds. */
async function bench(store: BillingBench['store'], customers: number): Promise<BillingBench> {
  const made = new BillingBench(store, { seller: { ...testBilling.seller, iban: account } });
  await made.plan();
  const ids = Array.from({ length: customers }, (_, at) => `CU-${String(at + 1).padStart(4, '0')}`);
  await made.customers(...ids);
  for (const id of ids) await made.boxes(id, kyiv('2026-09-20T10:00'), `SW-${id}`);
  made.at(kyiv('2026-11-06T09:00'));
  await billMonth(made.core, made.billing, '2026-10');
  return made;
}

const number = (count: number): string => `SW-2026-${String(count).padStart(6, '0')}`;

/** Whether it was killed. */
async function dies(work: () => Promise<unknown>, killed: { wasKilled(): boolean }): Promise<boolean> {
  try {
    await work();
    return false;
  } catch (error) {
    if (!killed.wasKilled()) throw error;
    return true;
  }
}

both('a file killed after every statement and imported again is booked once', async (database) => {
  const store = await database.open();
  const { core, billing } = await bench(store, 80);
  let rounds = 0;
  for (let wasKilled = true; wasKilled; ) {
    rounds += 1;
    const file = camt(
      [
        entry({ reference: `good ${rounds}`, purpose: `рахунок ${number(rounds)}` }),
        entry({ reference: `double ${rounds}`, purpose: `рахунок ${number(rounds)}` }),
        entry({ reference: `none ${rounds}`, purpose: 'за послуги' }),
      ].join(''),
    );
    const take = (through: typeof core) =>
      importStatement(through, billing, root, { bytes: inPieces(file, 100), format: 'camt' });
    const dying = killAfter(store, rounds - 1);
    wasKilled = await dies(() => take({ ...core, store: dying.store }), dying);
    const told = await take(core);
    assert.equal(whys(told), [`good ${rounds} booked`, `double ${rounds} double`, `none ${rounds} noNumber`]);
    assert.is(
      told.again === 3,
      told.entries.every(({ again }) => again),
    );
  }
  assert.ok(rounds > 12, `${rounds} statements were seen`);
  const payments = await store.reader.selectFrom('billing_payments').select('reference').execute();
  assert.is(payments.length, rounds);
  const open = await store.reader.selectFrom('billing_open').select('invoice').execute();
  assert.is(open.length, 80 - rounds);
  assert.equal(await proveLedger(store.reader), []);
});

both('a file of several portions, killed once one of them is durable, goes on', async (database) => {
  const store = await database.open();
  const { core, billing } = await bench(store, 401);
  const entries = Array.from({ length: 401 }, (_, at) =>
    entry({ reference: `R-${at}`, purpose: number(at + 1) }),
  );
  const file = camt(entries.join(''));
  const take = (through: typeof core) =>
    importStatement(through, billing, root, { bytes: inPieces(file), format: 'camt' });
  for (const [commits, left] of [
    [1, 201],
    [1, 1],
  ] as const) {
    const dying = killAfterCommits(store, commits);
    // What one process had taken is no longer taken by the next: its first portion is of 'again' alone.
    assert.ok(await dies(() => take({ ...core, store: dying.store }), dying));
    const open = await store.reader.selectFrom('billing_open').select('invoice').execute();
    assert.ok(open.length >= left && open.length < 401, String(open.length));
  }
  const told = await take(core);
  assert.is(told.booked + told.again, 401);
  assert.equal(await store.reader.selectFrom('billing_open').select('invoice').execute(), []);
  assert.is((await store.reader.selectFrom('billing_payments').select('id').execute()).length, 401);
  assert.equal(await proveLedger(store.reader), []);
});

test.run();
