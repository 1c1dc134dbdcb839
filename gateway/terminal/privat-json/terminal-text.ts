/**
 * Text that the terminal wrote: receipts and error texts. The look-up of a receipt has no field for the holder's
 * name or the expiry, so that what a terminal prints of them can only be known by the words before it.
 */
import { scrubText } from '../../contract/card-data.ts';

// Not where the line goes on about the holder's copy or signature instead of the name, which may be on the next line.
const holder =
  /(?<!\p{L})(власник|тримач|держатель|владелец|card ?holder(?: name)?)(?!\p{L})(?!\s*(?:copy|signature|verified|acknowledge|підпис|подпись|картки|карты))([ .:-]*\n?)([^\n]*)/giu;

const expiry =
  /(?<!\p{L})(діє до|дійсн[аий]{1,2} до|термін дії|строк дії|действ\p{L}* до|срок действия|exp(?:iry|ires?|\.)?(?: ?date)?|valid (?:thru|until|to)|good thru)([ .:]*)(\d{2} ?[./-]? ?\d{2,4})(?!\d)/giu;

const blank = (text: string): string => text.replace(/[\p{L}\d]/gu, '*');

/** A terminal's text without card data: as scrubText does, and without the holder's name and the expiry where they are named as such. */
export function scrubTerminalText(text: string, secrets: readonly string[]): string {
  const unnamed = text
    .replace(holder, (_, label: string, gap: string, name: string) => label + gap + blank(name))
    .replace(expiry, (_, label: string, gap: string, date: string) => label + gap + blank(date));
  return scrubText(unnamed, secrets);
}
