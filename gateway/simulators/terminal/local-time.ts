/** A moment as the terminal writes it: `21.11.2026` and `10:00:05`. */
export interface LocalTime {
  date: string;
  time: string;
}

/** Turns milliseconds since 1970 UTC into the terminal's local time. Throws a RangeError for an unknown zone. */
export function localTimeIn(timeZone: string): (atMs: number) => LocalTime {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  return (atMs) => {
    const parts = new Map(format.formatToParts(atMs).map(({ type, value }) => [type, value]));
    return {
      date: `${parts.get('day')}.${parts.get('month')}.${parts.get('year')}`,
      time: `${parts.get('hour')}:${parts.get('minute')}:${parts.get('second')}`,
    };
  };
}
