import type { BoxReason } from '../contract/result.ts';
import type { Readiness } from './answers.ts';

/** What became of a paper. */
export interface PrintOutcome {
  /** `done`: as far as the printer can tell, see the text. `failed`: its end was certainly not reached. `unknown`: nobody said. */
  outcome: 'done' | 'failed' | 'unknown';
  /** Empty when done. */
  code: BoxReason | '';
  /** For people. */
  text: string;
}

/** One paper to be printed: once, or not at all. */
export interface PrintJob {
  /** ESC/POS, in pieces that end where a command ends; made when its turn has come. */
  pieces(): readonly Uint8Array[];
  /** Monotonic time by which it must have begun. */
  beginByMs: number;
  /** The first byte is about to be sent. False: it may not be, and nobody is told anything more by the printer. */
  begin(): boolean;
  /** Called once, unless `begin` said no or the gateway is going down. */
  over(outcome: PrintOutcome): void;
}

/** The printer did not reach its end, for certain. */
export const failed = (code: BoxReason, text: string): PrintOutcome => ({ outcome: 'failed', code, text });
/** Bytes were sent, and nobody said what became of them. */
export const unknown = (code: BoxReason, text: string): PrintOutcome => ({ outcome: 'unknown', code, text });
/** It was printed, as far as this printer can tell. */
export const done = (text: string): PrintOutcome => ({ outcome: 'done', code: '', text });

/** The contract's word for a printer that is not ready. */
export const reasonOf = (readiness: Exclude<Readiness, 'ready'>): BoxReason =>
  readiness === 'fault' ? 'printerFault' : readiness;
