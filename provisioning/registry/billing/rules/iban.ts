const form = /^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$/;

/** Whether a text is an IBAN without blanks whose check digits are right (ISO 13616, ISO 7064 MOD 97-10). Ukraine's have 29 characters. */
export function isIban(text: string): boolean {
  if (!form.test(text) || (text.startsWith('UA') && text.length !== 29)) return false;
  const digits = [...text.slice(4), ...text.slice(0, 4)].map((character) => Number.parseInt(character, 36));
  return BigInt(digits.join('')) % 97n === 1n;
}
