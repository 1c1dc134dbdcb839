/** What the calls about bills have in common. */
import type { Billing } from '../billing/billing.ts';
import { isMonth } from '../billing/rules/dates.ts';
import type { Month } from '../billing/shapes.ts';
import { Refusal } from '../refusal.ts';
import { type Call, numberedPageOf, operatorRoot } from './route.ts';

/** Where everything about bills is. */
export const billingRoot = `${operatorRoot}/billing`;

/** Billing by the registry's config. @throws Refusal `notFound` where nobody is billed */
export function billingOf({ billing }: Call): Billing {
  if (billing === null) throw new Refusal('notFound', 'nobody is billed: the config has no billing');
  return billing;
}

/** What stands behind the last slash of a list's name, such as a number. */
export const named = ({ params }: Call, name = 'id'): string => params[name] ?? '';

/** The same where it is a number. @throws Refusal `notFound` */
export function numbered(call: Call, what: string): number {
  if (!/^\d{1,15}$/.test(named(call))) throw new Refusal('notFound', `there is no such ${what}`);
  return Number(named(call));
}

/** A part of a list whose rows are numbered. @throws Refusal `malformed` */
export function numberPageOf(call: Call): { after: number | undefined; limit: number } {
  const { after, limit } = numberedPageOf(call);
  return { after: after === undefined ? undefined : Number(after), limit };
}

/** One of some words in the query. @throws Refusal `malformed` */
export function wordIn<const Words extends readonly string[]>(
  { query }: Call,
  name: string,
  allowed: Words,
): Words[number] | undefined {
  const word = query[name];
  if (word === undefined || allowed.includes(word)) return word;
  throw new Refusal('malformed', `${name}: allowed: ${allowed.join(', ')}`);
}

/** A month in the query. @throws Refusal `malformed` */
export function monthIn({ query: { month } }: Call): Month | undefined {
  if (month === undefined || isMonth(month)) return month;
  throw new Refusal('malformed', 'month: allowed: a month, YYYY-MM');
}
