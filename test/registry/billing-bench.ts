/** A registry that bills: customers and boxes put straight into its tables, at whatever time. */
import { type Billing, createBilling } from '../../provisioning/registry/billing/billing.ts';
import type { BillingConfig } from '../../provisioning/registry/billing/config.ts';
import { createPlan } from '../../provisioning/registry/billing/plans.ts';
import { billMonth } from '../../provisioning/registry/billing/run/month.ts';
import { createBillingStates } from '../../provisioning/registry/billing/standing/states.ts';
import type { Store } from '../../provisioning/registry/store/store.ts';
import type { NewBox } from '../../provisioning/registry/store/tables.ts';
import { root, World } from './world.ts';

/** The seller's account in tests. */
export const sellerIban = 'UA213223130000026007233566001';

/** A config as a small operator would have it: everything of October 2026 on, UAH, no VAT, trial by plan. */
export const testBilling: BillingConfig = {
  timeZone: 'Europe/Kyiv',
  firstMonth: '2026-10',
  seller: {
    name: 'ТОВ «Свайп»',
    code: '12345678',
    vatNumber: null,
    iban: sellerIban,
    bank: 'АТ «Банк»',
    address: 'Київ',
  },
  vat: { mode: 'none', rateBasisPoints: 0 },
  prefixes: { invoice: 'SW', act: 'SA', creditNote: 'SC' },
  dueDays: 14,
  graceDays: 14,
  reminderDays: [3, 7, 12],
  defaultPlan: 'box',
  suspendAtMostPercent: 100,
};

/** An instant of Kyiv's winter time, two hours before Greenwich: `2026-11-21T08:00`. */
export const kyiv = (text: string): number => Date.parse(`${text}:00+02:00`);

const boxRow = (id: string, customer: string, atMs: number): NewBox => ({
  id,
  public_key: 'x',
  customer,
  status: 'claimed',
  billed_as: id,
  claimed_at_ms: atMs,
  count: 1,
  nonce: 'x',
  counted_at_ms: atMs,
  count_raised: 0,
  revision: 1,
  version: '0',
  sequence: 0,
});

/** A registry on a store, with bills. */
export class BillingBench {
  readonly world: World;
  readonly billing: Billing;
  readonly store: Store;

  constructor(store: Store, changes: Partial<BillingConfig> = {}) {
    this.store = store;
    this.world = new World(store);
    this.billing = createBilling({ ...testBilling, ...changes });
    this.world.core.billing = createBillingStates(this.billing);
  }

  get core() {
    return this.world.core;
  }

  /** It is so late now. */
  at(atMs: number): void {
    this.world.nowMs = atMs;
  }

  /** The plan `box`: 100.00 UAH from January 2026 on, no trial, unless said otherwise. */
  async plan(
    changes: {
      plan?: string;
      price?: number;
      trialDays?: number;
      currency?: string;
      fromMonth?: string;
    } = {},
  ): Promise<string> {
    const wanted = { plan: 'box', name: 'A box', currency: 'UAH', price: 10_000, trialDays: 0 };
    await createPlan(this.core, root, { ...wanted, fromMonth: '2026-01', ...changes });
    return changes.plan ?? wanted.plan;
  }

  /** Customers by these ids, or one. */
  async customers(...ids: string[]): Promise<void> {
    const row = (id: string) => ({ id, name: `Customer ${id}`, created_at_ms: 0 });
    await this.store.write((tx) => tx.insertInto('customers').values(ids.map(row)).execute());
  }

  /** Boxes that a customer claimed at an instant. */
  async boxes(customer: string, atMs: number, ...ids: string[]): Promise<void> {
    await this.store.write(async (tx) => {
      for (const id of ids) {
        await tx
          .insertInto('boxes')
          .values(boxRow(id, customer, atMs))
          .execute();
        await tx.insertInto('tenures').values({ billed_as: id, customer, from_ms: atMs }).execute();
      }
    });
  }

  /** Tenures alone, as many as there are. */
  async tenures(
    rows: readonly { billedAs: string; customer: string; fromMs: number; untilMs: number | null }[],
  ): Promise<void> {
    await this.store.write(async (tx) => {
      for (const { billedAs, customer, fromMs, untilMs } of rows)
        await tx
          .insertInto('tenures')
          .values({ billed_as: billedAs, customer, from_ms: fromMs, until_ms: untilMs })
          .execute();
    });
  }

  /** The errands that wait, as `notice SW-1`. */
  async errands(): Promise<string[]> {
    const rows = await this.store.reader
      .selectFrom('errands')
      .select(['kind', 'subject'])
      .orderBy('kind')
      .orderBy('subject')
      .execute();
    return rows.map(({ kind, subject }) => `${kind} ${subject}`);
  }

  /** All papers, what stands on them and what is open, in the order of their numbers: to be compared. */
  async papers(): Promise<{ documents: object[]; lines: object[]; open: object[]; ledger: object[] }> {
    const { reader } = this.store;
    return {
      documents: await reader.selectFrom('billing_documents').selectAll().orderBy('number').execute(),
      lines: await reader
        .selectFrom('billing_lines')
        .selectAll()
        .orderBy('invoice')
        .orderBy('billed_as')
        .execute(),
      open: await reader.selectFrom('billing_open').selectAll().orderBy('invoice').execute(),
      ledger: await reader
        .selectFrom('billing_ledger')
        .select(['customer', 'currency', 'invoice', 'source', 'amount'])
        .orderBy('customer')
        .orderBy('currency')
        .orderBy('source')
        .orderBy('amount')
        .execute(),
    };
  }
}

/** A has two boxes and B one, 100.00 each and month; October was billed on 1 November and is due on the 15th. */
export async function openBills(store: Store, changes: Partial<BillingConfig> = {}): Promise<BillingBench> {
  const bench = new BillingBench(store, changes);
  await bench.plan();
  await bench.customers('CU-A', 'CU-B');
  await bench.boxes('CU-A', kyiv('2026-09-20T10:00'), 'SW-1', 'SW-2');
  await bench.boxes('CU-B', kyiv('2026-09-20T10:00'), 'SW-3');
  bench.at(kyiv('2026-11-01T03:17'));
  await billMonth(bench.core, bench.billing, '2026-10');
  return bench;
}
