import type { Cancel } from './time.ts';

/** Where things that are done once a day come from. */
export interface Schedule {
  /** Calls `run` every day in the given hour of local time. It remembers nothing: a missed day is not made up for. */
  daily(hour: number, run: () => void): Cancel;
}
