/** Records, answers and receipts for tests: a plain one each, and what differs is named. */
import type { Command } from '../../gateway/contract/command.ts';
import type { OperationRecord, StartRecord } from '../../gateway/payments/journal-port.ts';
import type {
  AnswerDetails,
  ReceiptFacts,
  TerminalAnswer,
  TerminalRequest,
} from '../../gateway/payments/terminal-port.ts';

export const startMs = Date.UTC(2026, 10, 21, 10, 0, 0);

export const details = (change: Partial<AnswerDetails> = {}): AnswerDetails => ({
  amount: 10050,
  card: { pan: '473117******9838', scheme: 'VISA', entry: 'contactless' },
  rrn: '083998389823',
  authCode: '483920',
  invoice: '101',
  terminal: 'S1260S6Y',
  agreement: null,
  signatureRequired: false,
  receipt: 'RECEIPT',
  ...change,
});

export const noDetails = details({
  amount: null,
  card: null,
  rrn: null,
  authCode: null,
  invoice: null,
  terminal: null,
  receipt: null,
});

export const answer = (
  verdict: TerminalAnswer['verdict'],
  code: string,
  change: Partial<AnswerDetails> = {},
): TerminalAnswer => {
  const short = verdict === 'cancelled' || verdict === 'failed' || verdict === 'unclear';
  return {
    verdict,
    code,
    source: 'terminal',
    text: '',
    details: short ? { ...noDetails, ...change } : details(change),
  };
};

export const payment: TerminalRequest = { type: 'payment', amount: 10050, merchant: '1' };

export const receipt = (
  change: Partial<Omit<ReceiptFacts, 'details'>> = {},
  detailChange: Partial<AnswerDetails> = {},
): ReceiptFacts => ({
  verdict: 'approved',
  code: '0000',
  text: '',
  type: 'payment',
  reversed: false,
  at: [{ fromMs: startMs + 20_000, toMs: startMs + 20_999 }],
  details: details(detailChange),
  ...change,
});

export const start = (change: Partial<StartRecord> = {}): StartRecord => ({
  atMs: startMs,
  baseline: { kind: 'receipt', invoice: '100', mark: 'mark-100' },
  terminal: 'PAX|s800|T1',
  request: payment,
  ...change,
});

export const paymentCommand: Command = {
  id: '01JDAX5N3T7Q4V8B2R6W9YKZHM',
  box: 'SW-7K3M9QXA2BCD',
  type: 'payment',
  issuedAt: '2026-11-21T10:00:00.000Z',
  expiresAt: '2026-11-21T10:02:00.000Z',
  amount: 10050,
  currency: 'UAH',
};

export const record = (change: Partial<OperationRecord> = {}): OperationRecord => ({
  id: paymentCommand.id,
  kid: 'shop',
  type: 'payment',
  contentHash: 'hash',
  command: paymentCommand,
  acceptedAtMs: startMs - 500,
  stage: 'running',
  start: start(),
  lastContactMs: startMs + 15_000,
  lateContactMs: null,
  abortSent: false,
  broken: null,
  exhausted: false,
  result: null,
  ...change,
});
