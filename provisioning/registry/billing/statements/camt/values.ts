import { exponentOf, minorUnits } from '../../paper/money.ts';
import { isDay } from '../../rules/dates.ts';
import type { Day } from '../../shapes.ts';
import { StatementFault } from '../fault.ts';
import type { Direction } from '../shapes.ts';
import { type Element, firstAt, textAt } from './tree.ts';

/** An amount beside its currency. */
export interface Money {
  amount: number;
  currency: string;
}

/**
 * An amount of ISO 20022 (`ActiveOrHistoricCurrencyAndAmount`): a decimal number without a sign, up to 18 digits, exactly
 * into minor units. Zeros beyond the currency's decimals are allowed there. Throws a {@link StatementFault}.
 */
export function moneyOf(element: Element): Money {
  const { text, currency, line, name } = element;
  const exponent = exponentOf(currency ?? '');
  if (currency === null || exponent === null)
    throw new StatementFault(line, `${name}/@Ccy`, currency ?? undefined, 'a currency of ISO 4217');
  const parts = /^\+?(?=\.?\d)(\d{0,18})(?:\.(\d{0,17}))?$/.exec(text.trim());
  const amount =
    parts === null ? null : minorUnits(parts[1] ?? '', parts[2] ?? '', exponent, 'zerosMayFollow');
  if (amount === null)
    throw new StatementFault(
      line,
      name,
      text,
      `a decimal number of ${exponent} decimals, such as ${exponent === 0 ? '1234' : `1234.${'50'.padEnd(exponent, '0')}`}`,
    );
  return { amount, currency };
}

/** Which way: `CdtDbtInd`. Throws a {@link StatementFault} where it is missing or another word. */
export function directionOf(element: Element): Direction {
  const word = textAt(element, 'CdtDbtInd');
  if (word === 'CRDT') return 'credit';
  if (word === 'DBIT') return 'debit';
  throw new StatementFault(element.line, `${element.name}/CdtDbtInd`, word ?? undefined, 'CRDT or DBIT');
}

/** A day told as `Dt`, or as `DtTm`, of which the day counts that the bank wrote. Throws a {@link StatementFault}. */
export function bankDay(element: Element): Day {
  const text = textAt(element, 'Dt') ?? textAt(element, 'DtTm') ?? '';
  const day = /^(\d{4}-\d\d-\d\d)(?:[T+Z-]|$)/.exec(text)?.[1] ?? '';
  if (!isDay(day))
    throw new StatementFault(element.line, element.name, text || undefined, 'a day such as 2026-11-05');
  return day;
}

/** A word that is told as it is, or as a code within it (from version 8 on). */
export const codeAt = (element: Element, name: string): string | null => {
  const found = firstAt(element, name);
  return found === undefined ? null : (textAt(found, 'Cd') ?? (found.text.trim() || null));
};
