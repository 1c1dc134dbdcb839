import type { Random } from '../../seams/random.ts';
import { randomDigits } from './cards.ts';
import type { MovementKind } from './ledger.ts';
import { formatAmount } from './money.ts';
import type { MoneyOrder, Verdict } from './orders.ts';
import { type Receipt, txnTypes } from './receipt.ts';

/** How an approved order is written down. */
export interface Booking {
  code: string;
  title: string;
  txnType: Receipt['txnType'];
  /** Minor units, on the receipt. */
  amount: number;
  moves: readonly { kind: MovementKind; amount: number }[];
  notes: readonly string[];
  /** Fields that this method adds to the financial answer, and those that it leaves out. */
  extra: Readonly<Record<string, string>>;
  leftOut: readonly string[];
}

const plain = { code: '0000', notes: [], extra: {}, leftOut: [] } as const;

/** The booking of an order that the host approved, in whole or in part. */
export function bookingOf(
  order: Exclude<MoneyOrder, { kind: 'withdrawal' }>,
  verdict: Verdict,
  random: Random,
): Booking {
  const { amount } = order;
  switch (order.kind) {
    case 'sale':
      return sale(amount, verdict);
    case 'cashback':
      return cashback(amount, order.cash, verdict.kind !== 'partial');
    case 'refund':
      return {
        ...plain,
        title: 'ПОВЕРНЕННЯ',
        txnType: txnTypes.refund,
        amount,
        moves: [{ kind: 'refund', amount }],
      };
    case 'preauthorization': {
      const moves = [{ kind: order.kind, amount }];
      return { ...plain, title: 'ПРЕАВТОРИЗАЦІЯ', txnType: txnTypes.undefined, amount, moves };
    }
    case 'completion': {
      const moves = [{ kind: order.kind, amount }];
      return { ...plain, title: 'ЗАВЕРШЕННЯ РОЗРАХУНКУ', txnType: txnTypes.purchase, amount, moves };
    }
    case 'instalment':
      return instalment(order.merchant.name, amount, order.parts, randomDigits(random, 8));
    case 'instalmentRefund':
      return {
        ...plain,
        title: `ПОВЕРНЕННЯ ${order.merchant.name}`,
        txnType: txnTypes.refund,
        amount,
        moves: [{ kind: order.kind, amount }],
        notes: [`ДОГОВІР ${order.agreement}`],
        extra: { agreementNum: order.agreement },
      };
  }
}

/** §5.28: a partial approval comes with code 0010 and the amount that was approved. */
function sale(asked: number, verdict: Verdict): Booking {
  const isPartial = verdict.kind === 'partial';
  const amount = isPartial ? Math.min(verdict.amount ?? Math.ceil(asked / 2), asked) : asked;
  return {
    ...plain,
    code: isPartial ? '0010' : '0000',
    title: 'ОПЛАТА',
    txnType: txnTypes.purchase,
    amount,
    moves: [{ kind: 'sale', amount }],
  };
}

/** §5.16: code 0010 when the sale passed but the cash did not. */
function cashback(amount: number, cash: number, withCash: boolean): Booking {
  const amountCash = formatAmount(withCash ? cash : 0);
  return {
    code: withCash ? '0000' : '0010',
    title: 'ОПЛАТА З ВИДАЧЕЮ ГОТІВКИ',
    txnType: txnTypes.purchase,
    amount,
    moves: [{ kind: 'sale', amount }, ...(withCash ? [{ kind: 'cash' as const, amount: cash }] : [])],
    notes: [`ГОТІВКА ${amountCash} ГРН`],
    extra: { amountCash, result: 'true', resultCashback: String(withCash) },
    leftOut: ['signVerif', 'txnType', 'trnStatus'],
  };
}

/** §5.12: the agreement's number stands in the host's text and on the receipt. */
function instalment(plan: string, amount: number, parts: string, agreement: string): Booking {
  return {
    ...plain,
    title: plan,
    txnType: txnTypes.instalment,
    amount,
    moves: [{ kind: 'instalment', amount }],
    notes: [`ДОГОВІР ${agreement}`, `ЧАСТИН ${parts}`],
    extra: { amountOfParts: parts, hstFld63Sf89: `Договір ${agreement}. Кількість частин: ${parts}` },
  };
}
