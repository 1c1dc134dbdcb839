import type { Cancel } from './time.ts';

/** Where things that are done once a day come from. */
export interface Schedule {
  /**
   * Calls `run` every day in the given hour. It remembers nothing: a missed day is not made up for.
   *
   * @param timeZone whose hour it is; absent: this machine's
   */
  daily(hour: number, run: () => void, timeZone?: string): Cancel;
}
