/**
 * What may leave the terminal of a card: first 6 and last 4 digits, nothing else.
 * Used for every text that comes from outside before it is kept, logged or told (invariant 7).
 */

/** Luhn's check (ISO/IEC 7812-1, annex B) over a string of digits. */
export function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let position = 0; position < digits.length; position += 1) {
    let digit = digits.charCodeAt(digits.length - 1 - position) - 48;
    if (position % 2 === 1) {
      digit *= 2;
      if (digit > 9) digit -= 9;
    }
    sum += digit;
  }
  return sum % 10 === 0;
}

const maskDigits = (digits: string): string =>
  digits.slice(0, 6) + '*'.repeat(digits.length - 10) + digits.slice(-4);

/**
 * A terminal's PAN field in one form: `473117******9838`. Whatever masking the terminal used (`X`, `*`), at most
 * the first 6 and last 4 digits remain. Null when there is nothing of a card number in it.
 */
export function maskPan(field: string): string | null {
  // A track begins with its sentinel; what follows a separator is the rest of it: expiry and more.
  const [number = ''] = field.replace(/^\s*(?:%?B|;)/i, '').split(/[=^]|(?<=\d{12})D/i, 1);
  const marks = number.replace(/[\s-]/g, '').replace(/[^0-9]/g, '*');
  if (!/\d/.test(marks) || marks.length > 19) return null;
  if (marks.length <= 10) return `******${marks.slice(-4)}`;
  const middle = '*'.repeat(marks.length - 10);
  return marks.slice(0, 6) + middle + marks.slice(-4);
}

// A digit, then 12 to 18 more, each at most one blank or hyphen apart. Longer runs are tried window by window.
const panRun = /\d(?:[ -]?\d){12,}/g;

function maskRun(run: string): string {
  const digits = run.replace(/[ -]/g, '');
  const masked = digits.split('');
  let found = false;
  for (let length = Math.min(19, digits.length); length >= 13; length -= 1) {
    for (let start = 0; start + length <= digits.length; start += 1) {
      const window = digits.slice(start, start + length);
      if (!passesLuhn(window)) continue;
      found = true;
      for (let at = start + 6; at < start + length - 4; at += 1) masked[at] = '*';
    }
  }
  if (!found) return run;
  if (digits.length > 19) return run.replace(/\d/g, '*');
  let next = 0;
  return run.replace(/\d/g, () => masked[next++] ?? '*');
}

// ISO/IEC 7813: track 1 `%B…^NAME^…?`, track 2 `;PAN=YYMM…?`; also without their sentinels.
// The number may be masked already, and other digits may stand before it.
const tracks = /%?B[\dX*]{8,}\^[^^\n]{0,40}\^[^\n?]*\??|;?(?<!\d)\d{12,}[=D]\d{4,}[^\s?]*\??/gi;

/** The longest name that is looked for. A card's has at most 45 characters (EMV book 3, tag 9F0B). */
const nameMaxLength = 80;

/**
 * Blanks card data in free text (receipts, the terminal's error texts): magnetic tracks, card numbers that pass
 * Luhn, and each of the given secrets (the holder's name), in any case and with its parts in either order.
 */
export function scrubText(text: string, secrets: readonly string[] = []): string {
  let clean = text.replace(tracks, '[removed]').replace(panRun, maskRun);
  for (const secret of secrets)
    for (const form of writtenForms(secret.slice(0, nameMaxLength))) clean = blank(clean, form);
  return clean;
}

function writtenForms(name: string): string[] {
  const whole = name.trim().replace(/\s+/g, ' ');
  const parts = whole.split(/[ /,]+/);
  // SURNAME/GIVEN NAMES as on a track; where nothing tells them apart, either end may be the surname.
  const turned = whole
    .split(/[/,]+/)
    .map((part) => part.trim())
    .reverse();
  const orders = [
    whole,
    turned.join(' '),
    [...parts.slice(1), parts[0]].join(' '),
    [parts.at(-1), ...parts.slice(0, -1)].join(' '),
  ];
  return [...orders, ...parts].filter((form) => form.length >= 3);
}

function blank(text: string, form: string): string {
  const pattern = form.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/[ /,]+/g, '[ /,]+');
  // Only as a word of its own: a name such as "Mar" must not eat the middle of "Smartphone".
  return text.replace(new RegExp(`(?<![\\p{L}\\d])${pattern}(?![\\p{L}\\d])`, 'giu'), (hit) =>
    '*'.repeat(hit.length),
  );
}

/** At most `limit` characters of `text` on one line, scrubbed: for logs and for a result's reason. */
export function shortText(text: string, limit = 200): string {
  const line = scrubText(text).replace(/\s+/g, ' ').trim();
  return line.length <= limit ? line : `${line.slice(0, limit - 1)}…`;
}

/** The masked form of bare digits, for the simulated terminal's own receipts. */
export const maskFullPan = (digits: string): string => maskDigits(digits);
