/**
 * The terminal as the payments see it, whatever its protocol. A driver sits behind this seam.
 *
 * Nothing here speaks of requests and responses: a driver whose terminal becomes the master after a command and
 * pushes everything (ZVT) fits as well as one that is asked and answers (PrivatBank's JSON). The payments hand over
 * a request, and hear what comes of it through an observer, for as long as they keep the attempt open.
 */
import type { CommandOf, OperationType } from '../contract/command.ts';
import type { ProgressStep, TerminalState } from '../contract/event.ts';
import type { Result, TransactionType } from '../contract/result.ts';

/** What the terminal says it is. Null where it did not say. */
export interface TerminalIdentity {
  vendor: string | null;
  model: string | null;
  software: string | null;
  /** Merchant and serial number, as the terminal joins them. */
  id: string | null;
}

/** What is asked of the terminal. Amounts in minor units of the terminal's currency, `merchant` an index on it. */
export type TerminalRequest =
  | { type: 'payment'; amount: number; merchant: string }
  | { type: 'refund'; amount: number; merchant: string; rrn: string }
  /** `amount` null: the whole receipt. `originalAmount`: what the receipt was for. */
  | { type: 'reversal'; invoice: string; amount: number | null; originalAmount: number; merchant: string }
  | { type: 'cashback'; amount: number; cash: number; merchant: string }
  | { type: 'preauthorization'; amount: number; merchant: string }
  | {
      type: 'completion';
      amount: number;
      finalAmount: number;
      authCode: string;
      rrn: string;
      merchant: string;
    }
  | {
      type: 'instalment';
      amount: number;
      plan: CommandOf<'instalment'>['plan'];
      parts: number;
      merchant: string;
    }
  | {
      type: 'instalmentRefund';
      amount: number;
      plan: CommandOf<'instalment'>['plan'];
      agreement: string;
      partial: boolean;
      merchant: string;
    }
  | { type: 'reconciliation'; merchant: string }
  | { type: 'totals'; merchant: string }
  /** `invoice` null: the last one. `print`: a copy on the terminal's own printer. */
  | { type: 'receipt'; invoice: string | null; print?: true }
  | { type: 'balance'; merchant: string };

/** What the terminal's answer means for the money, before it is held against the receipts. */
export type Verdict =
  | 'approved'
  | 'partiallyApproved'
  | 'declined'
  | 'cancelled'
  /** The terminal says that nothing was done. */
  | 'failed'
  /** The answer does not tell (PrivatBank 1008, no code at all). */
  | 'unclear'
  /** An operation without money did what was asked. */
  | 'done';

/** What an answer or a receipt says, copied field by field from an allow-list, card data already masked. */
export interface AnswerDetails {
  /** Minor units; null when the terminal left it out. */
  amount: number | null;
  card: Result['card'];
  rrn: string | null;
  authCode: string | null;
  invoice: string | null;
  terminal: string | null;
  agreement: string | null;
  signatureRequired: boolean;
  receipt: string | null;
  cashApproved?: number;
  balance?: number | null;
  transaction?: Result['transaction'];
}

/** The terminal's answer to a request. */
export interface TerminalAnswer {
  verdict: Verdict;
  /** The protocol's own code: `0000`, `1001`, `deviceBusy`. */
  code: string;
  source: 'terminal' | 'host';
  text: string;
  details: AnswerDetails;
}

/** One receipt on the terminal. */
export interface ReceiptFacts {
  verdict: Verdict;
  code: string;
  text: string;
  type: TransactionType;
  /** The receipt itself says that it was reversed. */
  reversed: boolean;
  /** When the terminal says it was made, as spans of wall-clock milliseconds (several where local time is ambiguous); null: not said. */
  at: readonly { fromMs: number; toMs: number }[] | null;
  details: AnswerDetails;
}

/** The last receipt just before an operation. `mark` is everything that tells it from another one with its number. */
export type Baseline =
  | { kind: 'receipt'; invoice: string; mark: string }
  | { kind: 'none' }
  /** The firmware has no receipt look-up. */
  | { kind: 'unavailable' };

/** Why a look-up brought nothing. */
export type NoReading = { kind: 'busy' } | { kind: 'noAnswer' };

/** A receipt that was asked for. */
export type ReceiptReading =
  | { kind: 'read'; receipt: ReceiptFacts }
  | { kind: 'notFound' }
  | { kind: 'unavailable' }
  | NoReading;

/** What the terminal shows after a break. */
export type EvidenceReading =
  /** Not idle, or the link went away meanwhile: look again when the terminal is ready. */
  | { kind: 'notReady' }
  | {
      kind: 'read';
      /** Which terminal was read: {@link Terminal.key}. */
      terminal: string;
      last: Baseline;
      /** The receipts after the baseline, oldest first, as far as they could be read. */
      since: readonly ReceiptFacts[];
      /** Every receipt after the baseline was read. */
      complete: boolean;
      /** The receipt that a reversal is about, when one was asked for. */
      original: ReceiptReading | null;
    };

/** Why contact with the terminal was lost in the middle of an operation. */
export type BreakCause = 'linkLost' | 'timeout' | 'restarted';

/** Hears what becomes of a request. */
export interface AttemptObserver {
  /** Something came from the terminal, and it is, or after a break may be, at work on this. */
  heard(): void;
  progress(step: ProgressStep): void;
  /** The answer to this request; after a break it may still come, late. */
  answered(answer: TerminalAnswer): void;
  /** The answer can no longer be counted on. Told at most once, and not after an answer. */
  broke(cause: BreakCause): void;
}

/** One request under way. Opening it sends nothing. */
export interface Attempt {
  /** Sends the request. Once. Not called for an attempt that is opened again after a restart. */
  send(): void;
  /** Asks the terminal to stop. A request only; false when it cannot be sent now. */
  interrupt(): boolean;
  /** Nothing more is wanted of it; later answers are strays. */
  close(): void;
}

/** Hears what the terminal does without being asked. */
export interface TerminalListener {
  /** State or identity changed. */
  changed(): void;
  /** The terminal was reached and has said who it is; merchants: index to name as the terminal lists them. */
  identified(identity: TerminalIdentity, merchants: Readonly<Record<string, string>>): void;
  /** An answer that belongs to no open attempt. */
  stray(type: OperationType, answer: TerminalAnswer): void;
}

/** A card terminal. None of its look-ups can move money. */
export interface Terminal {
  state(): TerminalState;
  identity(): TerminalIdentity;
  /** Tells one terminal from another; empty before one was reached. */
  key(): string;
  /** The operations that this protocol and this firmware have. */
  supports(): readonly OperationType[];
  /** One listener; a second call replaces the first. */
  listen(listener: TerminalListener): void;
  /** Connects, and reconnects for ever. */
  start(): void;
  stop(): Promise<void>;
  /** The last receipt. `noAnswer` after 3 s. */
  readBaseline(): Promise<Baseline | NoReading>;
  readReceipt(invoice: string): Promise<ReceiptReading>;
  /** Opens an attempt; one at a time (a second one is a programmer's error). */
  open(request: TerminalRequest, observer: AttemptObserver): Attempt;
  /** Reads what happened since the baseline, after making sure that the terminal is idle. */
  gatherEvidence(since: Baseline, original: string | null): Promise<EvidenceReading>;
}
