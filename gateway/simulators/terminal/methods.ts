import type { Merchant, Merchants } from './merchants.ts';
import { parseAmount } from './money.ts';
import type { Order, Params } from './orders.ts';
import { type StatusCode, statuses } from './status.ts';

/** What the terminal shows while it works, phase by phase; the order is settled at the end of phase `decisive`. */
export interface Life {
  phases: readonly StatusCode[];
  decisive: number;
  /** How long a phase takes: as an operation, as a look-up, or no time at all. */
  pace: 'step' | 'lookUp' | 'none';
}

const { waitingForCard, cardRead, pin, authorising, inProgress, printing } = statuses;
// 9, 1, 6, 3, 10 is what a Newland N950 was seen to go through in a purchase.
const card: Life = {
  phases: [waitingForCard, cardRead, pin, authorising, inProgress],
  decisive: 3,
  pace: 'step',
};
const host: Life = { phases: [authorising, inProgress], decisive: 0, pace: 'step' };
const report: Life = { phases: [inProgress, printing], decisive: 0, pace: 'step' };
const lookUp: Life = { phases: [inProgress], decisive: 0, pace: 'lookUp' };
const atOnce: Life = { phases: [inProgress], decisive: 0, pace: 'none' };

/** The life of a sale that is keyed in on the terminal. */
export const keypadLife = card;

/** Reads a request's parameters; the first one that is wrong is what the terminal complains of (code 1000). */
export class Reader {
  readonly #params: Params;
  readonly #merchants: Merchants;
  #fault: string | null = null;

  constructor(params: Params, merchants: Merchants) {
    this.#params = params;
    this.#merchants = merchants;
  }

  /** What is wrong, in the terminal's words; null when nothing is. */
  get fault(): string | null {
    return this.#fault;
  }

  /** Must be there, but may be empty. */
  present(name: string): void {
    if (this.#params[name] === undefined) this.#wrong(`Введіть ${name}`);
  }

  optional(name: string): string {
    return this.#params[name] ?? '';
  }

  text(name: string): string {
    const text = this.optional(name);
    if (text === '') this.#wrong(`Введіть ${name}`);
    return text;
  }

  amount(name = 'amount'): number {
    const text = this.text(name);
    const amount = parseAmount(text);
    if (amount === null) this.#wrong(`Невірний формат ${name}`);
    return amount ?? 0;
  }

  matching(name: string, pattern: RegExp): string {
    const text = this.text(name);
    if (!pattern.test(text)) this.#wrong(`Невірний формат ${name}`);
    return text;
  }

  merchant(): Merchant {
    const merchant = this.#merchants.find(this.optional('merchantId'));
    if (merchant === null) this.#wrong('Невідомий merchantId');
    return merchant ?? this.#merchants.ofService('1', '');
  }

  /** For reports, `0` and nothing mean all merchants. */
  merchantOrAll(): Merchant | null {
    const index = this.optional('merchantId');
    return index === '' || index === '0' ? null : this.merchant();
  }

  service(index: string, name: string): Merchant {
    return this.#merchants.ofService(index, name);
  }

  #wrong(fault: string): void {
    this.#fault ??= fault;
  }
}

/** One method of the protocol (ECR protocol JSON based v1.0.3.1 §5). */
export interface Method {
  life: Life;
  read(reader: Reader): Order;
}

const digits = /^\d{1,20}$/;

// §5.12 to §5.14: each plan has a fixed place among the merchants.
const plans = [
  { suffix: 'PbP', sale: 'ServicePbP', index: '6', name: 'Оплата Частинами' },
  { suffix: 'PbPperiod', sale: 'ServicePbPperiod', index: '3', name: 'Оплата Частинами в періоді' },
  { suffix: 'PbI', sale: 'ServiceInstantPbI', index: '4', name: 'Миттєва розстрочка' },
  { suffix: 'PbIAct', sale: 'ServicePbIAct', index: '7', name: 'Миттєва розстрочка. Акційна' },
  { suffix: 'PbPAct', sale: 'ServicePbPAct', index: '8', name: 'Оплата Частинами. Акційна' },
] as const;

const instalmentMethods = plans.flatMap(({ suffix, sale, index, name }): [string, Method][] => {
  const refund: Method = {
    life: host,
    read: (from) => ({
      kind: 'instalmentRefund',
      amount: from.amount(),
      agreement: from.text('agreementNum'),
      merchant: from.service(index, name),
    }),
  };
  const sell: Method = {
    life: card,
    read: (from) => ({
      kind: 'instalment',
      amount: from.amount(),
      parts: from.matching('amountOfParts', /^[1-9]\d?$/),
      merchant: from.service(index, name),
    }),
  };
  return [
    [sale, sell],
    [`ServiceRef${suffix}`, refund],
    [`ServicePartlyRef${suffix}`, refund],
  ];
});

/** What the simulated terminal can do, by the method's name. */
export const methods: ReadonlyMap<string, Method> = new Map<string, Method>([
  ['PingDevice', { life: atOnce, read: () => ({ kind: 'ping' }) }],
  ['GetTerminalInfo', { life: atOnce, read: () => ({ kind: 'info' }) }],
  [
    'Purchase',
    {
      life: card,
      read: (from) => {
        // A real N950 refuses a Purchase that leaves one of these out.
        for (const name of ['discount', 'merchantId', 'facepay']) from.present(name);
        return { kind: 'sale', amount: from.amount(), merchant: from.merchant() };
      },
    },
  ],
  [
    'Refund',
    {
      life: card,
      read: (from) => {
        from.matching('rrn', /^[A-Za-z0-9]{12,13}$/);
        return { kind: 'refund', amount: from.amount(), merchant: from.merchant() };
      },
    },
  ],
  [
    'Cashback',
    {
      life: card,
      read: (from) => ({
        kind: 'cashback',
        amount: from.amount(),
        cash: from.amount('amountCash'),
        merchant: from.merchant(),
      }),
    },
  ],
  [
    'Preauthorization',
    {
      life: card,
      read: (from) => ({ kind: 'preauthorization', amount: from.amount(), merchant: from.merchant() }),
    },
  ],
  [
    'SaleCompletion',
    {
      life: card,
      read: (from) => {
        from.amount();
        from.text('approvalCode');
        return { kind: 'completion', amount: from.amount('addamount'), merchant: from.merchant() };
      },
    },
  ],
  [
    'Withdrawal',
    {
      life: host,
      read: (from) => ({
        kind: 'withdrawal',
        amount: null,
        invoice: from.matching('invoiceNumber', digits),
      }),
    },
  ],
  [
    'WithdrawalPartly',
    {
      life: host,
      read: (from) => ({
        kind: 'withdrawal',
        amount: from.amount(),
        invoice: from.matching('invoiceNumber', digits),
      }),
    },
  ],
  ...instalmentMethods,
  [
    'GetBalance',
    {
      life: card,
      read: (from) => {
        from.merchant();
        return { kind: 'balance' };
      },
    },
  ],
  ['CheckConnection', { life: host, read: () => ({ kind: 'hostTest' }) }],
  ['Audit', { life: report, read: (from) => ({ kind: 'totals', merchant: from.merchantOrAll() }) }],
  ['Verify', { life: report, read: (from) => ({ kind: 'closeBatch', merchant: from.merchantOrAll() }) }],
  [
    'PrintBatchJournal',
    { life: lookUp, read: (from) => ({ kind: 'journal', merchant: from.merchantOrAll() }) },
  ],
  [
    'GetReceiptInfo',
    { life: lookUp, read: (from) => ({ kind: 'receiptInfo', invoice: from.optional('invoiceNumber') }) },
  ],
  [
    'PrintReceiptNum',
    { life: lookUp, read: (from) => ({ kind: 'receiptCopy', invoice: from.optional('invoiceNumber') }) },
  ],
]);
