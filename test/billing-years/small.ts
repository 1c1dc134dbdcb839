/** A small registry that bills month after month, for those who kill it. */
import { addMonths } from '../../provisioning/registry/billing/rules/dates.ts';
import { billMonth } from '../../provisioning/registry/billing/run/month.ts';
import type { StatementEntry } from '../../provisioning/registry/billing/statements/shapes.ts';
import type { Store } from '../../provisioning/registry/store/store.ts';
import { BillingBench, kyiv, sellerIban } from '../registry/billing-bench.ts';

/** Its customers. */
export const customers: readonly string[] = ['CU-A', 'CU-B', 'CU-C'];

/** Three customers of two boxes each, and a way to bill month after month. */
export async function small(store: Store) {
  const bench = new BillingBench(store);
  await bench.plan();
  await bench.customers(...customers);
  for (const [at, customer] of customers.entries())
    await bench.boxes(customer, kyiv('2026-09-20T10:00'), `SW-${at}1`, `SW-${at}2`);
  let month = '2026-09';
  return {
    bench,
    /** The next month; its invoices, by customer. */
    async bill(): Promise<Map<string, string>> {
      month = addMonths(month, 1);
      bench.at(bench.billing.calendar.startOf(`${addMonths(month, 1)}-01`) + 3 * 3_600_000);
      await billMonth(bench.core, bench.billing, month);
      const rows = await store.reader
        .selectFrom('billing_documents')
        .select(['customer', 'number'])
        .where('month', '=', month)
        .where('kind', '=', 'invoice')
        .execute();
      return new Map(rows.map(({ customer, number }) => [customer, number]));
    },
    /** So many days after the run of the last month. */
    days: (count: number): void =>
      bench.at(
        bench.billing.calendar.startOf(`${addMonths(month, 1)}-01`) + 3 * 3_600_000 + count * 86_400_000,
      ),
    clear: () => store.write((tx) => tx.deleteFrom('errands').execute()),
  };
}

/** Money on the seller's account. */
export const entry = (reference: string, amount: number, purpose: string): StatementEntry => ({
  account: sellerIban,
  reference,
  referenceFrom: 'bank',
  day: '2026-11-01',
  amount,
  currency: 'UAH',
  direction: 'credit',
  reversal: false,
  payer: { name: null, iban: null, code: null },
  purpose,
});
