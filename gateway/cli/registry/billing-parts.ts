/** What the daily work with bills has in common: what people type, exactly, and what they are shown. */
import type { Billing } from '../../../provisioning/registry/billing/billing.ts';
import { exponentOf, minorUnits, unitsOf } from '../../../provisioning/registry/billing/paper/money.ts';
import { isDay, isMonth } from '../../../provisioning/registry/billing/rules/dates.ts';
import type { Core } from '../../../provisioning/registry/services/core.ts';
import { SwipeError } from '../../seams/error.ts';
import { using } from './config-file.ts';
import { needed, type Task, textOf } from './work.ts';

/** An option that takes a value. */
export const text = { type: 'string' } as const;
/** An option that takes none. */
export const flag = { type: 'boolean' } as const;

/** Opens a registry that bills. @throws SwipeError `usage` where nobody is billed */
export const billed = <Answer>(
  task: Task,
  use: (parts: { core: Core; billing: Billing }) => Promise<Answer>,
): Promise<Answer> =>
  using(task.config, ({ core, billing }) => {
    if (billing === null)
      throw new SwipeError('usage', 'nobody is billed: the config has no "billing", see docs/billing.md');
    return use({ core, billing });
  });

/** The currency of an option. @throws SwipeError `usage` */
export function currencyIn(task: Task): string {
  const currency = needed(task, 'currency');
  if (exponentOf(currency) !== null) return currency;
  throw new SwipeError(
    'usage',
    `--currency: found ${currency}, allowed: a currency of ISO 4217, such as UAH`,
  );
}

/**
 * Minor units of an amount as people write it, exactly: `100.50`, `100,5`, `100`. No more decimals than the currency
 * has, and no thousands separators, which somebody else would read as decimals.
 *
 * @throws SwipeError `usage`
 */
export function amountOf(name: string, typed: string, currency: string): number {
  const exponent = exponentOf(currency) ?? 0;
  const [, whole = '', decimals = ''] = /^(\d{1,15})(?:[.,](\d{1,4}))?$/.exec(typed) ?? [];
  const amount = whole === '' ? null : minorUnits(whole, decimals, exponent, 'exact');
  if (amount !== null) return amount;
  const example = exponent === 0 ? '100' : `100.${'50'.padEnd(exponent, '0')}`;
  throw new SwipeError(
    'usage',
    `--${name}: found ${typed}, allowed: an amount in ${currency} such as ${example}`,
  );
}

/** A day of an option that must be there. @throws SwipeError `usage` */
export function dayIn(task: Task, name: string): string {
  const day = needed(task, name);
  if (isDay(day)) return day;
  throw new SwipeError('usage', `--${name}: found ${day}, allowed: a day, YYYY-MM-DD`);
}

/** A month of an option, where it is there. @throws SwipeError `usage` */
export function monthIn(task: Task, name: string): string | undefined {
  const month = textOf(task, name);
  if (month === undefined || isMonth(month)) return month;
  throw new SwipeError('usage', `--${name}: found ${month}, allowed: a month, YYYY-MM`);
}

/** Words of an option, parted by commas. */
export const listIn = (task: Task, name: string): string[] | undefined =>
  textOf(task, name)
    ?.split(',')
    .map((word) => word.trim());

/** One of some words. @throws SwipeError `usage` */
export function wordIn<const Words extends readonly string[]>(
  task: Task,
  name: string,
  allowed: Words,
): Words[number] | undefined {
  const word = textOf(task, name);
  if (word === undefined || allowed.includes(word)) return word;
  throw new SwipeError('usage', `--${name}: found ${word}, allowed: ${allowed.join(', ')}`);
}

/** A whole number. @throws SwipeError `usage` */
export function countOf(name: string, typed: string): number {
  if (/^\d{1,9}$/.test(typed)) return Number(typed);
  throw new SwipeError('usage', `--${name}: found ${typed}, allowed: a whole number`);
}

/** Minor units as a person reads them: `1234.50 UAH`. */
export function money(amount: number, currency: string): string {
  if (exponentOf(currency) === null) return `${amount} minor units of ${currency}`;
  const [whole, decimals] = unitsOf(Math.abs(amount), currency);
  const digits = decimals === '' ? whole : `${whole}.${decimals}`;
  return `${amount < 0 ? '-' : ''}${digits} ${currency}`;
}

const pageMax = 1000;

/** A whole list, page by page. */
export async function everyPage<Row, Place>(
  page: (after: Place | undefined, limit: number) => Promise<readonly Row[]>,
  place: (row: Row) => Place,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (let after: Place | undefined; ; ) {
    const next = await page(after, pageMax);
    rows.push(...next);
    const last = next.at(-1);
    if (last === undefined || next.length < pageMax) return rows;
    after = place(last);
  }
}
