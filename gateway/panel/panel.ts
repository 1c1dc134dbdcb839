/** The panel as the gateway sees it: told what to show, heard when it is pressed. A box works the same without one. */
import type { BoxStatus, ProgressStep, pressOutcomes } from '../contract/event.ts';
import type { Outcome } from '../contract/result.ts';

/** Everything that the LED's pattern may depend on. */
export interface PanelView {
  /** The gateway has just started: that something is not there yet means nothing. */
  starting: boolean;
  /** Commands can come in. */
  broker: boolean;
  status: BoxStatus;
  /** What the customer was last seen doing in the running operation; null when nothing runs, or nothing was seen. */
  progress: ProgressStep | null;
  /** How the last operation that is about money ended, and when (monotonic time); null before the first one. */
  lastOutcome: { outcome: Outcome; atMs: number } | null;
}

/** What a press asks for. */
export type PanelAction = 'abort' | 'receipt' | 'totals' | 'identify';

/** What became of it: it was done, it could not be done now, or it was tried in vain. */
export type PressOutcome = (typeof pressOutcomes)[number];

/** Hears the panel. */
export interface PanelListener {
  changed(): void;
  /** `told` is called once, when it is known what became of the press. */
  pressed(button: string, action: PanelAction, told?: (outcome: PressOutcome) => void): void;
}

/** A status LED and buttons. Whatever happens to it, no operation notices. */
export interface Panel {
  /** As the status tells it. */
  state(): BoxStatus['panel'];
  /** What is to be shown may have changed. The view is made only when it is asked for: this is called often. */
  show(view: () => PanelView): void;
  /** One listener; a second call replaces the first. */
  listen(listener: PanelListener): void;
  /** Shows the lamp test, as a press of both buttons does. False: there is no panel now, or something else to show. */
  lampTest?(): boolean;
  start(): void;
  stop(): Promise<void>;
}

/** A box without a panel. */
export const noPanel: Panel = {
  state: () => 'none',
  show() {},
  listen() {},
  start() {},
  async stop() {},
};
