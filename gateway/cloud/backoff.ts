const firstMs = 1000;
const longestMs = 60_000;

/**
 * How long to wait before the next try, in milliseconds: doubling from 1 s to 60 s, and of that a random part
 * between a half and the whole, so that boxes that lost one broker together do not come back together.
 *
 * @param failures how many tries failed in a row, from 1
 * @param fraction a random number from 0 (included) to 1 (excluded)
 */
export function backoffMs(failures: number, fraction: number): number {
  const ceilingMs = Math.min(longestMs, firstMs * 2 ** Math.min(failures - 1, 16));
  return Math.round(ceilingMs * (0.5 + 0.5 * fraction));
}

/** Whether the n-th failure in a row deserves a log line: 1, 2, 4, 8, … and from 64 on every 64th, about hourly. */
export function worthALine(failures: number): boolean {
  return failures >= 64 ? failures % 64 === 0 : (failures & (failures - 1)) === 0;
}
