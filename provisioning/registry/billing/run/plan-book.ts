/** All plans with their prices: there are few, and whoever reckons has them at hand. */
import type { Reader, Tx } from '../../store/store.ts';
import type { Plan, Price } from '../rules/plans.ts';

/** Reads all plans. */
export async function readPlans(reader: Reader | Tx): Promise<Map<string, Plan>> {
  const plans = await reader.selectFrom('billing_plans').selectAll().orderBy('id').execute();
  const rows = await reader.selectFrom('billing_prices').selectAll().orderBy('id').execute();
  const prices = new Map<string, Price[]>();
  for (const { id, plan, from_month, price, trial_days } of rows) {
    const row = { id, fromMonth: from_month, price, trialDays: trial_days };
    const known = prices.get(plan);
    if (known === undefined) prices.set(plan, [row]);
    else known.push(row);
  }
  return new Map(
    plans.map(({ id, name, currency }) => [id, { id, name, currency, prices: prices.get(id) ?? [] }]),
  );
}
