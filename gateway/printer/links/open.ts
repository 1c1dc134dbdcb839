import { SwipeError } from '../../seams/error.ts';
import type { Timers } from '../../seams/time.ts';
import type { PrinterLink } from './link.ts';
import { type SerialOptions, serialPrinterLink } from './serial.ts';
import { tcpPrinterLink } from './tcp.ts';
import { usbPrinterLink } from './usb.ts';

/** What a link may need besides its text. */
export interface PrinterLinkOptions extends SerialOptions {
  timers: Timers;
  /** The printer answers. */
  answers: boolean;
}

/**
 * The link that a text names: `serial:/dev/…`, `usb:/dev/usb/lp0`, `tcp:HOST:PORT`, `tcp:[IPV6]:PORT`. Opens nothing yet.
 * Throws a SwipeError `configInvalid`.
 */
export function printerLinkOf(text: string, options: PrinterLinkOptions): PrinterLink {
  const [, kind, path] = /^(serial|usb):(\/\S+)$/.exec(text) ?? [];
  if (path !== undefined)
    return kind === 'serial'
      ? serialPrinterLink(path, options)
      : usbPrinterLink(path, { timers: options.timers, reads: options.answers });
  const tcp = /^tcp:(?:\[([0-9a-fA-F:.]+)\]|([^:/\s]+)):(\d{1,5})$/.exec(text);
  const host = tcp?.[1] ?? tcp?.[2];
  const port = Number(tcp?.[3]);
  if (host !== undefined && port >= 1 && port <= 65_535) return tcpPrinterLink(host, port, options);
  throw new SwipeError(
    'configInvalid',
    `printer.link: found "${text}", allowed: serial:/dev/…, usb:/dev/usb/lp0 or tcp:HOST:PORT`,
  );
}
