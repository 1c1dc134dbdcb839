/** The files that make a desktop open pay links at a box: a small script, and what tells the desktop of it. */
import { linkSchemes } from '../../desk/links/pay-link.ts';
import { SwipeError } from '../../seams/error.ts';

/** The schemes that end at the box's own page. */
export const handledSchemes = linkSchemes.filter((scheme) => scheme !== 'print-api');

/** The origin of a box's desk out of what a person typed. @throws SwipeError `usage` */
export function boxOrigin(text: string | undefined): string {
  const allowed = 'allowed: --box http://ADDRESS:PORT, as the box itself names it: swipe status';
  if (text === undefined || !URL.canParse(text))
    throw new SwipeError('usage', `the box is needed; ${allowed}`);
  const { origin, protocol, pathname, search, hash, username } = new URL(text);
  // It stands in a shell script: nothing but what an origin is made of.
  if (!/^https?:$/.test(protocol) || !/^https?:\/\/[A-Za-z0-9.:[\]-]+$/.test(origin))
    throw new SwipeError('usage', `found "${text}"; ${allowed}`);
  if (pathname !== '/' || search !== '' || hash !== '' || username !== '')
    throw new SwipeError('usage', `found "${text}", which is more than an address; ${allowed}`);
  return origin;
}

/**
 * The script that the desktop calls with a link as its one word: the link's own parameters, at the box's page. The word is
 * never read as shell.
 */
export const handlerScript = (origin: string): string => `#!/bin/sh
# Opens a pay link at the box. Made by swipe desk install-handler.
case "$1" in
  ${handledSchemes.map((scheme) => `${scheme}://payNow\\?*|${scheme}://paynow\\?*|${scheme}://paynow/\\?*`).join('|')}) ;;
  *) echo "this is no pay link" >&2; exit 1 ;;
esac
exec xdg-open "${origin}/payNow?\${1#*\\?}"
`;

/** The desktop entry (freedesktop.org Desktop Entry Specification 1.5). @param script its absolute path */
export const desktopEntry = (script: string): string => `[Desktop Entry]
Type=Application
Name=Swipe pay links
Name[uk]=Платіжні посилання Swipe
Comment=Opens pay links at the box
NoDisplay=true
Terminal=false
Exec=${quoted(script)} %u
MimeType=${handledSchemes.map((scheme) => `x-scheme-handler/${scheme};`).join('')}
`;

/**
 * A word of Exec: quoted where it must be, its own escapes escaped once more as every string of the file, and no field code.
 * Not else: xdg-open takes quotes for a part of the name where no desktop does it for it.
 */
function quoted(word: string): string {
  const plain = word.replace(/%/g, '%%');
  if (/^[A-Za-z0-9_./%+@:,=-]+$/.test(word)) return plain;
  return `"${plain.replace(/[\\"`$]/g, '\\$&').replace(/\\/g, '\\\\')}"`;
}
