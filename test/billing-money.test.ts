import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { account } from '../provisioning/registry/billing/arrears.ts';
import { creditNote } from '../provisioning/registry/billing/ledger/credit-notes.ts';
import { moneyBack } from '../provisioning/registry/billing/ledger/money-back.ts';
import { bookPayment } from '../provisioning/registry/billing/ledger/payments.ts';
import { proveLedger } from '../provisioning/registry/billing/ledger/prove.ts';
import { reversePayment } from '../provisioning/registry/billing/ledger/reversals.ts';
import { billMonth } from '../provisioning/registry/billing/run/month.ts';
import { isRefusal } from '../provisioning/registry/refusal.ts';
import { openBills, sellerIban } from './registry/billing-bench.ts';
import { refused } from './registry/refused.ts';
import { onBoth } from './registry/stores.ts';
import { root } from './registry/world.ts';

const test = suite('billing money');
const both = onBoth(test);

const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('pay' as const), amount: fc.integer({ min: 1, max: 45_000 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('note' as const), amount: fc.integer({ min: 1, max: 20_000 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('back' as const), amount: fc.integer({ min: 1, max: 9_000 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('reverse' as const), amount: fc.nat(20) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('bill' as const), amount: fc.constant(0) }) },
);

both(
  'whatever is done: what is owed is what was invoiced without what was paid, and it adds up',
  async (database) => {
    const store = await database.open();
    const bench = await openBills(store);
    let reference = 0;
    const pay = (amount: number) => {
      reference += 1;
      return bookPayment(core, billing, root, {
        customer: 'CU-A',
        currency: 'UAH',
        amount,
        day: '2026-11-01',
        reference: `hand ${reference}`,
      });
    };
    const { core, billing } = bench;
    let month = 11;
    let year = 2026;
    let back = 0;
    // What A owes, below zero: what it has as credit.
    let owed = 20_000;
    const payments: { payment: string; amount: number }[] = [];
    let paidBack = 0;
    const one = async ({ do: what, amount }: { do: string; amount: number }): Promise<void> => {
      if (what === 'pay') {
        payments.push({ ...(await pay(amount)), amount });
        owed -= amount;
      } else if (what === 'note') {
        const invoices = await store.reader
          .selectFrom('billing_documents')
          .select('number')
          .where('kind', '=', 'invoice')
          .where('customer', '=', 'CU-A')
          .orderBy('number')
          .execute();
        const { number = '' } = invoices[amount % invoices.length] ?? {};
        try {
          await creditNote(core, billing, root, { invoice: number, total: amount, reason: 'x' });
          owed -= amount;
        } catch (error) {
          assert.ok(isRefusal(error, 'conflict'), String(error));
        }
      } else if (what === 'back') {
        back += 1;
        const wish = { customer: 'CU-A', currency: 'UAH', amount, day: '2026-11-01', iban: sellerIban };
        const work = moneyBack(core, billing, root, { ...wish, reference: `back ${back}` });
        if (-owed < amount) await refused('conflict', () => work);
        else {
          await work;
          owed += amount;
          paidBack += amount;
        }
      } else if (what === 'reverse') {
        const [payment] = payments.splice(amount % Math.max(1, payments.length), 1);
        if (payment === undefined) return;
        try {
          await reversePayment(core, billing, root, { payment: payment.payment, reason: 'x' });
          owed += payment.amount;
        } catch (error) {
          assert.ok(isRefusal(error, 'conflict') && paidBack > 0, String(error));
        }
      } else {
        const of = `${year}-${String(month).padStart(2, '0')}`;
        month = (month % 12) + 1;
        if (month === 1) year += 1;
        bench.at(billing.calendar.startOf(`${year}-${String(month).padStart(2, '0')}-01`) + 4 * 3_600_000);
        await billMonth(core, billing, of);
        owed += 20_000;
      }
      const { open, credit } = await account(core, root, 'CU-A');
      const sum = open.reduce((all, row) => all + row.open, 0);
      assert.is(sum, Math.max(0, owed), what);
      assert.is(credit[0]?.amount ?? 0, Math.max(0, -owed), what);
    };
    const numRuns = database.kind === 'sqlite' ? 12 : 6;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 10 }), async (steps) => {
        for (const each of steps) await one(each);
        assert.equal(await proveLedger(store.reader), []);
      }),
      { numRuns, endOnFailure: true },
    );
  },
);

test.run();
