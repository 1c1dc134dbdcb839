/**
 * Settles a broken operation by what the terminal shows afterwards (docs/invariants.md, settling). Pure.
 *
 * The protocol carries no transaction id of ours, and any receipt may be somebody else's. So an operation is
 * credited only when exactly one receipt after the baseline can be ours and nothing else is in doubt; it is called
 * not performed only when none can be; all else is undecidable.
 */
import type { OperationRecord, StartRecord } from './journal-port.ts';
import { expectedAmount } from './judge.ts';
import type { EvidenceReading, ReceiptFacts, TerminalRequest } from './terminal-port.ts';

/** How long after the last contact a terminal may still finish what it was asked. */
export const finishingMs = 3 * 60_000;
/** How far a terminal's clock may be off. */
export const clockSlackMs = 2 * 60_000;

/** What the evidence says. */
export type EvidenceVerdict =
  /** This receipt is ours. */
  | { kind: 'ours'; receipt: ReceiptFacts }
  /** The receipts show that nothing was done. */
  | { kind: 'notPerformed' }
  /**
   * No trace of ours, where there need not be one (an empty batch may have been closed, a part given back need not
   * show): nothing contradicts a plain answer, and nothing proves it.
   */
  | { kind: 'nothingSeen' }
  | { kind: 'undecidable'; why: string };

/** A reading that has something to say. */
export type Evidence = Extract<EvidenceReading, { kind: 'read' }>;

const undecidable = (why: string): EvidenceVerdict => ({ kind: 'undecidable', why });

/** Decides what became of a started operation. */
export function decide(
  record: Pick<OperationRecord, 'abortSent' | 'lastContactMs' | 'lateContactMs'> & { start: StartRecord },
  evidence: Evidence,
  nowMs: number,
): EvidenceVerdict {
  const { baseline, request } = record.start;
  const { last } = evidence;
  if (baseline.kind === 'unavailable' || last.kind === 'unavailable')
    return undecidable('the terminal has no receipt look-up');
  if (request.type === 'reversal') return decideReversal(request, record, evidence);
  if (request.type === 'print') return undecidable('the terminal has no part in it');
  if (isUnchanged(record.start, evidence)) return { kind: 'notPerformed' };
  if (last.kind === 'none')
    return baseline.kind === 'none'
      ? { kind: 'nothingSeen' }
      : undecidable('the batch is empty: it was closed');
  if (!evidence.complete) return undecidable('not every receipt since the start could be read');

  const window = windowOf(record, nowMs);
  const fits = evidence.since.map((receipt) => fit(request, receipt, window));
  const ours = evidence.since.filter((_, index) => fits[index] === 'ours');
  const candidates = fits.filter((one) => one !== 'foreign').length;
  // Without a number from before nobody can tell whether a batch was closed between, and ours with it.
  if (candidates === 0) return baseline.kind === 'none' ? { kind: 'nothingSeen' } : { kind: 'notPerformed' };
  if (record.abortSent)
    return undecidable('an abort was sent, and a receipt could be ours: it may yet be reversed');
  const [receipt] = ours;
  if (candidates > 1 || receipt === undefined)
    return undecidable(
      candidates > 1 ? 'several receipts could be ours' : 'a receipt could be ours, not surely',
    );
  return receipt.verdict === 'unclear' ? undecidable('our receipt does not tell') : { kind: 'ours', receipt };
}

interface Window {
  fromMs: number;
  /** Without a baseline only its time tells a receipt of ours from an older one: no slack, and no rounding, then. */
  isStrict: boolean;
  toMs: number;
  /** Up to here a terminal that was found at work after a long silence may have finished ours. */
  doubtfulToMs: number;
  /** As late as a terminal whose clock is right can have made a receipt by now. */
  nowMs: number;
}

function windowOf(
  record: Pick<OperationRecord, 'lastContactMs' | 'lateContactMs'> & { start: StartRecord },
  nowMs: number,
): Window {
  const { atMs, baseline } = record.start;
  const lastContactMs = Math.max(record.lastContactMs ?? 0, atMs);
  const lateContactMs = Math.max(record.lateContactMs ?? 0, lastContactMs);
  return {
    fromMs: baseline.kind === 'none' ? atMs : atMs - clockSlackMs,
    isStrict: baseline.kind === 'none',
    toMs: lastContactMs + finishingMs + clockSlackMs,
    doubtfulToMs: lateContactMs + finishingMs + clockSlackMs,
    nowMs: nowMs + clockSlackMs,
  };
}

function isUnchanged({ baseline }: StartRecord, { last }: Evidence): boolean {
  return (
    baseline.kind === 'receipt' &&
    last.kind === 'receipt' &&
    baseline.invoice === last.invoice &&
    baseline.mark === last.mark
  );
}

type Fit = 'ours' | 'possible' | 'foreign';

/** The one type of receipt from which an operation may be credited; null where the protocol names none. */
function creditedType(request: TerminalRequest): ReceiptFacts['type'] | null {
  return request.type === 'payment' || request.type === 'refund' || request.type === 'instalment'
    ? request.type
    : null;
}

function fit(request: TerminalRequest, receipt: ReceiptFacts, window: Window): Fit {
  const amount = amountFit(request, receipt);
  const time = timeFit(receipt, window);
  if (amount === 'foreign' || time === 'foreign') return 'foreign';
  const credited = creditedType(request);
  // Undone by the terminal itself or at its keypad: it may have been ours.
  if (receipt.reversed || receipt.type === 'reversal') return 'possible';
  if (credited === null || receipt.type === 'undefined') return 'possible';
  if (receipt.type !== credited) return 'foreign';
  return amount === 'ours' && time === 'ours' ? 'ours' : 'possible';
}

function amountFit(request: TerminalRequest, receipt: ReceiptFacts): Fit {
  const { amount } = receipt.details;
  if (amount === null) return 'possible';
  const expected = expectedAmount(request) ?? 0;
  const isPart = receipt.verdict === 'partiallyApproved';
  // A part of nothing, or of everything, contradicts itself (as in an answer, see judge.ts).
  if (isPart && (amount <= 0 || (amount === expected && request.type !== 'cashback'))) return 'possible';
  if (amount === expected || (isPart && amount < expected)) return 'ours';
  if (receipt.verdict === 'unclear' && amount < expected) return 'possible';
  // How a receipt shows a sale with cash, or a completion, is not known: either sum may stand on it.
  if (request.type === 'cashback' && amount === request.amount + request.cash) return 'possible';
  if (request.type === 'completion' && amount === request.amount) return 'possible';
  return 'foreign';
}

/**
 * Somebody else's is only what was made after the window. A receipt that came after the baseline and claims to be
 * from before the start, or from the future, shows that the terminal's clock is wrong, and rules nothing out.
 */
function timeFit(receipt: ReceiptFacts, window: Window): Fit {
  if (receipt.at === null) return 'possible';
  const isWithin = ({ fromMs, toMs }: { fromMs: number; toMs: number }): boolean =>
    (window.isStrict ? fromMs : toMs) >= window.fromMs && fromMs <= window.toMs;
  if (receipt.at.some(isWithin)) return 'ours';
  const isLater = receipt.at.every(({ fromMs }) => fromMs > window.doubtfulToMs && fromMs <= window.nowMs);
  return isLater ? 'foreign' : 'possible';
}

/** A reversal is settled by the original's receipt: does it say that it was reversed? */
function decideReversal(
  request: Extract<TerminalRequest, { type: 'reversal' }>,
  record: Pick<OperationRecord, 'abortSent'> & { start: StartRecord },
  evidence: Evidence,
): EvidenceVerdict {
  if (evidence.original?.kind !== 'read') return undecidable("the original's receipt cannot be read");
  const original = evidence.original.receipt;
  const left = original.details.amount;
  const whole = request.amount === null || request.amount === request.originalAmount;
  const took = whole
    ? original.reversed
    : !original.reversed && left === request.originalAmount - (request.amount ?? 0);
  if (took && record.abortSent) return undecidable('an abort was sent, and the original is reversed');
  if (took) return { kind: 'ours', receipt: { ...original, verdict: 'approved' } };
  if (original.reversed || left !== request.originalAmount)
    return undecidable("the original's receipt is neither as it was nor as was asked");
  // Whether a receipt shows a part that was given back is not known of every terminal.
  if (!whole) return { kind: 'nothingSeen' };
  if (isUnchanged(record.start, evidence)) return { kind: 'notPerformed' };
  const inDoubt = evidence.since.some(({ type }) => type !== 'payment' && type !== 'instalment');
  return evidence.complete && !inDoubt
    ? { kind: 'notPerformed' }
    : undecidable('the original is as it was, but other receipts are in doubt');
}
