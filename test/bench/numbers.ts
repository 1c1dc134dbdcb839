/** The few statistics that the bench needs. */

/** The value below which this share (0 to 1) of the numbers lies, by the nearest rank; NaN when there are none. */
export function percentile(numbers: readonly number[], share: number): number {
  const sorted = [...numbers].sort((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

/** The middle one, or the lower of the two in the middle. */
export const median = (numbers: readonly number[]): number => percentile(numbers, 0.5);

/** `1.23`, `45.6`, `789`: three digits that count. */
export const short = (number: number): string => number.toFixed(number >= 100 ? 0 : number >= 10 ? 1 : 2);
