/** What a box is told of where it stands: suspended, else past due, else its trial, else active. */
import type { BilledBox, BillingState, BillingStates } from '../../ports.ts';
import type { Tx } from '../../store/store.ts';
import type { Billing } from '../billing.ts';
import { firstIdentityOf } from '../rules/identities.ts';
import { readPlans } from '../run/plan-book.ts';
import { firstTenures, nothingKnown, readOthersPlans } from '../run/portion.ts';
import { firstBilledDay, type PlanBook } from '../run/reckon.ts';

const dayMs = 86_400_000;

/** The longest trial that a plan may have, in days. */
export const longestTrialDays = 366;

/** Where boxes stand, by the customers' accounts and the plans. */
export function createBillingStates(billing: Billing): Required<BillingStates<Tx>> {
  async function statesOf(tx: Tx, boxes: readonly BilledBox[], nowMs: number): Promise<BillingState[]> {
    if (boxes.length === 0) return [];
    const accounts = await tx
      .selectFrom('billing_accounts')
      .select(['customer', 'state'])
      .where('customer', 'in', [...new Set(boxes.map(({ customer }) => customer))])
      .where('state', '<>', 'active')
      .execute();
    const states = new Map(accounts.map(({ customer, state }) => [customer, state]));
    const trialEnds = await trialEndsOf(tx, boxes, nowMs);
    return boxes.map(({ customer, billedAs }) => {
      const state = states.get(customer);
      if (state !== undefined) return { state, untilMs: null };
      const untilMs = trialEnds.get(firstIdentityOf(billedAs));
      return untilMs === undefined ? { state: 'active', untilMs: null } : { state: 'trial', untilMs };
    });
  }

  /** When the trials end that last now, by the identity that a box had first. */
  async function trialEndsOf(
    tx: Tx,
    boxes: readonly BilledBox[],
    nowMs: number,
  ): Promise<Map<string, number>> {
    const sinceMs = nowMs - (longestTrialDays + 2) * dayMs;
    // The first claim of an identity is no later than its box's.
    const young = boxes.filter(({ claimedAtMs }) => claimedAtMs >= sinceMs);
    const identities = young.map(({ billedAs }) => firstIdentityOf(billedAs));
    const first = await firstTenures(tx, identities);
    for (const [billedAs, { fromMs }] of first) if (fromMs < sinceMs) first.delete(billedAs);
    const ends = new Map<string, number>();
    if (first.size === 0) return ends;
    const { calendar, config } = billing;
    const book: PlanBook = { calendar, plans: await readPlans(tx), standard: config.defaultPlan };
    const known = nothingKnown();
    await readOthersPlans(
      tx,
      known,
      [...first].map(([billedAs, { customer }]) => ({ billedAs, customer })),
    );
    for (const [billedAs, tenure] of first) {
      const untilMs = calendar.startOf(firstBilledDay(book, known, billedAs, tenure));
      if (untilMs > nowMs) ends.set(billedAs, untilMs);
    }
    return ends;
  }

  return {
    statesOf,
    async stateOf(tx, box, nowMs) {
      const [state] = await statesOf(tx, [box], nowMs);
      return state ?? { state: 'active', untilMs: null };
    },
  };
}
