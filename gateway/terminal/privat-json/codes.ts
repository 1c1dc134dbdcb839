/** What the terminal's answers mean for the money (ECR protocol JSON based v1.0.3.1 §4; docs/contract.md, outcomes). */
import { shortText } from '../../contract/card-data.ts';
import type { TerminalAnswer, Verdict } from '../../payments/terminal-port.ts';
import { field, type Message } from './message.ts';

/** A code and what it means. */
export interface Meaning {
  /** Four digits, or the protocol's word; what it begins with where it cannot be read; empty when there was none. */
  code: string;
  verdict: Verdict;
  source: TerminalAnswer['source'];
  /** For people, where the terminal says nothing itself. */
  text: string;
}

const terminalCodes: Readonly<Record<number, { verdict: Verdict; text: string }>> = {
  1000: { verdict: 'failed', text: 'general error or invalid input' },
  1001: { verdict: 'cancelled', text: 'cancelled by the user' },
  1002: { verdict: 'declined', text: 'declined by the card' },
  1003: { verdict: 'failed', text: 'the log is full: the batch must be closed' },
  1004: { verdict: 'failed', text: 'no connection to the host' },
  1005: { verdict: 'failed', text: 'no paper' },
  1006: { verdict: 'failed', text: 'no cryptographic keys' },
  1007: { verdict: 'failed', text: 'no card reader' },
  1008: { verdict: 'unclear', text: 'the transaction is already complete' },
};

const isNumber = (code: string): boolean => /^\d{1,4}$/.test(code);

/** The meaning of a response code; two or four digits are one number. Null or unreadable: `unclear`. */
export function meaningOf(responseCode: string | null): Meaning {
  const given = responseCode?.trim() ?? '';
  if (!isNumber(given)) {
    const text = given === '' ? 'the answer has no response code' : 'the response code cannot be read';
    return { code: shortText(given, 16), verdict: 'unclear', source: 'terminal', text };
  }
  const number = Number(given);
  const code = given.padStart(4, '0');
  if (number === 0) return { code, verdict: 'approved', source: 'terminal', text: '' };
  if (number === 10) return { code, verdict: 'partiallyApproved', source: 'host', text: 'approved in part' };
  if (number < 1000) return { code, verdict: 'declined', source: 'host', text: 'declined by the host' };
  const known = terminalCodes[number];
  return {
    code,
    source: 'terminal',
    verdict: known?.verdict ?? 'unclear',
    text: known?.text ?? 'the terminal gave a code that is not known',
  };
}

/**
 * The meaning of a message: of its `responseCode`, or of its older twin `code` where that is missing.
 * Twins that differ contradict each other: `unclear`.
 */
export function meaningOfMessage(message: Message): Meaning {
  const responseCode = field(message, 'responseCode');
  const twin = field(message, 'code');
  const meaning = meaningOf(responseCode ?? twin);
  if (responseCode === null || twin === null || !isNumber(twin) || meaningOf(twin).code === meaning.code)
    return meaning;
  return { ...meaning, verdict: 'unclear', text: 'the answer holds two different codes' };
}

/** A request that the terminal did not take on: busy, or without this method (v1.0.3.1 §6). */
export function rejection(code: 'deviceBusy' | 'methodNotImplemented'): Meaning {
  const text = code === 'deviceBusy' ? 'the terminal is busy' : 'the terminal does not have this operation';
  return { code, verdict: 'failed', source: 'terminal', text };
}
