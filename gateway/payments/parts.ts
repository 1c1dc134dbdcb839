/** What the payments are handed: everything outside them, so that a simulation can replace each. */
import type { OperationType } from '../contract/command.ts';
import type { Log } from '../seams/log.ts';
import type { Timers, TrustedClock } from '../seams/time.ts';
import type { Journal, OperationRecord } from './journal-port.ts';
import type { OperationInput, OperationState } from './operation.ts';
import type { EventSink, Printing, Registration } from './outside.ts';
import type { Terms } from './requests.ts';
import type { Terminal } from './terminal-port.ts';

/** See each member. */
export interface Parts {
  box: string;
  terms: Terms;
  journal: Journal;
  terminal: Terminal;
  registration: Registration;
  /** Carries out `print`; absent: there is no printer. */
  printing?: Printing | null;
  clock: TrustedClock;
  /** Commands issued before this may have been carried out under an earlier journal: they are `expired`. */
  journalSinceMs(): number;
  timers: Timers;
  log: Log;
  emit: EventSink;
  /** Whether this key may ask for this type of operation. */
  isAllowed(kid: string, type: OperationType): boolean;
  /** A result is on disk and waits to be delivered. */
  told(record: OperationRecord): void;
  /** A result that was told before is asked for again. */
  resend(id: string): void;
  /** What `status` says may have changed. */
  changed(): void;
  /** Something that must not happen: the process has to end and start again, so that the start's checks decide. */
  fatal(error: unknown): void;
  /** Hears every step of every operation, for tests and simulations; null in a box. */
  onStep:
    | ((
        id: string,
        from: OperationState['name'],
        by: OperationInput['name'],
        to: OperationState['name'],
      ) => void)
    | null;
}
