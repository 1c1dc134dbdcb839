/** Customers' accounts: locked by whoever changes what a customer owes, so that two never reckon with the same state. */
import type { Dialect } from '../../store/schema.ts';
import type { Tx } from '../../store/store.ts';
import type { AccountRow } from '../../store/tables-billing.ts';
import { bulks } from '../run/bulks.ts';
import type { Day } from '../shapes.ts';

const fresh = (customer: string, today: Day): AccountRow => ({
  customer,
  state: 'active',
  since_day: today,
  decided_by: 'registry',
  deferred_until: null,
});

/** The customer's account, locked until the transaction ends; made where there is none. */
export async function lockAccount(tx: Tx, customer: string, today: Day): Promise<AccountRow> {
  const find = () =>
    tx
      .selectFrom('billing_accounts')
      .selectAll()
      .where('customer', '=', customer)
      .forUpdate()
      .executeTakeFirst();
  const known = await find();
  if (known !== undefined) return known;
  await tx
    .insertInto('billing_accounts')
    .values(fresh(customer, today))
    .onConflict((conflict) => conflict.column('customer').doNothing())
    .execute();
  return (await find()) ?? fresh(customer, today);
}

/**
 * The same for many.
 *
 * @param customers each once, in the order of the table
 */
export async function lockAccounts(
  tx: Tx,
  dialect: Dialect,
  customers: readonly string[],
  today: Day,
): Promise<void> {
  const lock = async (): Promise<Set<string>> => {
    const rows = await tx
      .selectFrom('billing_accounts')
      .select('customer')
      .where('customer', '>=', customers[0] ?? '')
      .where('customer', '<=', customers.at(-1) ?? '')
      .orderBy('customer')
      .forUpdate()
      .execute();
    return new Set(rows.map(({ customer }) => customer));
  };
  const known = await lock();
  const missing = customers.filter((customer) => !known.has(customer));
  if (missing.length === 0) return;
  await bulks(tx, dialect).accounts(missing.map((customer) => fresh(customer, today)));
  // Somebody else may have made one of them meanwhile: that one is not locked yet.
  await lock();
}

/** Credit by customer and currency. */
export type Credit = Map<string, Map<string, number>>;

/** The credit of these customers, whose accounts are locked. They are given in the order of the table. */
export async function creditOf(tx: Tx, customers: readonly string[]): Promise<Credit> {
  const rows = await tx
    .selectFrom('billing_credit')
    .selectAll()
    .where('customer', '>=', customers[0] ?? '')
    .where('customer', '<=', customers.at(-1) ?? '')
    .execute();
  const wanted = new Set(customers);
  const credit: Credit = new Map();
  for (const { customer, currency, amount } of rows) {
    if (!wanted.has(customer)) continue;
    const known = credit.get(customer);
    if (known === undefined) credit.set(customer, new Map([[currency, amount]]));
    else known.set(currency, amount);
  }
  return credit;
}

/** Writes down what is left of all that {@link creditOf} read. */
export async function keepCredit(tx: Tx, dialect: Dialect, credit: Credit): Promise<void> {
  if (credit.size === 0) return;
  await tx
    .deleteFrom('billing_credit')
    .where('customer', 'in', [...credit.keys()])
    .execute();
  const left = [...credit].flatMap(([customer, amounts]) =>
    [...amounts].flatMap(([currency, amount]) => (amount > 0 ? [{ customer, currency, amount }] : [])),
  );
  await bulks(tx, dialect).credit(left);
}
