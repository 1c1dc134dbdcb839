/** Results as a box tells them of a payment, for those who read them. */
import type { Result } from '../../gateway/contract/result.ts';
import { isoTime } from '../../gateway/contract/time.ts';

/** A declined payment's; members replace its own. */
export const told = (members: Partial<Result>): Result => ({
  id: '01JDAX5N3T7Q4V8B2R6W9YKZHM',
  box: 'SW-7K3M9QXA2BCD',
  sequence: 1,
  type: 'payment',
  outcome: 'declined',
  reason: { source: 'host', code: '0005', text: '' },
  amount: 10_050,
  approvedAmount: null,
  currency: 'UAH',
  merchant: 'shop',
  order: null,
  card: null,
  rrn: null,
  authCode: null,
  invoice: null,
  terminal: null,
  agreement: null,
  signatureRequired: false,
  receipt: null,
  startedAt: null,
  finishedAt: isoTime(0),
  recovered: false,
  resolved: null,
  ...members,
});

/** That the whole of it was approved. */
export const approved = (amount: number): Partial<Result> => ({
  outcome: 'approved',
  approvedAmount: amount,
});
