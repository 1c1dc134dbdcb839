/** Which pattern the box's state asks for. Pure. */
import type { ProgressStep } from '../contract/event.ts';
import type { Outcome } from '../contract/result.ts';
import type { PanelView } from './panel.ts';
import type { PatternName } from './patterns.ts';

/** How long the end of a payment is shown. */
export const outcomeShownMs = 5_000;

/** A pattern, and when to look again though nothing has changed (monotonic time); null: never. */
export interface Choice {
  pattern: PatternName;
  untilMs: number | null;
}

// With these steps somebody has to do something at the terminal.
const atTheTerminal: readonly ProgressStep[] = [
  'waitingForCard',
  'chooseApplication',
  'pin',
  'waitingForCashier',
  'correction',
  'removeCard',
];

/** How an end is shown and heard; null: not at all. */
export function shownAs(outcome: Outcome): 'approved' | 'declined' | 'unknown' | null {
  if (outcome === 'done') return null;
  if (outcome === 'approved' || outcome === 'partiallyApproved') return 'approved';
  return outcome === 'unknown' ? 'unknown' : 'declined';
}

/**
 * The pattern for a view. First what the cashier must not miss: an outcome that nobody knows, then the payment that
 * runs, then how it ended; of what stops payments first what can be put right at the counter.
 */
export function choose(view: PanelView, nowMs: number): Choice {
  const { status, progress, lastOutcome } = view;
  const always = (pattern: PatternName): Choice => ({ pattern, untilMs: null });

  // While the terminal is being read after a break nobody knows either: no charging again, no letting go.
  if (status.operation?.state === 'recovering') return always('unknown');
  if (status.operation !== null)
    return always(progress !== null && atTheTerminal.includes(progress) ? 'waitingForCard' : 'authorising');
  if (status.unresolved.length > 0) return always('unknown');

  const shown = lastOutcome === null ? null : shownAs(lastOutcome.outcome);
  const untilMs = (lastOutcome?.atMs ?? 0) + outcomeShownMs;
  // An unknown outcome that is settled by now is told by the line above, or is over.
  if (shown !== null && shown !== 'unknown' && nowMs < untilMs) return { pattern: shown, untilMs };

  if (view.starting && (!view.broker || status.terminal.state === 'absent')) return always('booting');
  if (status.terminal.state === 'absent') return always('terminalAbsent');
  if (!view.broker) return always('noBroker');
  const { state } = status.registration;
  if (state === 'suspended' || state === 'unregistered') return always(state);
  // Somebody uses it by hand.
  if (status.terminal.state === 'busy') return always('authorising');
  return always(state === 'pastDue' ? 'pastDue' : 'ready');
}
