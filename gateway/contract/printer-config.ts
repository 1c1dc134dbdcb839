import * as v from 'valibot';
import { flag, integer, oneOf } from './primitives.ts';

/** The code pages that hold the Ukrainian alphabet. cp866 does not: it lacks ґ, і and their capitals. */
export const printerEncodings = ['cp1251', 'cp1125'] as const;

/** One of {@link printerEncodings}. */
export type PrinterEncoding = (typeof printerEncodings)[number];

/** `ESC t n` of each where the config names none: Epson's numbers (ESC/POS command reference, ESC t). */
export const usualCodePage: Readonly<Record<PrinterEncoding, number>> = { cp1251: 46, cp1125: 44 };

const linkAllowed = 'serial:/dev/…, usb:/dev/usb/lp0 or tcp:HOST:PORT';
const tcp = /^tcp:(?:\[[0-9a-fA-F:]+\]|[^:/\s]+):(\d{1,5})$/;

function isLink(text: string): boolean {
  const port = Number(tcp.exec(text)?.[1] ?? 0);
  return /^(serial|usb):\/\S+$/.test(text) || (port >= 1 && port <= 65_535);
}

/** The receipt printer. */
export const printerConfigSchema = v.strictObject({
  link: v.pipe(v.string(linkAllowed), v.check(isLink, linkAllowed)),
  /** Serial ports only. */
  baudRate: v.optional(
    v.picklist([9600, 19200, 38400, 57600, 115200], 'one of 9600, 19200, 38400, 57600, 115200'),
    9600,
  ),
  /** Characters in a line of the printer's normal font: 48 or 42 on paper of 80 mm, 32 on 58 mm. */
  columns: v.optional(v.picklist([32, 42, 48], 'one of 32, 42, 48'), 48),
  encoding: v.optional(oneOf(printerEncodings), 'cp1251'),
  /** The printer's own number of that code page; absent: Epson's. */
  codePage: v.optional(integer(0, 255, 'a number of a code page')),
  /** False: a printer that can only be written to. */
  answers: v.optional(flag, true),
  /** Copies of the terminal's slip after an approval. */
  slips: v.optional(v.picklist([0, 1, 2], 'one of 0, 1, 2'), 1),
  /** False: a printer without a cutter. */
  cut: v.optional(flag, true),
});

/** A printer's config, defaults filled in. */
export type PrinterConfig = v.InferOutput<typeof printerConfigSchema>;
