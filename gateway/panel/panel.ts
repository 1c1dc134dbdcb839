/** The panel as the gateway sees it: told what to show, heard when it is pressed. A box works the same without one. */
import type { BoxStatus } from '../contract/event.ts';
import type { Outcome } from '../contract/result.ts';

/** Everything that the LED's pattern may depend on. */
export interface PanelView {
  /** Commands can come in. */
  broker: boolean;
  status: BoxStatus;
  /** How the last operation ended; null before the first one. */
  lastOutcome: Outcome | null;
}

/** What a press asks for. */
export type PanelAction = 'abort';

/** Hears the panel. */
export interface PanelListener {
  changed(): void;
  pressed(button: string, action: PanelAction): void;
}

/** A status LED and buttons. Whatever happens to it, no operation notices. */
export interface Panel {
  /** As the status tells it. */
  state(): BoxStatus['panel'];
  /** What is to be shown may have changed. The view is made only when it is asked for: this is called often. */
  show(view: () => PanelView): void;
  /** One listener; a second call replaces the first. */
  listen(listener: PanelListener): void;
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
