/** What a press of the panel does in the gateway. */
import type { BoxEvent } from '../contract/event.ts';
import type { Cashier } from '../payments/cashier.ts';
import { copyOfLastReceipt, type Inquiry, totalsOfAll } from '../payments/inquiry.ts';
import { isStorageFull } from '../seams/error.ts';
import type { Log } from '../seams/log.ts';
import type { PanelListener, PressOutcome } from './panel.ts';

/** What presses need of the gateway. */
export interface PressParts {
  cashier: Pick<Cashier, 'running' | 'inquire'>;
  emit(event: BoxEvent): void;
  log: Log;
}

/** Carries presses out. What it throws must not happen: the process has to end and start again. */
export function createPresses({ cashier, emit, log }: PressParts): PanelListener['pressed'] {
  return (button, action, told) => {
    const over = (outcome: PressOutcome, reason = ''): void => {
      log.info('a button was pressed', { type: action, outcome, reason });
      emit({ type: 'button', button, action, outcome });
      told?.(outcome);
    };
    switch (action) {
      case 'abort':
        return abort(over);
      case 'receipt':
        return ask(copyOfLastReceipt, over);
      case 'totals':
        return ask(totalsOfAll, over);
      case 'identify':
        return over('done');
    }
  };

  type Over = (outcome: PressOutcome, reason?: string) => void;

  function abort(over: Over): void {
    const running = cashier.running();
    if (running === null) return over('refused', 'nothing is running');
    try {
      running.feed({ name: 'abortAsked' });
      over('done');
    } catch (error) {
      if (!isStorageFull(error)) throw error;
      log.warn('the disk is full: an abort cannot be written down, so it is not sent');
      over('failed', 'the disk is full');
    }
  }

  function ask(inquiry: Inquiry, over: Over): void {
    const refusal = cashier.inquire(inquiry, (answer) =>
      answer?.verdict === 'done' ? over('done') : over('failed', answer?.code ?? 'no answer'),
    );
    if (refusal !== null) over('refused', refusal.reason);
  }
}
