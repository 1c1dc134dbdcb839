/** The terminal's own words for when: a local date and time without its offset. */
import { parseIsoTime } from '../../contract/time.ts';
import { SwipeError } from '../../seams/error.ts';

/** A stretch of wall-clock time, both ends included, in milliseconds since 1970 UTC. */
export interface Span {
  fromMs: number;
  toMs: number;
}

/**
 * Reads a local date (`02.10.2019`) and time (`09:11:07`, or `0941` to the minute). Two spans in the hour that is
 * repeated when summer time ends; null for what cannot be read and for an hour that the clocks skip.
 */
export type LocalTime = (date: string | null, time: string | null) => readonly Span[] | null;

const dayMs = 86_400_000;

/** Local time in an IANA time zone. Throws a SwipeError `configInvalid` for a zone that does not exist. */
export function createLocalTime(timeZone: string): LocalTime {
  const wallText = wallClock(timeZone);
  const offsetMs = (instantMs: number): number =>
    parseIsoTime(`${wallText(instantMs)}Z`) - Math.floor(instantMs / 1000) * 1000;

  return (date, time) => {
    const wall = readWall(date, time);
    if (wall === null) return null;
    const asUtcMs = parseIsoTime(`${wall.text}Z`);
    if (Number.isNaN(asUtcMs)) return null;
    // Around a change of the clocks both offsets are tried; a time that does not exist fits neither.
    const offsets = new Set([offsetMs(asUtcMs - dayMs), offsetMs(asUtcMs + dayMs)]);
    const spans = [...offsets]
      // The day after the last one of year 9999 has no such text.
      .filter((offset) => !Number.isNaN(offset))
      .map((offset) => asUtcMs - offset)
      .filter((instantMs) => wallText(instantMs) === wall.text)
      .sort((one, other) => one - other)
      .map((fromMs) => ({ fromMs, toMs: fromMs + wall.lastsMs - 1 }));
    return spans.length > 0 ? spans : null;
  };
}

function wallClock(timeZone: string): (instantMs: number) => string {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
  } catch (cause) {
    throw new SwipeError(
      'configInvalid',
      `timeZone: found "${timeZone}", allowed: an IANA name such as Europe/Kyiv`,
      { cause },
    );
  }
  return (instantMs) => {
    const parts = new Map(format.formatToParts(instantMs).map(({ type, value }) => [type, value]));
    const part = (type: Intl.DateTimeFormatPartTypes, width: number): string =>
      (parts.get(type) ?? '').padStart(width, '0');
    const day = `${part('year', 4)}-${part('month', 2)}-${part('day', 2)}`;
    return `${day}T${part('hour', 2)}:${part('minute', 2)}:${part('second', 2)}`;
  };
}

interface Wall {
  /** `2019-10-02T09:11:07` */
  text: string;
  /** The precision. */
  lastsMs: number;
}

function readWall(date: string | null, time: string | null): Wall | null {
  const day = /^(\d{1,2})[./-](\d{1,2})[./-](\d{4}|\d{2})$/.exec(date?.trim() ?? '');
  const hour = /^(\d{2}):?(\d{2})(?::?(\d{2}))?$/.exec(time?.trim() ?? '');
  if (day === null || hour === null) return null;
  const [, dd = '', mm = '', yy = ''] = day;
  const [, hh, min, ss] = hour;
  const year = yy.length === 2 ? `20${yy}` : yy;
  return {
    text: `${year}-${mm.padStart(2, '0')}-${dd.padStart(2, '0')}T${hh}:${min}:${ss ?? '00'}`,
    lastsMs: ss === undefined ? 60_000 : 1_000,
  };
}
