/** Who is late, who is suspended, who was reminded. */
import { billOf, type Customer, customerOf, type Facts, type Standing } from './facts.ts';
import { daysFrom, later } from './wall-calendar.ts';

/** How patient the seller is, as its config says. */
export interface Patience {
  graceDays: number;
  reminderDays: readonly number[];
  atMostPercent: number;
}

const rank: Readonly<Record<Standing, number>> = { active: 0, pastDue: 1, suspended: 2 };

/** The earliest due day of what each customer has open. */
function oldestDues(facts: Facts): Map<string, string> {
  const dues = new Map<string, string>();
  for (const number of facts.open) {
    const { customer, due } = billOf(facts, number);
    const known = dues.get(customer);
    if (known === undefined || due < known) dues.set(customer, due);
  }
  return dues;
}

function belongsTo(
  oldest: string | undefined,
  customer: Customer,
  today: string,
  patience: Patience,
): Standing {
  if (oldest === undefined || oldest >= today) return 'active';
  if (daysFrom(oldest, today) <= patience.graceDays) return 'pastDue';
  return customer.deferredUntil !== null && customer.deferredUntil >= today ? 'pastDue' : 'suspended';
}

function put(customer: Customer, state: Standing, today: string, byRegistry: boolean): boolean {
  if (customer.state === state) return false;
  Object.assign(customer, { state, since: today, byRegistry });
  return true;
}

/** How many boxes of each customer work or are suspended: all that are in use. */
export function boxesInUse(facts: Facts): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { customer, status } of facts.boxes.values())
    if (status === 'claimed') counts.set(customer, (counts.get(customer) ?? 0) + 1);
  return counts;
}

/** What a day did. */
export interface OwnDay {
  /** Customers whose state changed. */
  moved: string[];
  /** It would have been too many: nobody was suspended. */
  held: boolean;
  suspended: number;
}

/** The daily work: everybody is put where he belongs, unless too many boxes would be suspended. */
export function ownDay(facts: Facts, today: string, patience: Patience, word = false): OwnDay {
  const dues = oldestDues(facts);
  const wanted: { customer: Customer; to: Standing }[] = [];
  for (const customer of facts.customers.values()) {
    const to = belongsTo(dues.get(customer.id), customer, today, patience);
    if (to !== customer.state) wanted.push({ customer, to });
  }
  const boxes = boxesInUse(facts);
  let all = 0;
  let suspended = 0;
  let today0 = 0;
  for (const [id, count] of boxes) {
    const { state, since, byRegistry } = customerOf(facts, id);
    all += count;
    if (state === 'suspended') suspended += count;
    if (state === 'suspended' && since === today && byRegistry) today0 += count;
  }
  let due = 0;
  for (const { customer, to } of wanted) if (to === 'suspended') due += boxes.get(customer.id) ?? 0;
  const active = all - suspended + today0;
  const isMany = (today0 + due) * 100 > active * patience.atMostPercent;
  const held = !word && isMany && wanted.some(({ to }) => to === 'suspended');
  const moved: string[] = [];
  let count = 0;
  for (const { customer, to } of wanted) {
    // Who is not suspended yet is past due all the same.
    const now = held && to === 'suspended' ? 'pastDue' : to;
    if (put(customer, now, today, !word)) moved.push(customer.id);
    if (now === 'suspended') count += 1;
  }
  return { moved, held, suspended: count };
}

/** After money came in, or a deferral: better at once, never worse. */
export function ownReview(facts: Facts, id: string, today: string, patience: Patience): boolean {
  const customer = customerOf(facts, id);
  let oldest: string | undefined;
  for (const { bills } of customer.purses.values())
    for (const number of bills) {
      const { open, due } = billOf(facts, number);
      if (open > 0 && (oldest === undefined || due < oldest)) oldest = due;
    }
  const to = belongsTo(oldest, customer, today, patience);
  return rank[to] < rank[customer.state] && put(customer, to, today, false);
}

/** Reminders: of those whose day has come the latest, unless it or a later one was written. */
export function ownReminders(facts: Facts, today: string, { reminderDays }: Patience): number {
  let count = 0;
  for (const number of facts.open) {
    const { due, open } = billOf(facts, number);
    let after = 0;
    for (const days of reminderDays) if (later(due, days) <= today) after = Math.max(after, days);
    const written = facts.reminders.get(number) ?? [];
    if (after === 0 || written.some((one) => one.after >= after)) continue;
    facts.reminders.set(number, [...written, { after, day: today, open }]);
    count += 1;
  }
  return count;
}
