import { minorUnits } from '../money.ts';
import { linkStarts, longest, longestQrData, type PaymentQr, type QrFormat } from './fields.ts';
import { isUkrainianIban } from './iban.ts';
import { forbiddenIn, fromWindows1251 } from './windows-1251.ts';

const lineCounts: Readonly<Record<QrFormat, number>> = { '002': 13, '003': 17 };

/**
 * Reads back what a scanner made of a payment QR code, by the same rules as it is written: nothing is mended.
 * Throws a RangeError that says which field is wrong.
 */
export function readPaymentLink(link: string): PaymentQr {
  const start = Object.values(linkStarts).find((one) => link.startsWith(one));
  const data = start === undefined ? '' : link.slice(start.length);
  demand(/^[A-Za-z0-9_-]+$/.test(data) && data.length <= longestQrData, 'the link', link.slice(0, 60));
  const bytes = Buffer.from(data, 'base64url');
  demand(bytes.toString('base64url') === data, 'the link', 'bits to spare');
  const encoding = encodingOf(bytes);
  const text = encoding === 'utf-8' ? strictUtf8(bytes) : fromWindows1251(bytes);
  // 002 may have its lines end with CR LF, throughout (III.7).
  const lines = text.split(text.startsWith('BCD\r\n002\r\n') ? '\r\n' : '\n');
  const format = lines[1] ?? '';
  demand(lines[0] === 'BCD', 'field 1', lines[0]);
  demand(format === '002' || format === '003', 'field 2', format);
  // Many writers of 002 end the last line, too.
  if (format === '002' && lines.length === 14 && lines.at(-1) === '') lines.pop();
  demand(lines.length === lineCounts[format], 'the number of fields', String(lines.length));
  return fieldsOf(format, encoding, lines);
}

function fieldsOf(format: QrFormat, encoding: PaymentQr['encoding'], lines: readonly string[]): PaymentQr {
  const field = (number: number, allowed: RegExp): string => {
    const found = lines[number - 1] ?? '';
    demand(allowed.test(found) && forbiddenIn(found) === undefined, `field ${number}`, found);
    return found;
  };
  const orNull = (number: number, allowed: RegExp): string | null => field(number, allowed) || null;
  const is003 = format === '003';
  field(5, /^$/);
  if (is003) field(17, /^(RFU)?$/);
  const iban = field(7, /^.*$/);
  demand(isUkrainianIban(iban), 'field 7', iban);
  return {
    format,
    encoding,
    function: field(4, is003 ? /^(UCT|ICT|XCT)$/ : /^UCT$/) as PaymentQr['function'],
    recipient: field(6, new RegExp(`^.{1,${longest.recipient}}$`, 'u')),
    iban,
    amount: amountOf(field(8, /^(UAH(0|[1-9]\d{0,8})(\.\d{2})?)?$/)),
    recipientCode: field(9, /^.{1,10}$/),
    category: is003 ? field(10, /^[A-Z0-9]{4}\/[A-Z0-9]{4}$/) : orNull(10, /^$/),
    reference: orNull(11, is003 ? /^[ -~]{0,35}$/ : /^$/),
    purpose: field(12, new RegExp(`^.{1,${longest.purpose}}$`, 'u')),
    display: orNull(13, is003 ? new RegExp(`^.{0,${longest.display}}$`, 'u') : /^$/),
    lock: is003 ? orNull(14, /^([0-9A-F]{1,4})?$/) : null,
    validUntil: is003 ? orNull(15, /^(\d{12})?$/) : null,
    createdAt: is003 ? orNull(16, /^(\d{12})?$/) : null,
  };
}

/** Field 3; those before it are ASCII in either encoding. */
function encodingOf(bytes: Buffer): PaymentQr['encoding'] {
  const code = bytes.toString('latin1').split(/\r?\n/, 3)[2];
  demand(code === '1' || code === '2', 'field 3', code);
  return code === '1' ? 'utf-8' : 'windows-1251';
}

function strictUtf8(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new RangeError('payment QR code: not UTF-8, though field 3 says so', { cause });
  }
}

function amountOf(text: string): number | null {
  const [whole = '', decimals = ''] = text.slice(3).split('.');
  return text === '' ? null : minorUnits(whole, decimals, 2, 'exact');
}

function demand(isRight: boolean, what: string, found: string | undefined): asserts isRight {
  if (!isRight) throw new RangeError(`payment QR code: ${what}: found ${JSON.stringify(found ?? 'nothing')}`);
}
