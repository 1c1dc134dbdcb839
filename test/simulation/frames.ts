/** What the box writes to its terminal, read without the gateway's own code. */

/** Methods that move money or, as Verify, close what does (ECR protocol JSON based v1.0.3.1 §5). */
const moneyMethods: Readonly<Record<string, string>> = {
  Purchase: 'payment',
  Refund: 'refund',
  Withdrawal: 'reversal',
  WithdrawalPartly: 'reversal',
  Cashback: 'cashback',
  Preauthorization: 'preauthorization',
  SaleCompletion: 'completion',
  ServicePbP: 'instalment',
  ServiceRefPbP: 'instalmentRefund',
  ServicePartlyRefPbP: 'instalmentRefund',
  Verify: 'reconciliation',
};

/** Methods that only ask. */
export const askingMethods: ReadonlySet<string> = new Set([
  'PingDevice',
  'GetTerminalInfo',
  'GetReceiptInfo',
  'PrintReceiptNum',
  'Audit',
  'GetBalance',
]);

/** Service messages that change nothing but `interrupt`, which stops what runs (§6). */
export const serviceTypes: ReadonlySet<string> = new Set([
  'interrupt',
  'identify',
  'getMerchantList',
  'getLastStatMsgCode',
]);

/** A request as it stands on the wire. */
export interface Frame {
  method: string;
  params: Readonly<Record<string, string>>;
}

const methodPattern = /"method"\s*:\s*"(\w+)"/;

/** The method of what was written, if it moves money. */
export function moneyMethodOf(bytes: Uint8Array): string | null {
  const method = methodPattern.exec(Buffer.from(bytes).toString('latin1'))?.[1] ?? '';
  return Object.hasOwn(moneyMethods, method) ? method : null;
}

/** The type of operation that a money method carries. */
export const typeOfMoney = (method: string): string => moneyMethods[method] ?? '';

/** Reads one write of the box; null when it is no JSON. */
export function readFrame(bytes: Uint8Array): Frame | null {
  const text = Buffer.from(bytes).toString('utf8').replaceAll('\0', '');
  if (text === '') return { method: '', params: {} };
  try {
    const { method, params = {} } = JSON.parse(text) as Partial<Frame>;
    return { method: method ?? '', params };
  } catch {
    return null;
  }
}
