/** Numbers of documents, such as `SW-2026-000123`. */

/** A document's number, taken apart. */
export interface DocumentNumber {
  prefix: string;
  year: number;
  count: number;
}

/** What a prefix looks like. */
export const prefixForm = /^[A-Z][A-Z0-9]{0,7}$/;

const width = 6;

/** The number as it stands on the document. Above 999,999 it has more digits. */
export const numberText = ({ prefix, year, count }: DocumentNumber): string =>
  `${prefix}-${year}-${String(count).padStart(width, '0')}`;

const written = /^([A-Z][A-Z0-9]{0,7})-(\d{4})-(\d{6,9})$/;

/** Takes a number apart that is written as {@link numberText} writes it; null for anything else. */
export function readNumber(text: string): DocumentNumber | null {
  const [, prefix = '', year = '', count = ''] = written.exec(text) ?? [];
  const number = { prefix, year: Number(year), count: Number(count) };
  return number.count > 0 && numberText(number) === text ? number : null;
}

/**
 * Numbers that a restore may lose without being asked about: a digit that is typed wrong burns up to 900,000, and what is
 * lost is never given again.
 */
export const leapMax = 10_000;

/** Whether a series would leap further than that, from the last number that is known. */
export const isFarLeap = (known: number, said: number): boolean => said - known > leapMax;
