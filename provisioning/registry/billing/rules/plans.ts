/** Which plan and which price are in force in a month. */
import type { Month } from '../shapes.ts';

/** Something that holds from a month on. */
export interface FromMonth {
  /** Grows with every row: of two for the same month the later counts. */
  id: number;
  fromMonth: Month;
}

/** What a plan costs from a month on. */
export interface Price extends FromMonth {
  price: number;
  trialDays: number;
}

/** Which plan somebody has from a month on; null: none of its own. */
export interface Assignment extends FromMonth {
  plan: string | null;
}

/** A plan with all its prices. */
export interface Plan {
  id: string;
  name: string;
  currency: string;
  prices: readonly Price[];
}

/** What is in force in this month: the last that began before it or in it. Null where nothing has. */
export function inForce<Row extends FromMonth>(rows: readonly Row[], month: Month): Row | null {
  let best: Row | null = null;
  for (const row of rows) {
    if (row.fromMonth > month) continue;
    if (
      best === null ||
      row.fromMonth > best.fromMonth ||
      (row.fromMonth === best.fromMonth && row.id > best.id)
    )
      best = row;
  }
  return best;
}

/** What decides on a box's plan. */
export interface PlanChoice {
  /** The box's own assignments, the customer's, and the default of the config. */
  ofBox: readonly Assignment[];
  ofCustomer: readonly Assignment[];
  standard: string | null;
}

/** The plan that a box has in a month: its own, else its customer's, else the default; null: none. */
export function planIn({ ofBox, ofCustomer, standard }: PlanChoice, month: Month): string | null {
  return inForce(ofBox, month)?.plan ?? inForce(ofCustomer, month)?.plan ?? standard;
}

/** A plan's price in a month, with the plan. */
export interface PricedPlan {
  plan: string;
  currency: string;
  price: number;
  trialDays: number;
}

/** What the named plan costs in a month; null where there is none, or it has no price yet. */
export function pricedIn(
  plans: ReadonlyMap<string, Plan>,
  id: string | null,
  month: Month,
): PricedPlan | null {
  const plan = id === null ? undefined : plans.get(id);
  const price = plan === undefined ? null : inForce(plan.prices, month);
  if (plan === undefined || price === null) return null;
  return { plan: plan.id, currency: plan.currency, price: price.price, trialDays: price.trialDays };
}
