/** How operations end: every way, in the contract's words. Pure. */
import type { CommandOf } from '../contract/command.ts';
import type { BoxReason } from '../contract/result.ts';
import type { BreakReason, Ending } from './operation.ts';
import type { ReceiptFacts, TerminalAnswer } from './terminal-port.ts';

const plain = { details: null, recovered: false, resolved: null } as const;
const byBox = (code: BoxReason, text: string) => ({ source: 'box', code, text }) as const;

/** Never started: nothing was sent that could move money. */
export const refusal = (reason: BoxReason, text: string): Ending => ({
  ...plain,
  outcome: 'refused',
  reason: byBox(reason, text),
});

/** A command that the box answers itself. */
export const doneByBox = (text: string): Ending => ({
  ...plain,
  outcome: 'done',
  reason: { source: 'box', code: '', text },
});

/** The terminal's own answer is the outcome. */
export function answered(answer: TerminalAnswer, recovered: boolean): Ending {
  const { verdict, source, code, text, details } = answer;
  return {
    outcome: verdict === 'unclear' ? 'unknown' : verdict,
    reason: { source, code, text },
    details,
    recovered,
    resolved: null,
  };
}

/** The outcome is read off our receipt. */
export const fromReceipt = ({ verdict, code, text, details }: ReceiptFacts): Ending => ({
  outcome: verdict === 'unclear' ? 'unknown' : verdict,
  reason: { source: 'terminal', code, text },
  details,
  recovered: true,
  resolved: null,
});

/** The receipts show that nothing was done. */
export const notPerformed = (): Ending => ({
  ...plain,
  outcome: 'failed',
  reason: byBox('notPerformed', "the terminal's receipts show that it was not performed"),
  recovered: true,
});

/** Not certain, or, for an inquiry, certain only that no money moved. */
export function uncertain(
  cause: BreakReason,
  said: TerminalAnswer | null,
  why: string,
  outcome: 'unknown' | 'failed' = 'unknown',
): Ending {
  const reason = said ? { source: said.source, code: said.code, text: why } : byBox(boxReasonOf(cause), why);
  // What was said may be what a person needs to decide.
  return { ...plain, details: said?.details ?? null, outcome, reason };
}

// A contradiction is told with the answer's own code; after a restart only the fact that there was one is left.
const boxReasonOf = (cause: BreakReason): BoxReason => (cause === 'contradicted' ? 'restarted' : cause);

/** A person decided. */
export const resolution = (command: CommandOf<'resolve'>, kid: string): Ending => ({
  outcome: command.outcome,
  reason:
    command.outcome === 'approved'
      ? { source: 'box', code: '', text: `decided by ${command.by}` }
      : byBox('notPerformed', `decided by ${command.by}`),
  details:
    command.outcome === 'approved'
      ? {
          amount: command.approvedAmount ?? null,
          card: null,
          rrn: command.rrn ?? null,
          authCode: null,
          invoice: command.invoice ?? null,
          terminal: null,
          agreement: null,
          signatureRequired: false,
          receipt: null,
        }
      : null,
  recovered: false,
  resolved: { by: command.by, kid, approvedAmount: command.approvedAmount ?? null },
});
