import * as v from 'valibot';
import {
  agreement,
  amount,
  authCode,
  boxId,
  callback,
  currency,
  flag,
  integer,
  invoice,
  merchant,
  oneOf,
  operationId,
  order,
  rrn,
  timestamp,
} from './primitives.ts';
import { printDocumentSchema } from './print-document.ts';

/** Claims of RFC 7519 §4.1. 1C's helpers add them; they mean nothing here and are no part of the content. */
export const ignoredClaims = ['iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti'] as const;

const claims = Object.fromEntries(ignoredClaims.map((name) => [name, v.optional(v.unknown())])) as Record<
  (typeof ignoredClaims)[number],
  v.OptionalSchema<v.UnknownSchema, undefined>
>;

const envelope = {
  ...claims,
  id: operationId,
  box: boxId,
  issuedAt: timestamp,
  expiresAt: timestamp,
  order: v.optional(order),
  callback: v.optional(callback),
};

const atMerchant = { ...envelope, merchant: v.optional(merchant) };
/** The currency may be left out where the operation's table in the contract does not list it. */
const inCurrency = { ...atMerchant, currency: v.optional(currency) };

/** What brings the shop new money may bring its receipt with it: printed once the bank has approved. */
const withDocument = { document: v.optional(printDocumentSchema) };

/** The bank's instalment services: Оплата частями (parts…), Мгновенная рассрочка (instant…). */
export const instalmentPlans = ['parts', 'partsPeriod', 'partsAction', 'instant', 'instantAction'] as const;

const payment = v.strictObject({
  ...atMerchant,
  ...withDocument,
  type: v.literal('payment'),
  amount,
  currency,
});
const refund = v.strictObject({ ...atMerchant, type: v.literal('refund'), amount, currency, rrn });

const reversal = v.pipe(
  v.strictObject({
    ...inCurrency,
    type: v.literal('reversal'),
    operation: v.optional(operationId),
    invoice: v.optional(invoice),
    originalAmount: v.optional(amount),
    rrn: v.optional(rrn),
    amount: v.optional(amount),
  }),
  v.check((reversal) => {
    const byReceipt = [reversal.invoice, reversal.originalAmount, reversal.rrn];
    return reversal.operation !== undefined
      ? byReceipt.every((field) => field === undefined)
      : byReceipt.every((field) => field !== undefined);
  }, 'either operation (an id), or invoice together with originalAmount and rrn'),
  v.check(
    ({ amount, originalAmount }) =>
      amount === undefined || originalAmount === undefined || amount <= originalAmount,
    'an amount of at most originalAmount',
  ),
);

const cashback = v.strictObject({
  ...inCurrency,
  ...withDocument,
  type: v.literal('cashback'),
  amount,
  cash: amount,
});
const preauthorization = v.strictObject({
  ...inCurrency,
  ...withDocument,
  type: v.literal('preauthorization'),
  amount,
});
const completion = v.strictObject({
  ...inCurrency,
  type: v.literal('completion'),
  amount,
  finalAmount: amount,
  authCode,
  rrn,
});
const instalment = v.strictObject({
  ...inCurrency,
  ...withDocument,
  type: v.literal('instalment'),
  amount,
  plan: oneOf(instalmentPlans),
  parts: integer(2, 99, 'a whole number of parts'),
});
const instalmentRefund = v.strictObject({
  ...inCurrency,
  type: v.literal('instalmentRefund'),
  amount,
  plan: oneOf(instalmentPlans),
  agreement,
  partial: flag,
});
const reconciliation = v.strictObject({ ...atMerchant, type: v.literal('reconciliation') });
const totals = v.strictObject({ ...atMerchant, type: v.literal('totals') });
const receipt = v.strictObject({ ...atMerchant, type: v.literal('receipt'), invoice: v.optional(invoice) });
const balance = v.strictObject({ ...atMerchant, type: v.literal('balance') });
const print = v.strictObject({
  ...envelope,
  type: v.literal('print'),
  document: printDocumentSchema,
});
const abort = v.strictObject({ ...envelope, type: v.literal('abort'), target: operationId });
const status = v.strictObject({ ...envelope, type: v.literal('status'), target: operationId });

const resolve = v.pipe(
  v.strictObject({
    ...envelope,
    type: v.literal('resolve'),
    target: operationId,
    outcome: oneOf(['approved', 'failed']),
    approvedAmount: v.optional(amount),
    rrn: v.optional(rrn),
    invoice: v.optional(invoice),
    by: v.pipe(
      v.string('who decided, 1 to 64 characters'),
      v.minLength(1, '1 to 64 characters'),
      v.maxLength(64, '1 to 64 characters'),
    ),
  }),
  v.check(
    ({ outcome, approvedAmount, rrn, invoice }) =>
      outcome === 'approved'
        ? approvedAmount !== undefined && rrn !== undefined && invoice !== undefined
        : approvedAmount === undefined && rrn === undefined && invoice === undefined,
    'approvedAmount, rrn and invoice with outcome approved, none of them with failed',
  ),
);

/** What a sale system may ask: the payload of a command's JWS. */
export const commandSchema = v.variant(
  'type',
  [
    payment,
    refund,
    reversal,
    cashback,
    preauthorization,
    completion,
    instalment,
    instalmentRefund,
    reconciliation,
    totals,
    receipt,
    balance,
    print,
    abort,
    status,
    resolve,
  ],
  'one of the operation types of the contract',
);

/** Every operation type, in the order of the contract. */
export const operationTypes = [
  'payment',
  'refund',
  'reversal',
  'cashback',
  'preauthorization',
  'completion',
  'instalment',
  'instalmentRefund',
  'reconciliation',
  'totals',
  'receipt',
  'balance',
  'print',
  'abort',
  'status',
  'resolve',
] as const;

/** One of {@link operationTypes}. */
export type OperationType = (typeof operationTypes)[number];

type WithoutClaims<One> = One extends unknown ? Omit<One, (typeof ignoredClaims)[number]> : never;

/** A valid command, ignored claims removed. */
export type Command = WithoutClaims<v.InferOutput<typeof commandSchema>>;

/** The command of one type. */
export type CommandOf<Type extends OperationType> = Extract<Command, { type: Type }>;
