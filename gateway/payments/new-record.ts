import type { OperationRecord } from './journal-port.ts';

/** What is known of an operation when its command, or an abort of it, comes in. */
export type NewRecord = Pick<
  OperationRecord,
  'id' | 'kid' | 'type' | 'contentHash' | 'command' | 'acceptedAtMs' | 'stage'
>;

/** A record of which nothing has happened yet. */
export const newRecord = (known: NewRecord): OperationRecord => ({
  ...known,
  start: null,
  lastContactMs: null,
  lateContactMs: null,
  abortSent: false,
  broken: null,
  exhausted: false,
  result: null,
});
