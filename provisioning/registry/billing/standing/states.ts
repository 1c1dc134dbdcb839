/** What a box is told of where it stands: suspended, else past due, else its trial, else active. */
import type { BilledBox, BillingState, BillingStates } from '../../ports.ts';
import type { Tx } from '../../store/store.ts';
import type { Billing } from '../billing.ts';
import type { Tenure } from '../rules/days.ts';
import { readPlans } from '../run/plan-book.ts';
import { type Known, readOthersPlans } from '../run/portion.ts';
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
      const untilMs = trialEnds.get(billedAs);
      return untilMs === undefined ? { state: 'active', untilMs: null } : { state: 'trial', untilMs };
    });
  }

  /** When the trials end that last now, by billing identity. */
  async function trialEndsOf(
    tx: Tx,
    boxes: readonly BilledBox[],
    nowMs: number,
  ): Promise<Map<string, number>> {
    const sinceMs = nowMs - (longestTrialDays + 2) * dayMs;
    // The first claim of an identity is no later than its box's.
    const young = boxes.filter(({ claimedAtMs }) => claimedAtMs >= sinceMs);
    const first = await firstTenures(tx, young);
    for (const [billedAs, { fromMs }] of first) if (fromMs < sinceMs) first.delete(billedAs);
    const ends = new Map<string, number>();
    if (first.size === 0) return ends;
    const { calendar, config } = billing;
    const book: PlanBook = { calendar, plans: await readPlans(tx), standard: config.defaultPlan };
    const known: Known = { tenures: new Map(), pauses: new Map(), assignments: new Map() };
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

async function firstTenures(tx: Tx, boxes: readonly BilledBox[]): Promise<Map<string, Tenure>> {
  const first = new Map<string, Tenure>();
  if (boxes.length === 0) return first;
  const rows = await tx
    .selectFrom('tenures')
    .select(['billed_as', 'customer', 'from_ms', 'until_ms'])
    .where('billed_as', 'in', [...new Set(boxes.map(({ billedAs }) => billedAs))])
    .orderBy('from_ms')
    .orderBy('id')
    .execute();
  for (const { billed_as, customer, from_ms, until_ms } of rows)
    if (!first.has(billed_as)) first.set(billed_as, { customer, fromMs: from_ms, untilMs: until_ms });
  return first;
}
