/** Codes that people type: 10 characters of Crockford's base32, which are 50 bits, and one that checks them. */

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const length = 10;
const bytesNeeded = 7;

/**
 * Luhn's algorithm over 32 symbols: finds every single wrong character and nearly every swap of two neighbours, so
 * that a slip of the finger is told from a wrong code and does not count as a try.
 */
function checkOf(characters: string): string {
  let sum = 0;
  for (let position = 0; position < characters.length; position += 1) {
    const value = alphabet.indexOf(characters[characters.length - 1 - position] ?? '');
    const weighed = position % 2 === 0 ? value * 2 : value;
    sum += Math.floor(weighed / alphabet.length) + (weighed % alphabet.length);
  }
  return alphabet[(alphabet.length - (sum % alphabet.length)) % alphabet.length] ?? '';
}

/** A new code in its plain form: 11 characters. */
export function newCode(random: (length: number) => Uint8Array): string {
  let bits = 0n;
  for (const byte of random(bytesNeeded)) bits = (bits << 8n) | BigInt(byte);
  const characters = Array.from(
    { length },
    (_, position) => alphabet[Number((bits >> BigInt(5 * position)) & 31n)],
  );
  const text = characters.join('');
  return text + checkOf(text);
}

/** As people read and type it: `XXXX-XXX-XXXX`. */
export const shownCode = (code: string): string => `${code.slice(0, 4)}-${code.slice(4, 7)}-${code.slice(7)}`;

/**
 * What a person typed, in its plain form: any case, blanks and hyphens anywhere, I and L for 1, O for 0. Null when it
 * cannot be a code, such as after a slip of the finger.
 */
export function readCode(typed: string): string | null {
  const code = typed.toUpperCase().replace(/[\s-]/g, '').replace(/[IL]/g, '1').replace(/O/g, '0');
  if (code.length !== length + 1 || [...code].some((character) => !alphabet.includes(character))) return null;
  return checkOf(code.slice(0, length)) === code[length] ? code : null;
}

/** A name such as `CU-7K3M9QXA2BCD`: a prefix and 60 unpredictable bits. */
export function newId(prefix: string, random: (length: number) => Uint8Array): string {
  const bytes = random(12);
  return `${prefix}-${Array.from(bytes, (byte) => alphabet[byte & 31]).join('')}`;
}
