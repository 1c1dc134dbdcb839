import * as v from 'valibot';
import {
  amount,
  amountOrZero,
  boxId,
  currency,
  flag,
  integer,
  oneOf,
  operationId,
  textOrNull,
  timestamp,
} from './primitives.ts';

/** How an operation can end (the contract's table of outcomes). */
export const outcomes = [
  'approved',
  'partiallyApproved',
  'declined',
  'cancelled',
  'failed',
  'refused',
  'unknown',
  'done',
] as const;

/** One of {@link outcomes}. */
export type Outcome = (typeof outcomes)[number];

/** The reason's code when the box itself is the source. Text is for people, the code is for programs. */
export const boxReasons = [
  'expired',
  'busy',
  'unresolved',
  'unsupported',
  'suspended',
  'unregistered',
  'forbidden',
  'aborted',
  'terminalAbsent',
  'originalNotFound',
  'clockUnknown',
  'storageFull',
  'invalid',
  'notPerformed',
  'linkLost',
  'restarted',
  'timeout',
  'printerAbsent',
  'paperOut',
  'coverOpen',
  'printerFault',
] as const;

/** One of {@link boxReasons}. */
export type BoxReason = (typeof boxReasons)[number];

/** What an operation is doing, as `status` and `abort` tell it. */
export const operationStates = ['notFound', 'accepted', 'running', 'recovering', 'finished'] as const;

/** One of {@link operationStates}. */
export type OperationStateName = (typeof operationStates)[number];

/** Kinds of receipt on a terminal. */
export const transactionTypes = ['undefined', 'payment', 'refund', 'reversal', 'instalment'] as const;

/** One of {@link transactionTypes}. */
export type TransactionType = (typeof transactionTypes)[number];

const reason = v.strictObject({
  source: oneOf(['box', 'terminal', 'host']),
  code: v.string(),
  text: v.string(),
});

const card = v.strictObject({ pan: v.string(), scheme: textOrNull, entry: textOrNull });

const resolved = v.strictObject({ by: v.string(), kid: v.string(), at: timestamp });

const transaction = v.strictObject({
  type: oneOf(transactionTypes),
  code: v.string(),
  amount: v.nullable(amountOrZero),
  at: v.nullable(v.string()),
});

const fields = {
  id: operationId,
  box: boxId,
  sequence: integer(1, Number.MAX_SAFE_INTEGER, 'a whole number'),
  type: v.string(),
  outcome: oneOf(outcomes),
  reason,
  amount: v.nullable(amount),
  approvedAmount: v.nullable(amountOrZero),
  currency: v.nullable(currency),
  merchant: textOrNull,
  order: textOrNull,
  card: v.nullable(card),
  rrn: textOrNull,
  authCode: textOrNull,
  invoice: textOrNull,
  terminal: textOrNull,
  agreement: textOrNull,
  signatureRequired: flag,
  receipt: textOrNull,
  startedAt: v.nullable(timestamp),
  finishedAt: timestamp,
  recovered: flag,
  resolved: v.nullable(resolved),
  /** cashback only: the cash that was handed out, minor units. */
  cashApproved: v.optional(amountOrZero),
  /** balance only: minor units; null when the bank would not say. */
  balance: v.optional(v.nullable(integer(-999_999_999_999, 999_999_999_999, 'an integer of minor units'))),
  /** receipt only: what the receipt is of. */
  transaction: v.optional(v.nullable(transaction)),
};

/** A result without a target: what stands in a target's `result`. */
const plainResult = v.strictObject(fields);

/** What the box tells of an operation: the payload of a result's JWS. */
export const resultSchema = v.strictObject({
  ...fields,
  /** status and abort only: what became of the operation they name. */
  target: v.optional(
    v.strictObject({ id: operationId, state: oneOf(operationStates), result: v.nullable(plainResult) }),
  ),
});

/** A result as it is told. */
export type Result = v.InferOutput<typeof resultSchema>;

/** Why an operation ended as it did. */
export type Reason = v.InferOutput<typeof reason>;
