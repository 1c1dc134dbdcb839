import type { Reaction } from './driver-bench.ts';

/** A PAN that passes Luhn, made here: no card number stands in a file. */
export function makePan(bin = '473117', account = '000000983'): string {
  const digits = bin + account;
  const sum = [...digits].reverse().reduce((total, one, place) => {
    const value = Number(one) * (place % 2 === 0 ? 2 : 1);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return digits + String((10 - (sum % 10)) % 10);
}

/** An approving answer's params, as a real terminal fills them. */
export const approved = (more: Record<string, string> = {}): Record<string, string> => ({
  amount: '100.50',
  approvalCode: '483920',
  cardExpiryDate: '2709',
  cardHolderName: 'SHEVCHENKO/TARAS',
  date: '21.11.2026',
  time: '10:00:20',
  discount: '0.00',
  invoiceNumber: '1923984011',
  issuerName: 'Visa Credit',
  merchant: 'S1260S6Y',
  pan: '473117XXXXXX9838',
  paymentSystem: 'VISA',
  posEntryMode: '071',
  receipt: 'SALE\n100.50 UAH\nAPPROVED',
  responseCode: '0000',
  rrn: '083998389823',
  signVerif: '0',
  terminalId: 'TSTSALE2',
  track1: '',
  txnType: '1',
  trnStatus: '1',
  ...more,
});

/** A receipt's answer to GetReceiptInfo. */
export const receiptOf = (invoiceNumber: string, more: Record<string, string> = {}): Record<string, string> =>
  approved({ invoiceNumber, rrn: `0839983${invoiceNumber.padStart(5, '0').slice(-5)}`, ...more });

/** Answers GetReceiptInfo from a list, the last one standing for number 0; none for what is not listed. */
export const batch =
  (receipts: () => readonly Record<string, string>[]) =>
  (params: Record<string, string>): Reaction => {
    const all = receipts();
    const found =
      params.invoiceNumber === '0'
        ? all.at(-1)
        : all.find(({ invoiceNumber }) => invoiceNumber === params.invoiceNumber);
    return found ?? { params: { responseCode: '1000' }, error: true, errorDescription: 'not found' };
  };
