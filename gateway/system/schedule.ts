import { schedule } from 'node-cron';
import type { Schedule } from '../seams/schedule.ts';

/** The system's schedule, by node-cron. Seventeen past, so that not every box of the world does it on the hour. */
export const systemSchedule: Schedule = {
  daily(hour, run, timezone) {
    const task = schedule(`17 ${hour} * * *`, run, timezone === undefined ? {} : { timezone });
    return () => void task.destroy();
  },
};
