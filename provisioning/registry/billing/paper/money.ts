/** The language of a paper. */
export type Language = 'uk' | 'en';

// ISO 4217, the currencies in use, by the decimals of their minor unit. Intl knows CLDR's decimals, which differ.
const byExponent: readonly (readonly [number, string])[] = [
  [0, 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'],
  [
    2,
    'AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP ' +
      'CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS ' +
      'INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN ' +
      'MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD SAR SBD SCR SDG SEK SGD SHP SLE SOS ' +
      'SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD YER ZAR ZMW ZWG',
  ],
  [3, 'BHD IQD JOD KWD LYD OMR TND'],
  [4, 'CLF UYW'],
];

const exponents = new Map(
  byExponent.flatMap(([exponent, codes]) => codes.split(' ').map((code) => [code, exponent] as const)),
);

/** How many decimals a currency's minor unit has (ISO 4217); null for what is no currency in use. */
export const exponentOf = (currency: string): number | null => exponents.get(currency) ?? null;

/** Whole units and the digits of the minor ones: 123450 UAH is `['1234', '50']`. Throws a RangeError for no amount. */
export function unitsOf(amount: number, currency: string): [whole: string, decimals: string] {
  const exponent = exponentOf(currency);
  if (!Number.isSafeInteger(amount) || amount < 0 || exponent === null)
    throw new RangeError(`not an amount: ${amount} ${currency}`);
  const digits = String(amount).padStart(exponent + 1, '0');
  return [digits.slice(0, digits.length - exponent), digits.slice(digits.length - exponent)];
}

/** Minor units as decimal text without grouping, for programs: 123450 UAH is `1234.50`. */
export function decimalText(amount: number, currency: string, separator: '.' | ',' = '.'): string {
  const [whole, decimals] = unitsOf(amount, currency);
  return decimals === '' ? whole : `${whole}${separator}${decimals}`;
}

const nonBreaking = '\u00a0';

/** Minor units as people read them: `1 234,50` in Ukrainian (with non-breaking spaces), `1,234.50` in English. */
export function shownAmount(amount: number, currency: string, language: Language): string {
  const [whole, decimals] = unitsOf(amount, currency);
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, language === 'uk' ? nonBreaking : ',');
  return decimals === '' ? grouped : `${grouped}${language === 'uk' ? ',' : '.'}${decimals}`;
}

/**
 * The minor units of the digits before and after a decimal sign, without a float on the way. Null for more than a
 * safe integer, and for decimals that the currency does not have; `zerosMayFollow`: superfluous zeros are none.
 */
export function minorUnits(
  whole: string,
  decimals: string,
  exponent: number,
  exact: 'exact' | 'zerosMayFollow',
): number | null {
  const kept = decimals.slice(0, exponent);
  const rest = decimals.slice(exponent);
  if (rest !== '' && (exact === 'exact' || !/^0*$/.test(rest))) return null;
  const digits = `${whole}${kept.padEnd(exponent, '0')}`.replace(/^0+(?=\d)/, '');
  if (digits.length > 16) return null;
  const amount = Number(digits);
  return Number.isSafeInteger(amount) ? amount : null;
}
