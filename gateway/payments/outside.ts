/** What the payments tell and ask beyond the terminal and the journal. Each is handed in. */
import type { BoxEvent, RegistrationState } from '../contract/event.ts';
import type { PrintDocument } from '../contract/print-document.ts';
import type { Refusal } from './gate.ts';
import type { OperationRecord } from './journal-port.ts';

/** Where events go. They are for information: an event may be lost, a result may not. */
export type EventSink = (event: BoxEvent) => void;

/** The desk that prints. It moves no money, waits for no terminal, and nothing waits for it. */
export interface Printing {
  /** Why no further document can be taken in now; null: it can. */
  refuses(): Refusal | null;
  /** Prints this, and tells the outcome of, a command that was just accepted and is on disk. */
  begin(record: OperationRecord, document: PrintDocument): void;
  /** What is to be printed once this operation, which was just accepted, is approved. */
  keep(id: string, document: PrintDocument): void;
}

/** How the box stands with the registry. */
export interface Registration {
  current(): { state: RegistrationState; untilMs: number | null };
  /** One listener; called when `current` changes. */
  onChange(listener: () => void): void;
}

/** A box that nobody bills: always active. */
export const unbilled: Registration = {
  current: () => ({ state: 'active', untilMs: null }),
  onChange() {},
};
