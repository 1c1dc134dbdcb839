/** What a month costs whom: box by box, day by day, with fractions of whole numbers. */
import type { Facts, Given, Tax, ToldPrice } from './facts.ts';
import { daysFrom, daysOfMonth, later, midnightOf, monthWith, wallDay } from './wall-calendar.ts';

/** One box on an invoice. */
export interface OwnLine {
  identity: string;
  plan: string;
  price: number;
  days: number;
  of: number;
  amount: number;
}

/** An invoice as it must be. */
export interface OwnBill {
  customer: string;
  currency: string;
  lines: OwnLine[];
  net: number;
  vat: number;
  total: number;
}

/** Half up, as on paper: twice the fraction without its rest, and one more when that is odd. */
export const halfUp = (above: bigint, below: bigint): bigint => {
  const twice = (above * 2n) / below;
  return twice / 2n + (twice % 2n);
};

/** The last word for a month: of those that hold by then the latest month's, and of these the last that was said. */
function lastWord<Row extends { fromMonth: string }>(rows: readonly Row[], month: string): Row | null {
  let best: Row | null = null;
  for (const row of rows)
    if (row.fromMonth <= month && (best === null || row.fromMonth >= best.fromMonth)) best = row;
  return best;
}

/** Which price holds for an identity at a customer's in a month. */
export function priceFor(facts: Facts, customer: string, identity: string, month: string): ToldPrice | null {
  const given = facts.given.get(customer) ?? [];
  const of = (which: (row: Given) => boolean) => lastWord(given.filter(which), month)?.plan ?? null;
  const own = of((row) => row.identity === identity);
  const plan = own ?? of((row) => row.identity === null) ?? facts.standard;
  return lastWord(
    facts.prices.filter((price) => price.plan === plan),
    month,
  );
}

/**
 * The first day that is billed of an identity: after the trial that the very first customer's plan gave. It is that of the
 * box's very first claim: who comes back has no other, and who came as another's replacement had none.
 */
export function firstPaidDay(facts: Facts, identity: string): string {
  const [box = identity] = identity.split('.');
  const first = facts.stays.get(box)?.[0];
  if (first === undefined) return '2026-01-01';
  const claimed = wallDay(first.fromMs);
  const trial = priceFor(facts, first.customer, box, monthWith(claimed))?.trialDays ?? 0;
  return later(claimed, trial);
}

/** How many days of a month each customer pays for an identity. */
function paidDays(facts: Facts, identity: string, days: readonly string[]): Map<string, number> {
  const paid = new Map<string, number>();
  const stays = (facts.stays.get(identity) ?? []).map(({ customer, fromMs, untilMs }) => ({
    customer,
    from: wallDay(fromMs),
    until: untilMs === null ? '9999' : wallDay(untilMs),
  }));
  const first = days[0] ?? '';
  const last = days.at(-1) ?? '';
  if (!stays.some(({ from, until }) => from <= last && until >= first)) return paid;
  const firstPaid = firstPaidDay(facts, identity);
  const rests = facts.rests.get(identity) ?? [];
  for (const day of days) {
    let payer: string | null = null;
    for (const { customer, from, until } of stays) if (from <= day && day <= until) payer = customer;
    if (payer === null || day < firstPaid) continue;
    if (rests.some(({ customer, from, to }) => customer === payer && from <= day && day <= to)) continue;
    paid.set(payer, (paid.get(payer) ?? 0) + 1);
  }
  return paid;
}

/** The tax of a sum, once. */
export function withTax(sum: bigint, { mode, rateBasisPoints }: Tax): Pick<OwnBill, 'net' | 'vat' | 'total'> {
  const rate = BigInt(rateBasisPoints);
  const vat =
    mode === 'none'
      ? 0n
      : mode === 'onTop'
        ? halfUp(sum * rate, 10_000n)
        : halfUp(sum * rate, 10_000n + rate);
  const total = mode === 'onTop' ? sum + vat : sum;
  return { net: Number(total - vat), vat: Number(vat), total: Number(total) };
}

/**
 * All invoices of a month that are not there yet, by `customer currency`, and how many boxes are not billed: those of
 * customers with a box that has no plan.
 */
export function billsOf(facts: Facts, month: string): { bills: Map<string, OwnBill>; withoutPlan: number } {
  const days = daysOfMonth(month);
  const startMs = midnightOf(days[0] ?? '');
  const endMs = midnightOf(later(days.at(-1) ?? '', 1));
  const bills = new Map<string, OwnBill>();
  const lacking = new Map<string, number>();
  const have = new Set<string>();
  for (const { customer, month: of } of facts.bills.values()) if (of === month) have.add(customer);
  for (const [identity, stays] of facts.stays) {
    if (!stays.some(({ fromMs, untilMs }) => fromMs < endMs && (untilMs === null || untilMs >= startMs)))
      continue;
    for (const [customer, count] of paidDays(facts, identity, days)) {
      if (have.has(customer)) continue;
      const price = priceFor(facts, customer, identity, month);
      if (price === null) {
        lacking.set(customer, (lacking.get(customer) ?? 0) + 1);
        continue;
      }
      const amount = Number(halfUp(BigInt(price.price) * BigInt(count), BigInt(days.length)));
      if (amount === 0) continue;
      const currency = facts.currencies.get(price.plan) ?? '';
      const key = `${customer} ${currency}`;
      const bill = bills.get(key) ?? { customer, currency, lines: [], net: 0, vat: 0, total: 0 };
      bills.set(key, bill);
      bill.lines.push({
        identity,
        plan: price.plan,
        price: price.price,
        days: count,
        of: days.length,
        amount,
      });
    }
  }
  let withoutPlan = 0;
  for (const count of lacking.values()) withoutPlan += count;
  for (const [key, { customer, lines }] of bills) {
    if (!lacking.has(customer)) continue;
    withoutPlan += lines.length;
    bills.delete(key);
  }
  for (const bill of bills.values()) {
    let sum = 0n;
    for (const { amount } of bill.lines) sum += BigInt(amount);
    Object.assign(bill, withTax(sum, facts.tax));
  }
  return { bills, withoutPlan };
}

/** Until when an identity is in its trial; null: it is not. */
export function trialUntil(facts: Facts, identity: string, nowMs: number): number | null {
  const untilMs = midnightOf(firstPaidDay(facts, identity));
  return untilMs > nowMs && daysFrom(wallDay(nowMs), wallDay(untilMs)) >= 0 ? untilMs : null;
}
