import { EventEmitter } from 'node:events';
import type { Timers } from '../../seams/time.ts';
import type { EmulatedPanel } from './panel.ts';

/**
 * An emulated panel as firmata-io 2.3 takes a port: an emitter of `open`, `data` and `close` with `write`.
 * Pass it to `new Firmata(transport, …)` right after it was made: `open` comes a moment later.
 */
export class PanelTransport extends EventEmitter {
  isOpen = false;
  readonly #panel: EmulatedPanel;
  readonly #end: () => void;

  constructor(panel: EmulatedPanel, timers: Timers) {
    super();
    this.#panel = panel;
    const unlisten = panel.listen((bytes) => {
      if (this.isOpen) this.emit('data', Buffer.from(bytes));
    });
    const cancelOpen = timers.after(0, () => {
      this.isOpen = true;
      this.emit('open');
    });
    this.#end = () => {
      cancelOpen();
      unlisten();
    };
  }

  /** `done` is called when the last byte has gone over the line. */
  write(bytes: Uint8Array | readonly number[], done?: (error?: Error | null) => void): void {
    if (this.isOpen) this.#panel.write(Uint8Array.from(bytes), () => done?.());
    else done?.(new Error('the port is not open'));
  }

  /** Closes the port; the panel runs on. */
  close(done?: (error?: Error | null) => void): void {
    if (this.isOpen) {
      this.isOpen = false;
      this.#end();
      this.emit('close');
    }
    done?.();
  }

  /** As a pulled USB plug looks: the port is gone. */
  unplug(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.#end();
    this.emit('close', Object.assign(new Error('the port is gone'), { disconnected: true }));
  }
}
