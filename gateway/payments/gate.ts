/** Whether a new command may start now. Pure: everything that it depends on is handed in. */
import type { Command } from '../contract/command.ts';
import type { RegistrationState, TerminalState } from '../contract/event.ts';
import type { BoxReason } from '../contract/result.ts';
import { parseIsoTime } from '../contract/time.ts';
import { issuedAheadMs } from './limits.ts';
import { amountsOf, isNewMoney, kindOf, merchantOf, type TerminalCommand, type Terms } from './requests.ts';

/** Why a command is refused. */
export interface Refusal {
  reason: BoxReason;
  text: string;
}

const refuse = (reason: BoxReason, text: string): Refusal => ({ reason, text });

/** The box's time as far as it is known. */
export interface GateTime {
  nowMs: number;
  trusted: boolean;
  /** A command issued earlier may have been carried out by the journal before this one. */
  journalSinceMs: number;
}

/** Deadlines. `abort` and `status` pass while the clock is not trusted. */
export function checkTime(command: Command, time: GateTime): Refusal | null {
  const issuedAtMs = parseIsoTime(command.issuedAt);
  if (issuedAtMs < time.journalSinceMs)
    return refuse('expired', 'issued before the journal of this box was made');
  if (!time.trusted)
    return command.type === 'abort' || command.type === 'status'
      ? null
      : refuse('clockUnknown', 'the box does not know the time yet');
  if (issuedAtMs > time.nowMs + issuedAheadMs)
    return refuse(
      'invalid',
      `issuedAt: found "${command.issuedAt}", allowed: at most 2 minutes ahead of the box's time`,
    );
  return isExpired(command, time.nowMs) ? refuse('expired', 'its deadline has passed') : null;
}

/** Whether a command's deadline has passed. */
export const isExpired = (command: Command, nowMs: number): boolean =>
  parseIsoTime(command.expiresAt) <= nowMs;

/** What the box's config says about the command's own words. */
export function checkTerms(command: TerminalCommand, terms: Terms): Refusal | null {
  if ('currency' in command && command.currency !== undefined && command.currency !== terms.currency)
    return refuse('invalid', `currency: found "${command.currency}", allowed: ${terms.currency}`);
  for (const [member, amount] of amountsOf(command))
    if (amount > terms.maxAmount)
      return refuse(
        'invalid',
        `${member}: found ${amount}, allowed: at most ${terms.maxAmount}, the limit of this box`,
      );
  if (merchantOf(command, terms) === null) {
    const names = Object.keys(terms.merchants).join(', ');
    return refuse('invalid', `merchant: found "${command.merchant}", allowed: an index, or one of: ${names}`);
  }
  return null;
}

/** What the box and its terminal are doing now. */
export interface GateState {
  supports: readonly string[];
  registration: RegistrationState;
  terminal: TerminalState;
  /** An operation that is between its acceptance and its outcome. */
  running: string | null;
  /** A money operation whose outcome is unknown. */
  unresolved: string | null;
}

/** Whether the terminal is free for this command. One operation at a time; further ones are refused, never queued. */
export function checkState(command: Pick<TerminalCommand, 'type'>, state: GateState): Refusal | null {
  if (!state.supports.includes(command.type))
    return refuse('unsupported', `the terminal has no ${command.type}`);
  const { registration } = state;
  if ((registration === 'suspended' || registration === 'unregistered') && isNewMoney(command.type))
    return refuse(registration, `the box is ${registration}: no new payments`);
  if (state.running !== null) return refuse('busy', 'another operation is running');
  // Of what the terminal carries out, only a receipt may be asked for while an outcome is unknown (invariant 6).
  if (state.unresolved !== null && command.type !== 'receipt')
    return refuse('unresolved', `the outcome of ${state.unresolved} is unknown`);
  if (state.terminal === 'absent') return refuse('terminalAbsent', 'the terminal does not answer');
  if (state.terminal === 'busy') return refuse('busy', 'the terminal is busy with something else');
  return null;
}

/** Whether an operation needs the receipts' baseline before it starts. */
export const needsBaseline = (type: string): boolean => kindOf(type) === 'money';
