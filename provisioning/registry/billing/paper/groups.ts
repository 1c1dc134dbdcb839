import type { InvoiceLine } from '../shapes.ts';

/** Boxes that cost the same. */
export interface LineGroup {
  plan: string;
  price: number;
  days: number;
  daysOfMonth: number;
  /** What one of them costs. */
  each: number;
  count: number;
  /** What they cost together. */
  amount: number;
}

/** Lines by plan, price and days; the fullest months first, each group where its first line stood. */
export function groupsOf(lines: readonly InvoiceLine[]): LineGroup[] {
  const groups = new Map<string, LineGroup>();
  for (const { plan, price, days, daysOfMonth, amount } of lines) {
    const key = JSON.stringify([plan, price, days, daysOfMonth, amount]);
    const group = groups.get(key);
    if (group === undefined)
      groups.set(key, { plan, price, days, daysOfMonth, each: amount, count: 1, amount });
    else {
      group.count += 1;
      group.amount += amount;
    }
  }
  return [...groups.values()].sort((a, b) => b.days - a.days);
}
