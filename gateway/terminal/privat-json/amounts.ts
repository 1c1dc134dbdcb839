import { largestAmount } from '../../contract/primitives.ts';
import { SwipeError } from '../../seams/error.ts';

// ISO 4217: the currencies in use whose minor unit is not a hundredth.
const otherExponents = new Set(
  (
    'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF ' + // none
    'BHD IQD JOD KWD LYD OMR TND CLF UYW'
  ) // three, four
    .split(' '),
);

/**
 * Refuses a currency whose minor unit is not a hundredth: the protocol's amounts have exactly two decimals
 * (ECR protocol JSON based v1.0.3.1 §5.1). Throws a SwipeError `configInvalid`.
 */
export function demandHundredths(currency: string): void {
  if (!/^[A-Z]{3}$/.test(currency) || otherExponents.has(currency))
    throw new SwipeError(
      'configInvalid',
      `terminal.currency: found "${currency}", allowed: an ISO 4217 code with two decimals, such as UAH`,
    );
}

/** Minor units as the terminal wants them: 10050 is `100.50`. */
export function writeAmount(minor: number): string {
  if (!Number.isSafeInteger(minor) || minor < 0) throw new RangeError(`not an amount: ${minor}`);
  const digits = String(minor).padStart(3, '0');
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/**
 * Reads an amount such as `100.50`, `100,5` or `-3.00` into minor units; null when it is none, or has more than the
 * twelve digits of ISO 8583 field 4. No float on the way.
 */
export function readAmount(text: string | null): number | null {
  const parts = /^([+-]?)(\d{1,12})(?:[.,](\d{1,2}))?$/.exec(text?.trim() ?? '');
  if (parts === null) return null;
  const [, sign, whole = '', decimals = ''] = parts;
  const minor = Number(whole + decimals.padEnd(2, '0'));
  if (minor > largestAmount) return null;
  return sign === '-' && minor !== 0 ? -minor : minor;
}
