/** Which method carries an operation, and with which parameters (ECR protocol JSON based v1.0.3.1 §5). */
import type { CommandOf, OperationType } from '../../contract/command.ts';
import type { TerminalRequest } from '../../payments/terminal-port.ts';
import { writeAmount } from './amounts.ts';

/** One call of the terminal. */
export interface Call {
  method: string;
  params: Readonly<Record<string, string>>;
}

/** What the terminal calls a receipt that has no number here: the last one. */
export const lastInvoice = '0';

type Plan = CommandOf<'instalment'>['plan'];

// §5.12 to §5.14 and their kin: each plan is a service with its own three methods.
const planMethods: Readonly<Record<Plan, { sale: string; refund: string; partialRefund: string }>> = {
  parts: { sale: 'ServicePbP', refund: 'ServiceRefPbP', partialRefund: 'ServicePartlyRefPbP' },
  partsPeriod: {
    sale: 'ServicePbPperiod',
    refund: 'ServiceRefPbPperiod',
    partialRefund: 'ServicePartlyRefPbPperiod',
  },
  partsAction: { sale: 'ServicePbPAct', refund: 'ServiceRefPbPAct', partialRefund: 'ServicePartlyRefPbPAct' },
  instant: { sale: 'ServiceInstantPbI', refund: 'ServiceRefPbI', partialRefund: 'ServicePartlyRefPbI' },
  instantAction: {
    sale: 'ServicePbIAct',
    refund: 'ServiceRefPbIAct',
    partialRefund: 'ServicePartlyRefPbIAct',
  },
};
const plans = Object.values(planMethods);

/** The methods that can carry an operation of each type. */
export const methodsOfType = {
  payment: ['Purchase'],
  refund: ['Refund'],
  reversal: ['Withdrawal', 'WithdrawalPartly'],
  cashback: ['Cashback'],
  preauthorization: ['Preauthorization'],
  completion: ['SaleCompletion'],
  instalment: plans.map(({ sale }) => sale),
  instalmentRefund: plans.flatMap(({ refund, partialRefund }) => [refund, partialRefund]),
  reconciliation: ['Verify'],
  totals: ['Audit'],
  receipt: ['GetReceiptInfo', 'PrintReceiptNum'],
  balance: ['GetBalance'],
} as const satisfies Partial<Record<OperationType, readonly string[]>>;

/** The operations that a terminal of this protocol can carry out. */
export const carriedTypes = Object.keys(methodsOfType) as (keyof typeof methodsOfType)[];

/** The type of the operation that a method carries; null for the protocol's own methods. */
export const typeOfMethod = (method: string): TerminalRequest['type'] | null =>
  carriedTypes.find((type) => (methodsOfType[type] as readonly string[]).includes(method)) ?? null;

/**
 * The calls that carry a request: the first one, and those to fall back on when the firmware does not have it.
 * Parameters without a meaning here are sent empty all the same: a Newland N950 refuses a Purchase without them
 * with code 1000.
 */
export function callsFor(request: TerminalRequest): readonly [Call, ...Call[]] {
  switch (request.type) {
    case 'payment':
      return one('Purchase', {
        amount: writeAmount(request.amount),
        discount: '',
        merchantId: request.merchant,
        facepay: 'false',
        subMerchant: '',
      });
    case 'refund':
      return one('Refund', {
        amount: writeAmount(request.amount),
        discount: '',
        merchantId: request.merchant,
        rrn: request.rrn,
        subMerchant: '',
      });
    case 'reversal':
      return request.amount === null || request.amount === request.originalAmount
        ? one('Withdrawal', { invoiceNumber: request.invoice })
        : one('WithdrawalPartly', {
            amount: writeAmount(request.amount),
            invoiceNumber: request.invoice,
          });
    case 'cashback':
      return one('Cashback', {
        amount: writeAmount(request.amount),
        amountCash: writeAmount(request.cash),
        merchantId: request.merchant,
        subMerchant: '',
      });
    case 'preauthorization':
      return one('Preauthorization', { amount: writeAmount(request.amount), merchantId: request.merchant });
    case 'completion':
      return one('SaleCompletion', {
        amount: writeAmount(request.amount),
        addamount: writeAmount(request.finalAmount),
        approvalCode: request.authCode,
        rrn: request.rrn,
      });
    case 'instalment':
      // The service brings its own merchant (§5.12).
      return one(planMethods[request.plan].sale, {
        amount: writeAmount(request.amount),
        amountOfParts: String(request.parts),
        subMerchant: '',
      });
    case 'instalmentRefund': {
      const { refund, partialRefund } = planMethods[request.plan];
      return one(request.partial ? partialRefund : refund, {
        amount: writeAmount(request.amount),
        agreementNum: request.agreement,
      });
    }
    case 'reconciliation':
      return one('Verify', { merchantId: request.merchant });
    case 'totals':
      return one('Audit', { merchantId: request.merchant });
    case 'balance':
      return one('GetBalance', { merchantId: request.merchant });
    case 'receipt': {
      const invoiceNumber = request.invoice ?? lastInvoice;
      if (request.print) return one('PrintReceiptNum', { invoiceNumber, prnFlag: '1' });
      return [
        { method: 'GetReceiptInfo', params: { invoiceNumber } },
        // prnFlag 0: the text only, nothing comes out of the terminal's printer (§5.20).
        { method: 'PrintReceiptNum', params: { invoiceNumber, prnFlag: '0' } },
      ];
    }
  }
}

const one = (method: string, params: Readonly<Record<string, string>>): readonly [Call] => [
  { method, params },
];

/** Whether a customer stands at the terminal for this: it shows steps, and can be interrupted. */
export const isAtTheCard = (type: TerminalRequest['type']): boolean =>
  type !== 'reconciliation' && type !== 'totals' && type !== 'receipt';

/** How long an answer is waited for; the protocol fixes no limit. A host may take minutes over a settlement. */
export const answerMaxMs = (type: TerminalRequest['type']): number =>
  type === 'totals' || type === 'receipt' ? 30_000 : 300_000;
