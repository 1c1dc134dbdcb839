import { isoTime } from '../../../gateway/contract/time.ts';
import { type Finding, fault, ok, warning } from '../finding.ts';

const secondMs = 1000;
const minuteMs = 60 * secondMs;

/** Commands may be issued two minutes ahead of the box's time. */
const wrongMs = 2 * minuteMs;
const offMs = 30 * secondMs;

/** A time as people compare it with a watch; UTC, which the box counts in. */
export const shownTime = (epochMs: number): string =>
  `${isoTime(epochMs).slice(0, 16).replace('T', ' ')} UTC`;

/** What is to be said of the clock, beside another one. */
export function clockFindings({
  boxMs,
  otherMs,
  host,
}: {
  boxMs: number;
  otherMs: number;
  host: string;
}): Finding[] {
  const differenceMs = boxMs - otherMs;
  const values = {
    box: shownTime(boxMs),
    other: shownTime(otherMs),
    host,
    differenceMs: Math.abs(Math.round(differenceMs)),
  };
  // As timedatectl takes it, by the other's clock.
  const local = isoTime(otherMs).slice(0, 19).replace('T', ' ');
  if (Math.abs(differenceMs) > wrongMs) return [fault('clockWrong', { ...values, local })];
  if (Math.abs(differenceMs) > offMs) return [warning('clockOff', values)];
  return [ok('clockRight', { box: values.box })];
}
