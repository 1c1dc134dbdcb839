import { SwipeError } from '../../seams/error.ts';
import type { Timers } from '../../seams/time.ts';
import type { Link } from './link.ts';
import { serialLink } from './serial.ts';
import { tcpLink } from './tcp.ts';

/** What a link may need besides its text. */
export interface LinkOptions {
  /** Serial ports only. PrivatBank's terminals: 115200, old firmware 9600. */
  baudRate: number;
  timers: Timers;
}

/**
 * The link that a text names: `serial:/dev/…`, `tcp:HOST:PORT`, `tcp:[IPV6]:PORT`. Opens nothing yet.
 * Throws a SwipeError `configInvalid`.
 */
export function linkOf(text: string, { baudRate, timers }: LinkOptions): Link {
  const path = /^serial:(\/\S+)$/.exec(text)?.[1];
  if (path !== undefined) return serialLink(path, { baudRate });
  const tcp = /^tcp:(?:\[([0-9a-fA-F:.]+)\]|([^:/\s]+)):(\d{1,5})$/.exec(text);
  const host = tcp?.[1] ?? tcp?.[2];
  const port = Number(tcp?.[3]);
  if (host !== undefined && port >= 1 && port <= 65_535) return tcpLink(host, port, { timers });
  throw new SwipeError('configInvalid', `link: found "${text}", allowed: serial:/dev/… or tcp:HOST:PORT`);
}
