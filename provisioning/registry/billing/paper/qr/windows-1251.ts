const decoder = new TextDecoder('windows-1251');

// The rules allow the characters 32 to 255 of Windows-1251 but for 127, 152 and 160 (Annex 1, I.4).
const codes = new Map<string, number>();
for (let code = 32; code <= 255; code += 1)
  if (code !== 127 && code !== 152 && code !== 160) codes.set(decoder.decode(Uint8Array.of(code)), code);

// What stands in names and is not in Windows-1251, though the same is, or as good as.
const alike: Readonly<Record<string, string>> = {
  ʼ: '’',
  '\u00a0': ' ',
  '\u202f': ' ',
  '\u2009': ' ',
  '\u2010': '-',
  '\u2011': '-',
  '\u2212': '-',
  '\u2033': '"',
};

/** Text with blanks and signs that have no code in Windows-1251 replaced by their like; no blanks at its ends. */
export const withLikes = (text: string): string =>
  [...text.normalize('NFC')]
    .map((sign) => alike[sign] ?? sign)
    .join('')
    .replace(/ +/g, ' ')
    .trim();

/** The first character that a payment QR code may not hold, in either encoding; undefined: there is none. */
export const forbiddenIn = (text: string): string | undefined => [...text].find((sign) => !codes.has(sign));

/** Bytes of text without {@link forbiddenIn} characters; line feeds are kept. */
export const toWindows1251 = (text: string): Uint8Array =>
  Uint8Array.from([...text], (sign) => codes.get(sign) ?? 10);

/** Text of bytes, whatever they are. */
export const fromWindows1251 = (bytes: Uint8Array): string => decoder.decode(bytes);
