import type { Actor, Core } from '../services/core.ts';
import { mine } from '../services/customers.ts';
import type { Billing } from './billing.ts';
import type { Plan } from './rules/plans.ts';
import { readPlans } from './run/plan-book.ts';
import type { Month } from './shapes.ts';

/** Which plan a customer, or one of its boxes, has from a month on. */
export interface ToldAssignment {
  customer: string;
  /** One billing identity; null: all that have none of their own. */
  billedAs: string | null;
  /** null: again the customer's plan, or the default of the config. */
  plan: string | null;
  fromMonth: Month;
  /** A later word for the same month took its place. */
  replaced: boolean;
}

/** What was said of a customer's plans, by month, at most 1000 words. @throws Refusal `notFound` */
export async function assignments(
  { store }: Core,
  actor: Actor,
  customer: string,
): Promise<ToldAssignment[]> {
  const known = await store.reader
    .selectFrom('customers')
    .select('id as customer')
    .where('id', '=', customer)
    .executeTakeFirst();
  mine(actor, known, 'customer');
  const rows = await store.reader
    .selectFrom('billing_assignments')
    .selectAll()
    .where('customer', '=', customer)
    .orderBy('from_month')
    .orderBy('id')
    .limit(1000)
    .execute();
  const last = new Map(rows.map(({ id, billed_as, from_month }) => [`${from_month} ${billed_as}`, id]));
  return rows.map(({ id, billed_as, plan, from_month }) => ({
    customer,
    billedAs: billed_as === '' ? null : billed_as,
    plan,
    fromMonth: from_month,
    replaced: last.get(`${from_month} ${billed_as}`) !== id,
  }));
}

/**
 * The plans with their prices that somebody may see, by id: whoever sees one customer alone sees those that were ever
 * said of it or of its boxes, and the default. What others pay is no business of his.
 */
export async function plansSeenBy(
  { store }: Core,
  { config }: Billing,
  { customer }: Actor,
): Promise<Plan[]> {
  const all = [...(await readPlans(store.reader)).values()];
  if (customer === null) return all;
  const rows = await store.reader
    .selectFrom('billing_assignments')
    .select('plan')
    .distinct()
    .where('customer', '=', customer)
    .execute();
  const seen = new Set([config.defaultPlan, ...rows.map(({ plan }) => plan)]);
  return all.filter(({ id }) => seen.has(id));
}
