/**
 * Every error that Swipe itself raises, by code.
 * A new code needs a line in the table, so that its meaning is written down in one place.
 */
export const errorCodes = {
  configInvalid: 'the config file has faults; the text lists each of them',
  storageFull: 'the disk has no room for another record; nothing was written',
  journalDamaged: 'the journal file is damaged',
  journalNewer: 'the journal was written by a newer version of Swipe',
  journalForgot: 'the journal knows less than its witness says it once did',
  journalForeign: 'the journal belongs to another machine or another box',
  journalLocked: 'another process has the journal open',
  journalMisuse: 'a record was asked to do what its state does not allow',
  linkClosed: 'the link to the device is closed',
  linkFailed: 'the link to the device could not be opened',
  brokerUnreachable: 'the broker could not be reached or refused the session',
  signatureInvalid: 'a JWS is malformed, or not signed by a known key',
  keyInvalid: 'a key is unusable: too short, of the wrong kind, or not readable',
  scriptInvalid: 'a script for a simulated device has faults',
  portTaken: 'a local port is in use by another program',
  controlUnreachable: 'no gateway answers on the control socket',
  registryUnfit: "the registry's database or directory is not what this version can go on with",
  usage: 'a command was called with wrong words',
} as const;

/** One of {@link errorCodes}. */
export type ErrorCode = keyof typeof errorCodes;

/** Swipe's one error class: `code` is for programs, `message` says what was wrong, where, and what is allowed. */
export class SwipeError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'SwipeError';
    this.code = code;
  }
}

/** Whether `error` is a SwipeError, and of the given code where one is named. */
export function isSwipeError(error: unknown, code?: ErrorCode): error is SwipeError {
  return error instanceof SwipeError && (code === undefined || error.code === code);
}

/** Whether the disk had no room. */
export const isStorageFull = (error: unknown): boolean => isSwipeError(error, 'storageFull');

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
