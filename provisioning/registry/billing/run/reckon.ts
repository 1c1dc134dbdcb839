/** What one box costs its customer in a month. Pure; all that must be known was read before. */
import type { Billing } from '../billing.ts';
import type { Calendar, MonthFrame } from '../rules/calendar.ts';
import { addDays, monthOf } from '../rules/dates.ts';
import { billedDays, type Tenure } from '../rules/days.ts';
import { lineAmount } from '../rules/lines.ts';
import { type Plan, type PricedPlan, planIn, pricedIn } from '../rules/plans.ts';
import type { Day, InvoiceLine, Month } from '../shapes.ts';
import { type Had, type Known, keyOf } from './portion.ts';

const dayMs = 86_400_000;

/** By what a box's plan is found. */
export interface PlanBook {
  calendar: Calendar;
  plans: ReadonlyMap<string, Plan>;
  /** The plan of the config. */
  standard: string | null;
}

/** What is the same for all boxes of a run. */
export interface Reckoning extends PlanBook {
  frame: MonthFrame;
  /** A box that was first claimed before this has no trial any more, whatever its plan. */
  trialsSinceMs: number;
}

/** What a run reckons with. */
export function reckoningOf(
  { calendar, config }: Billing,
  plans: ReadonlyMap<string, Plan>,
  month: Month,
): Reckoning {
  const frame = calendar.frameOf(month);
  let longest = 0;
  for (const { prices } of plans.values())
    for (const { trialDays } of prices) longest = Math.max(longest, trialDays);
  // A day more for the hours by which days differ from 24.
  const trialsSinceMs = (frame.startsMs[0] ?? 0) - (longest + 2) * dayMs;
  return { frame, calendar, plans, standard: config.defaultPlan, trialsSinceMs };
}

/** All tenures of a box's identity, in the order in which they began. */
const tenuresOf = (had: Had, known: Known): readonly Tenure[] => known.tenures.get(had.billedAs) ?? [had];

/** The boxes whose trial depends on the plan of another customer, who had them first, with that customer. */
export function trialsOfOthers(
  boxes: readonly Had[],
  known: Known,
  { trialsSinceMs }: Reckoning,
): { customer: string; billedAs: string }[] {
  return boxes.flatMap((had) => {
    const first = tenuresOf(had, known)[0];
    if (first === undefined || first.customer === had.customer || first.fromMs < trialsSinceMs) return [];
    return [{ customer: first.customer, billedAs: had.billedAs }];
  });
}

/** The plan of a customer's box in a month. */
function planOf(
  { plans, standard }: PlanBook,
  { assignments }: Pick<Known, 'assignments'>,
  { customer, billedAs }: { customer: string; billedAs: string },
  month: Month,
): PricedPlan | null {
  const ofBox = assignments.get(keyOf(customer, billedAs)) ?? [];
  const ofCustomer = assignments.get(keyOf(customer, '')) ?? [];
  return pricedIn(plans, planIn({ ofBox, ofCustomer, standard }, month), month);
}

/**
 * The first day on which a box is billed: its first customer's plan of the day on which it was claimed says how long
 * the trial is.
 *
 * @param first the very first tenure of the identity
 */
export function firstBilledDay(
  book: PlanBook,
  known: Pick<Known, 'assignments'>,
  billedAs: string,
  { customer, fromMs }: Pick<Tenure, 'customer' | 'fromMs'>,
): Day {
  const claimed = book.calendar.dayAt(fromMs);
  const plan = planOf(book, known, { customer, billedAs }, monthOf(claimed));
  return addDays(claimed, plan?.trialDays ?? 0);
}

/** The same; null when that is so long ago that it does not matter. */
function billedFrom(reckoning: Reckoning, known: Known, had: Had): Day | null {
  const first = tenuresOf(had, known)[0] ?? had;
  return first.fromMs < reckoning.trialsSinceMs
    ? null
    : firstBilledDay(reckoning, known, had.billedAs, first);
}

/** What a box costs: its line and the currency, `null` when nothing, `withoutPlan` when there is no price for it. */
export function reckon(
  reckoning: Reckoning,
  known: Known,
  had: Had,
): { line: InvoiceLine; currency: string } | 'withoutPlan' | null {
  const { frame } = reckoning;
  const days = billedDays(frame, {
    customer: had.customer,
    tenures: tenuresOf(had, known),
    billedFrom: billedFrom(reckoning, known, had),
    pauses: known.pauses.get(keyOf(had.customer, had.billedAs)) ?? [],
  });
  if (days === 0) return null;
  const plan = planOf(reckoning, known, had, frame.month);
  if (plan === null) return 'withoutPlan';
  const amount = lineAmount(plan.price, days, frame.days);
  if (amount === 0) return null;
  const { billedAs } = had;
  return {
    currency: plan.currency,
    line: { billedAs, plan: plan.plan, price: plan.price, days, daysOfMonth: frame.days, amount },
  };
}
