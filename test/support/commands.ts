/** A command of each type as it comes off the wire, for tests of how it is read. */
import type { OperationType } from '../../gateway/contract/command.ts';
import { type ParsedCommand, parseCommand } from '../../gateway/contract/parse.ts';
import { isoTime } from '../../gateway/contract/time.ts';
import { startMs } from './records.ts';

export type Members = Record<string, unknown>;

export const envelope = {
  id: '01JDAX5N3T7Q4V8B2R6W9YKZHM',
  box: 'SW-7K3M9QXA2BCD',
  issuedAt: isoTime(startMs),
  expiresAt: isoTime(startMs + 120_000),
};
export const rrn = '083998389823';
export const target = '01JDAX5N3T7Q4V8B2R6W9YKZH0';

export const own: Record<OperationType, Members> = {
  payment: { amount: 10050, currency: 'UAH' },
  refund: { amount: 10050, currency: 'UAH', rrn },
  reversal: { operation: target },
  cashback: { amount: 10050, cash: 5000 },
  preauthorization: { amount: 10050 },
  completion: { amount: 10050, finalAmount: 9000, authCode: '483920', rrn },
  instalment: { amount: 10050, plan: 'parts', parts: 6 },
  instalmentRefund: { amount: 10050, plan: 'instant', agreement: 'A-12345', partial: true },
  reconciliation: {},
  totals: { merchant: '0' },
  receipt: {},
  balance: { merchant: 'shop' },
  print: { document: [{ kind: 'text', text: 'Дякуємо!' }] },
  abort: { target },
  status: { target },
  resolve: { target, outcome: 'failed', by: 'Olena' },
};

export const example = (type: OperationType, change: Members = {}): Members => ({
  ...envelope,
  type,
  ...own[type],
  ...change,
});

export const byReceipt = { operation: undefined, invoice: '131220', originalAmount: 10050, rrn };
export const approvedByHand = { outcome: 'approved', approvedAmount: 10050, rrn, invoice: '101' };

/** As it would come off the wire: without the members that are undefined. */
export const wire = (payload: unknown): unknown => JSON.parse(JSON.stringify(payload));
export const parse = (payload: unknown): ParsedCommand => parseCommand(wire(payload));
