import type { Panel, PanelAction, PanelListener } from '../../gateway/panel/panel.ts';

/** A panel's buttons, pressed by the plan. */
export class SimPanel implements Panel {
  #listener: PanelListener | null = null;

  press(action: PanelAction): void {
    this.#listener?.pressed(action === 'abort' ? 'abort' : 'info', action);
  }

  /** The process that listened is gone. */
  deaf(): void {
    this.#listener = null;
  }

  state(): ReturnType<Panel['state']> {
    return 'ready' as ReturnType<Panel['state']>;
  }

  show(): void {}

  listen(listener: PanelListener): void {
    this.#listener = listener;
  }

  start(): void {}

  async stop(): Promise<void> {}
}
