/** What one box costs its customer in a month. Pure; all that must be known was read before. */
import type { Billing } from '../billing.ts';
import type { Calendar, MonthFrame } from '../rules/calendar.ts';
import { addDays, monthOf } from '../rules/dates.ts';
import { billedDays, type Tenure } from '../rules/days.ts';
import { firstIdentityOf } from '../rules/identities.ts';
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

/** The very first claim of a box, and the identity that it had then. */
interface FirstClaim extends Tenure {
  billedAs: string;
}

/** The claim that decides about a box's trial; null: there is none, nor a trial. */
function firstClaimOf(had: Had, known: Known): FirstClaim | null {
  const billedAs = firstIdentityOf(had.billedAs);
  const first =
    billedAs === had.billedAs ? (tenuresOf(had, known)[0] ?? had) : (known.firsts.get(billedAs) ?? null);
  return first === null ? null : { ...first, billedAs };
}

/**
 * The boxes whose trial depends on a plan that was not read with them: of another customer, who had them first, or of the
 * identity that they had before they came back.
 */
export function trialsOfOthers(
  boxes: readonly Had[],
  known: Known,
  { trialsSinceMs }: Reckoning,
): { customer: string; billedAs: string }[] {
  return boxes.flatMap((had) => {
    const first = firstClaimOf(had, known);
    if (first === null || first.fromMs < trialsSinceMs) return [];
    const { customer, billedAs } = first;
    return customer === had.customer && billedAs === had.billedAs ? [] : [{ customer, billedAs }];
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
 * @param billedAs the identity that the box had then
 * @param first its very first tenure
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
  const first = firstClaimOf(had, known);
  return first === null || first.fromMs < reckoning.trialsSinceMs
    ? null
    : firstBilledDay(reckoning, known, first.billedAs, first);
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
