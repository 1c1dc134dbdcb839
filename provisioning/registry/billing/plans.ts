/** What an operator does with plans: makes them, changes what they cost, says who has which. Nothing rewrites the past. */
import * as v from 'valibot';
import { currency as currencySchema } from '../../../gateway/contract/primitives.ts';
import { Refusal } from '../refusal.ts';
import type { Actor, Core } from '../services/core.ts';
import { audit } from '../store/audit.ts';
import type { Tx } from '../store/store.ts';
import type { Billing } from './billing.ts';
import { planId } from './config.ts';
import { lockAccount } from './ledger/accounts.ts';
import { checkText, mayWork } from './ledger/working.ts';
import { isMonth, monthOf } from './rules/dates.ts';
import { highestPrice } from './rules/lines.ts';
import { type Assignment, inForce, type Plan } from './rules/plans.ts';
import { readPlans } from './run/plan-book.ts';
import type { Month } from './shapes.ts';
import { longestTrialDays } from './standing/states.ts';

/** What a plan costs from a month on. */
export interface NewPrice {
  plan: string;
  /** Per box and whole month, in minor units. */
  price: number;
  trialDays: number;
  fromMonth: Month;
}

/** A new plan with its first price, which may hold from any month on. */
export interface NewPlan extends NewPrice {
  name: string;
  currency: string;
}

/** Makes a plan. @throws Refusal `forbidden`, `restored`, `malformed`; `conflict` when there is one of this id */
export async function createPlan(core: Core, actor: Actor, wanted: NewPlan): Promise<void> {
  mayWork(core, actor);
  const { plan, name, currency } = wanted;
  if (!v.is(planId, plan)) throw new Refusal('malformed', 'plan: allowed: 1 to 32 of a-z 0-9 -');
  if (!v.is(currencySchema, currency)) throw new Refusal('malformed', 'currency: allowed: an ISO 4217 code');
  checkText('name', name, 128);
  checkPrice(wanted);
  const nowMs = core.clock.nowMs();
  await core.store.write(async (tx) => {
    const put = await tx
      .insertInto('billing_plans')
      .values({ id: plan, name, currency, created_at_ms: nowMs })
      .onConflict((conflict) => conflict.column('id').doNothing())
      .returning('id')
      .executeTakeFirst();
    if (put === undefined) throw new Refusal('conflict', `there is a plan ${plan}`);
    await putPrice(tx, actor, wanted, nowMs);
  });
}

/**
 * Sets what a plan costs from a month on that has not begun. Of two prices for the same month the later word counts.
 *
 * @throws Refusal `forbidden`, `restored`, `malformed`, `notFound`; `conflict` when the month has begun
 */
export async function setPrice(core: Core, billing: Billing, actor: Actor, wanted: NewPrice): Promise<void> {
  mayWork(core, actor);
  checkPrice(wanted);
  const nowMs = core.clock.nowMs();
  notBegun(billing, wanted.fromMonth, nowMs);
  await core.store.write(async (tx) => {
    if (!(await readPlans(tx)).has(wanted.plan))
      throw new Refusal('notFound', `there is no plan ${wanted.plan}`);
    await putPrice(tx, actor, wanted, nowMs);
  });
}

/** Which plan a customer's boxes have from a month on. */
export interface NewAssignment {
  customer: string;
  /** One billing identity; null: all of the customer's that have none of their own. */
  billedAs: string | null;
  /** null: an identity has the customer's plan again, a customer the default of the config. */
  plan: string | null;
  fromMonth: Month;
}

/**
 * Says which plan a customer, or one of its boxes, has from a month on that has not begun. A customer that has none of its
 * own in a month may be given one afterwards, too, up to its next one, as long as it has no invoice of these months: else
 * what is held back could never be billed. Of two for the same month the later word counts.
 *
 * @throws Refusal `forbidden`, `restored`, `malformed`, `notFound`; `conflict` when the month has begun, or is billed, the
 *   plan has no price then, or a box is given a plan whose customer has none
 */
export async function assignPlan(
  core: Core,
  billing: Billing,
  actor: Actor,
  { customer, billedAs, plan, fromMonth }: NewAssignment,
): Promise<void> {
  mayWork(core, actor);
  if (!isMonth(fromMonth)) throw new Refusal('malformed', 'fromMonth: allowed: a month, YYYY-MM');
  const nowMs = core.clock.nowMs();
  await core.store.write(async (tx) => {
    const known = await tx.selectFrom('customers').select('id').where('id', '=', customer).executeTakeFirst();
    if (known === undefined) throw new Refusal('notFound', 'there is no such customer');
    await lockAccount(tx, customer, billing.calendar.dayAt(nowMs));
    const plans = await readPlans(tx);
    const own = await ofCustomer(tx, customer);
    if (billedAs !== null || (inForce(own, fromMonth)?.plan ?? null) !== null)
      notBegun(billing, fromMonth, nowMs);
    else await notBilled(tx, customer, fromMonth, own);
    if (billedAs !== null) {
      await hadBy(tx, customer, billedAs);
      if (own.length === 0 && billing.config.defaultPlan === null)
        throw new Refusal('conflict', 'give the customer a plan first: its other boxes would have none');
    }
    if (plan !== null) hasPrice(plans.get(plan), plan, fromMonth);
    await tx
      .insertInto('billing_assignments')
      .values({ customer, billed_as: billedAs ?? '', plan, from_month: fromMonth, created_at_ms: nowMs })
      .execute();
    await audit(tx, nowMs, {
      actor: actor.name,
      action: 'billing.plan.assigned',
      subject: billedAs ?? customer,
      customer,
      after: { plan, fromMonth },
    });
  });
}

/** All plans with their prices, by id. */
export const plans = async ({ store }: Core): Promise<Plan[]> => [
  ...(await readPlans(store.reader)).values(),
];

function checkPrice({ price, trialDays, fromMonth }: NewPrice): void {
  if (!(Number.isInteger(price) && price >= 0 && price <= highestPrice))
    throw new Refusal('malformed', `price: allowed: an integer of minor units from 0 to ${highestPrice}`);
  if (!(Number.isInteger(trialDays) && trialDays >= 0 && trialDays <= longestTrialDays))
    throw new Refusal('malformed', `trialDays: allowed: 0 to ${longestTrialDays}`);
  if (!isMonth(fromMonth)) throw new Refusal('malformed', 'fromMonth: allowed: a month, YYYY-MM');
}

async function putPrice(
  tx: Tx,
  actor: Actor,
  { plan, price, trialDays, fromMonth }: NewPrice,
  nowMs: number,
): Promise<void> {
  await tx
    .insertInto('billing_prices')
    .values({ plan, from_month: fromMonth, price, trial_days: trialDays, created_at_ms: nowMs })
    .execute();
  await audit(tx, nowMs, {
    actor: actor.name,
    action: 'billing.plan.priced',
    subject: plan,
    customer: null,
    after: { price, trialDays, fromMonth },
  });
}

function notBegun({ calendar }: Billing, month: Month, nowMs: number): void {
  if (month <= monthOf(calendar.dayAt(nowMs)))
    throw new Refusal('conflict', `${month} has begun: allowed: a later month`);
}

/** @throws Refusal `conflict` when the customer has an invoice of one of the months from this one up to its next plan */
async function notBilled(tx: Tx, customer: string, month: Month, own: readonly Assignment[]): Promise<void> {
  const next = own
    .map(({ fromMonth }) => fromMonth)
    .filter((from) => from > month)
    .sort()[0];
  const row = await tx
    .selectFrom('billing_documents')
    .select((eb) => eb.fn.max('month').as('month'))
    .where('customer', '=', customer)
    .where('kind', '=', 'invoice')
    .where('month', '>=', month)
    .$if(next !== undefined, (query) => query.where('month', '<', next ?? ''))
    .executeTakeFirst();
  const billed = row?.month ?? null;
  if (billed !== null) throw new Refusal('conflict', `${billed} is billed: allowed: a later month`);
}

function hasPrice(plan: Plan | undefined, id: string, month: Month): void {
  if (plan === undefined) throw new Refusal('notFound', `there is no plan ${id}`);
  if (inForce(plan.prices, month) === null) throw new Refusal('conflict', `${id} has no price in ${month}`);
}

/** What was said of a customer as a whole. */
async function ofCustomer(tx: Tx, customer: string): Promise<Assignment[]> {
  const rows = await tx
    .selectFrom('billing_assignments')
    .select(['id', 'plan', 'from_month'])
    .where('customer', '=', customer)
    .where('billed_as', '=', '')
    .execute();
  return rows.map(({ id, plan, from_month }) => ({ id, plan, fromMonth: from_month }));
}

/** @throws Refusal `notFound` unless the customer has or had a box that is billed so */
async function hadBy(tx: Tx, customer: string, billedAs: string): Promise<void> {
  const row = await tx
    .selectFrom('tenures')
    .select('id')
    .where('customer', '=', customer)
    .where('billed_as', '=', billedAs)
    .limit(1)
    .executeTakeFirst();
  if (row === undefined) throw new Refusal('notFound', 'this customer has no box that is billed so');
}
