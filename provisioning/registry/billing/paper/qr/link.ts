import { decimalText } from '../money.ts';
import { linkStarts, type PaymentQr } from './fields.ts';
import { forbiddenIn, toWindows1251 } from './windows-1251.ts';

/**
 * The link of a payment QR code: where it begins, and the fields in base64url without padding (RFC 4648 §5), each in a
 * line of its own, parted by LF (Annex 3: 13 of them, Annex 4: 17). Throws a RangeError for a character that no field may hold; lengths are not looked at.
 */
export function paymentLink(payment: PaymentQr): string {
  const lines = linesOf(payment);
  // A line break in a field would move all that follows into the next one.
  const wrong = lines.findIndex((line) => forbiddenIn(line) !== undefined);
  if (wrong >= 0)
    throw new RangeError(`payment QR code: field ${wrong + 1}: found ${JSON.stringify(lines[wrong])}`);
  const text = lines.join('\n');
  const bytes = payment.encoding === 'utf-8' ? Buffer.from(text) : Buffer.from(toWindows1251(text));
  return `${linkStarts[payment.format]}${bytes.toString('base64url')}`;
}

function linesOf(payment: PaymentQr): string[] {
  const start = [
    'BCD',
    payment.format,
    payment.encoding === 'utf-8' ? '1' : '2',
    payment.function,
    '', // reserved
    payment.recipient,
    payment.iban,
    payment.amount === null ? '' : `UAH${shortAmount(payment.amount)}`,
    payment.recipientCode,
  ];
  if (payment.format === '002') return [...start, '', '', payment.purpose, ''];
  return [
    ...start,
    payment.category ?? '',
    payment.reference ?? '',
    payment.purpose,
    payment.display ?? '',
    payment.lock ?? '',
    payment.validUntil ?? '',
    payment.createdAt ?? '',
    '', // the signature, reserved
  ];
}

/** Both decimals or none (II.4.8): `3`, `3.50`. */
const shortAmount = (kopiykas: number): string => decimalText(kopiykas, 'UAH').replace(/\.00$/, '');
