/**
 * The two code pages in which Ukrainian is whole, and what stands in for a character that they lack. cp866 is none of
 * them: it has neither ґ nor і.
 */
import type { PrinterEncoding } from '../contract/printer-config.ts';

/** The upper halves, from 0x80 on; a blank where a page has nothing that is printed. */
const upperHalves: Readonly<Record<PrinterEncoding, string>> = {
  // Windows code page 1251 (unicode.org/Public/MAPPINGS/VENDORS/MICSFT/WINDOWS/CP1251.TXT).
  cp1251:
    'ЂЃ‚ѓ„…†‡€‰Љ‹ЊЌЋЏђ‘’“”•–— ™љ›њќћџ ЎўЈ¤Ґ¦§Ё©Є«¬ ®Ї°±Ііґµ¶·ё№є»јЅѕї' +
    'АБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯабвгдежзийклмнопрстуфхцчшщъыьэюя',
  // IBM code page 1125, RST 2018-91: cp866 with the Ukrainian letters at 0xF2 to 0xF9.
  cp1125:
    'АБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯабвгдежзийклмноп' +
    '░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀рстуфхцчшщъыьэюяЁёҐґЄєІіЇї·√№¤■ ',
};

/** Written instead, where the page lacks the character itself. */
const standIns: Readonly<Record<string, string>> = {
  // The Ukrainian apostrophe is typed in many ways.
  '’': "'",
  ʼ: "'",
  '‘': "'",
  '`': "'",
  '´': "'",
  '“': '"',
  '”': '"',
  '„': '"',
  '«': '"',
  '»': '"',
  '–': '-',
  '—': '-',
  '−': '-',
  '‐': '-',
  '‑': '-',
  '…': '...',
  '•': '*',
  '·': '*',
  '№': 'N',
  '₴': 'грн',
  '€': 'EUR',
  '£': 'GBP',
  '×': 'x',
  '÷': ':',
  '°': 'o',
  '©': '(c)',
  '®': '(R)',
  '™': '(TM)',
  '§': 'п.',
  '±': '+/-',
  '½': '1/2',
  '¼': '1/4',
  '¾': '3/4',
  '²': '2',
  '³': '3',
};

const unprintable = '?';

const bytesOf = (encoding: PrinterEncoding): ReadonlyMap<string, number> => {
  const bytes = new Map<string, number>();
  for (let code = 0x20; code < 0x7f; code += 1) bytes.set(String.fromCharCode(code), code);
  for (const [at, character] of [...upperHalves[encoding]].entries())
    if (character !== ' ') bytes.set(character, 0x80 + at);
  return bytes;
};

const tables: Readonly<Record<PrinterEncoding, ReadonlyMap<string, number>>> = {
  cp1251: bytesOf('cp1251'),
  cp1125: bytesOf('cp1125'),
};

/** What stands at each byte from 0x80 on, for whoever reads a printer's bytes. */
export const upperHalf = (encoding: PrinterEncoding): readonly string[] => [...upperHalves[encoding]];

/**
 * The text in characters of this page alone, so that its length is the number of columns that it takes: a blank of any
 * kind is a blank, an accent that the page lacks is left out, what nothing stands in for is a question mark.
 */
export function fitText(text: string, encoding: PrinterEncoding): string {
  const table = tables[encoding];
  let fitted = '';
  for (const character of text.normalize('NFC')) fitted += fitOne(character, table);
  return fitted;
}

function fitOne(character: string, table: ReadonlyMap<string, number>): string {
  if (table.has(character)) return character;
  const standIn = standIns[character];
  if (standIn !== undefined) return standIn;
  if (/^\p{Zs}$/u.test(character)) return ' ';
  // Soft hyphens, joiners, marks of direction, variation selectors: nothing of them is seen on paper.
  if (/^[\p{Cf}\p{M}\p{Cc}]$/u.test(character)) return '';
  const plain = [...character.normalize('NFKD')].filter((one) => table.has(one)).join('');
  return plain === '' ? unprintable : plain;
}

/** The bytes of a text. What is not of this page becomes a question mark; see {@link fitText}. */
export function encodeText(text: string, encoding: PrinterEncoding): Uint8Array {
  const table = tables[encoding];
  return Uint8Array.from([...text].map((character) => table.get(character) ?? unprintable.charCodeAt(0)));
}
