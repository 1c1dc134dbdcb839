import { largestAmount } from '../contract/primitives.ts';
import { SwipeError } from '../seams/error.ts';

/**
 * Minor units of an amount as people write it: `100.50`, `100,5`, `100`.
 *
 * @throws SwipeError `usage`
 */
export function readAmount(text: string): number {
  const parts = /^(\d{1,10})(?:[.,](\d{1,2}))?$/.exec(text);
  const amount = parts === null ? 0 : Number(parts[1]) * 100 + Number((parts[2] ?? '').padEnd(2, '0'));
  if (amount < 1 || amount > largestAmount)
    throw new SwipeError(
      'usage',
      `the amount ${text} is not understood, allowed: such as 100.50, more than nothing`,
    );
  return amount;
}

/** An amount in minor units as people read it: `100.50 UAH`. */
export function writtenAmount(amount: number, currency: string | null): string {
  const sign = amount < 0 ? '-' : '';
  const digits = String(Math.abs(amount)).padStart(3, '0');
  return `${sign}${digits.slice(0, -2)}.${digits.slice(-2)}${currency === null ? '' : ` ${currency}`}`;
}
