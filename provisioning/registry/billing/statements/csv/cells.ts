import { minorUnits } from '../../paper/money.ts';
import { isDay } from '../../rules/dates.ts';
import type { Day } from '../../shapes.ts';
import type { Direction } from '../shapes.ts';
import type { CsvProfile } from './profiles.ts';

/** An amount with its sign, in minor units. */
export interface SignedAmount {
  amount: number;
  direction: Direction;
}

/**
 * An amount such as `1 234,50` or `-70 000.00`, exactly: blanks between thousands, at most the currency's decimals (more,
 * and it could be thousands). Null where it is none.
 */
export function amountIn(
  text: string,
  decimal: CsvProfile['decimal'],
  exponent: number,
): SignedAmount | null {
  const sign = decimal === 'either' ? '[.,]' : `\\${decimal}`;
  const form = new RegExp(
    `^([+-]?)(\\d{1,3}(?: \\d{3})+|\\d{1,16})(?:${sign}(\\d{1,${Math.max(exponent, 1)}}))?$`,
  );
  const parts = form.exec(
    text
      .replace(/[\u00a0\u202f\u2009]/g, ' ')
      .replace('\u2212', '-')
      .trim(),
  );
  if (parts === null) return null;
  const amount = minorUnits((parts[2] ?? '').replaceAll(' ', ''), parts[3] ?? '', exponent, 'exact');
  return amount === null ? null : { amount, direction: parts[1] === '-' ? 'debit' : 'credit' };
}

// A time may follow; what counts is the day that the bank wrote.
const time = '(?:[ T]\\d{1,2}:\\d{2}(?::\\d{2})?)?';
const dotted = new RegExp(`^(\\d{2})\\.(\\d{2})\\.(\\d{4})${time}$`);
const iso = new RegExp(`^(\\d{4}-\\d{2}-\\d{2})${time}$`);

/** A day as `05.11.2026` or `2026-11-05`, with or without a time; null where it is none. */
export function dayIn(text: string): Day | null {
  const [, day, month, year] = dotted.exec(text) ?? [];
  const found = year === undefined ? (iso.exec(text)?.[1] ?? '') : `${year}-${month}-${day}`;
  return isDay(found) ? found : null;
}
