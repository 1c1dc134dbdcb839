/** A command of each type, and the results that are told of it. */
import * as assert from 'uvu/assert';
import * as v from 'valibot';
import type { Command, CommandOf } from '../../gateway/contract/command.ts';
import { resultSchema } from '../../gateway/contract/result.ts';
import type { OperationRecord, UntoldResult } from '../../gateway/payments/journal-port.ts';
import type { Ending } from '../../gateway/payments/operation.ts';
import { requestOf, type TerminalCommand } from '../../gateway/payments/requests.ts';
import { resultOf } from '../../gateway/payments/results.ts';
import type { TerminalRequest } from '../../gateway/payments/terminal-port.ts';
import { paymentCommand, record, start, startMs } from './records.ts';

const { id, box, issuedAt, expiresAt } = paymentCommand;
export const envelope = { id, box, issuedAt, expiresAt, order: 'Z-123' };
export const rrn = '083998389823';
export const terms = {
  currency: 'UAH',
  merchants: { shop: '1', incasso: '10' },
  defaultMerchant: 'shop',
  maxAmount: 5_000_000,
};
const finishedAtMs = startMs + 30_000;
const frame = { box, terms, finishedAtMs, terminalId: 'TESTKKM0 00CT22927302' };

export const commands = {
  payment: { ...envelope, type: 'payment', amount: 10050, currency: 'UAH' },
  refund: { ...envelope, type: 'refund', amount: 10050, currency: 'UAH', rrn },
  reversal: { ...envelope, type: 'reversal', operation: 'original-0001' },
  cashback: { ...envelope, type: 'cashback', amount: 10050, cash: 5000 },
  preauthorization: { ...envelope, type: 'preauthorization', amount: 10050 },
  completion: { ...envelope, type: 'completion', amount: 20000, finalAmount: 10050, authCode: '1', rrn },
  instalment: { ...envelope, type: 'instalment', amount: 10050, plan: 'parts', parts: 6 },
  instalmentRefund: {
    ...envelope,
    type: 'instalmentRefund',
    amount: 10050,
    plan: 'parts',
    agreement: 'A1',
    partial: false,
  },
  reconciliation: { ...envelope, type: 'reconciliation', merchant: 'incasso' },
  totals: { ...envelope, type: 'totals' },
  receipt: { ...envelope, type: 'receipt' },
  balance: { ...envelope, type: 'balance' },
} as const satisfies Record<TerminalCommand['type'], TerminalCommand>;

const original = { invoice: '99', amount: 10050, left: 10050 };
export const started = (command: TerminalCommand, request?: TerminalRequest): OperationRecord =>
  record({
    type: command.type,
    command,
    start: start({ request: request ?? requestOf(command, terms, original) }),
  });
export const notStarted = (command: Command): OperationRecord =>
  record({ type: command.type, command, stage: 'accepted', start: null });

export const told = (ending: Ending, of: OperationRecord = started(commands.payment)): UntoldResult =>
  resultOf(of, ending, frame);

/** Fails unless the result is one that the contract knows. */
export function check(result: object, message?: string): void {
  const parsed = v.safeParse(resultSchema, JSON.parse(JSON.stringify({ ...result, sequence: 1 })));
  assert.ok(
    parsed.success,
    `${message ?? ''} ${JSON.stringify(parsed.issues?.map((issue) => issue.message))}`,
  );
}

export const byHand = (change: Partial<CommandOf<'resolve'>> = {}): CommandOf<'resolve'> => ({
  ...envelope,
  type: 'resolve',
  target: id,
  outcome: 'approved',
  approvedAmount: 10050,
  rrn,
  invoice: '101',
  by: 'Olena',
  ...change,
});
export const failedByHand: CommandOf<'resolve'> = {
  ...envelope,
  type: 'resolve',
  target: id,
  outcome: 'failed',
  by: 'Olena',
};
