/** The highest price per box and month, in minor units: a million boxes of it are still counted exactly. */
export const highestPrice = 1_000_000_000;

/**
 * What a box costs in a month: price × days ÷ days of the month, rounded half up.
 *
 * @param price minor units, at most {@link highestPrice}
 */
export const lineAmount = (price: number, days: number, daysOfMonth: number): number =>
  Math.floor((2 * price * days + daysOfMonth) / (2 * daysOfMonth));
