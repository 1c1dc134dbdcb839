/** What the desk knows of the box around it. Handed in, so that it runs on any box, real or simulated. */
import type { BoxEvent, BoxStatus, ProgressStep } from '../contract/event.ts';
import type { OperationStateName, Result } from '../contract/result.ts';
import type { StoredResult } from '../payments/journal-port.ts';
import type { Received } from '../payments/reception.ts';
import type { TrustedClock } from '../seams/time.ts';

/** What is known of one operation. */
export interface KnownOperation {
  /** The key that sent it. */
  kid: string;
  /** See the record's. */
  contentHash: string;
  state: OperationStateName;
  step: ProgressStep | null;
  result: Result | null;
}

/** What the one way in made of a command; see the cloud's admission, which is behind it. */
export type AdmittedCommand = { dropped: string } | { kid: string; received: Received };

/** The box around the desk. */
export interface DeskAround {
  box: string;
  /** The terminal's. */
  currency: string;
  /** The one way in. Rejects with a SwipeError `storageFull`, and with what is the box's to repair. */
  admit(jws: Uint8Array): Promise<AdmittedCommand>;
  /** Checks a signature by a known key. Rejects with a SwipeError `signatureInvalid`. */
  verify(jws: string): Promise<{ kid: string; payload: unknown }>;
  sign(payload: string, kid: string): Promise<string>;
  /** Null: no operation of this id is known. */
  find(id: string): KnownOperation | null;
  /** The latest result of an operation as it is told; null: there is none yet. */
  resultOf(id: string): StoredResult | null;
  status(): BoxStatus;
  clock: TrustedClock;
}

/** The desk as the box sees it. Nothing here throws, and nothing that the box does waits for it. */
export interface Desk {
  /** Begins to serve. */
  start(around: DeskAround): void;
  /** A result of this operation is on disk. */
  told(id: string): void;
  event(event: BoxEvent): void;
  statusChanged(): void;
  /** Where it can be reached, or why not. */
  view(): DeskView;
  /** Answers those that wait, and closes. */
  stop(): Promise<void>;
}

/** How the desk is, for the status of the process. */
export interface DeskView {
  /** As its own pages name it: `http://192.168.1.10:8480`. */
  url: string;
  listening: boolean;
  /** Why the last try to listen was in vain. */
  failure: string | null;
  /** Connections that are open, and requests that wait for an outcome. */
  clients: number;
  waiting: number;
}
