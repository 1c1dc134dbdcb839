import type { Panel, PanelListener } from '../../gateway/panel/panel.ts';

/** A panel of which only the abort button works. */
export class SimPanel implements Panel {
  #listener: PanelListener | null = null;

  press(): void {
    this.#listener?.pressed('abort', 'abort');
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
