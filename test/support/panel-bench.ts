/** A panel of the gateway on an emulated Arduino with the real firmware, under virtual time. */
import type { BoxStatus } from '../../gateway/contract/event.ts';
import { createBoardPanel } from '../../gateway/panel/board.ts';
import type { Panel, PanelView, PressOutcome } from '../../gateway/panel/panel.ts';
import type { PanelPort } from '../../gateway/panel/talk.ts';
import type { Log } from '../../gateway/seams/log.ts';
import type { Time } from '../../gateway/seams/time.ts';
import type { InProcessLink } from '../../gateway/simulators/links.ts';
import { describeLed } from '../../gateway/simulators/panel/describe.ts';
import { readPanelFirmware } from '../../gateway/simulators/panel/firmware.ts';
import { emulatedPanelLink } from '../../gateway/simulators/panel/link.ts';
import { createEmulatedPanel, type EmulatedPanel } from '../../gateway/simulators/panel/panel.ts';
import { VirtualTime } from './virtual-time.ts';

const hex = readPanelFirmware();

/** An emulated panel whose time passes with this one. */
export function emulatedPanel(time: Time): { chip: EmulatedPanel; link: InProcessLink } {
  const chip = createEmulatedPanel({ hex, time });
  chip.start();
  return { chip, link: emulatedPanelLink(chip, time) };
}

/** The status of a box that is ready. */
export const readyStatus: BoxStatus = {
  online: true,
  box: 'SW-7K3M9QXA2BCD',
  version: '0.0.0',
  terminal: { state: 'ready', vendor: null, model: null, software: null, id: null },
  panel: 'ready',
  printer: 'none',
  registration: { state: 'active', until: null },
  operation: null,
  unresolved: [],
  supports: [],
  since: '2026-11-21T08:00:00.000Z',
};

/** See the module. */
export class PanelBench {
  readonly time = new VirtualTime();
  readonly chip: EmulatedPanel;
  readonly link: InProcessLink;
  readonly panel: Panel;
  /** `abort abort`, `info receipt` … */
  readonly presses: string[] = [];
  /** The panel's states, as they came. */
  readonly states: string[] = [];
  /** Warnings and errors of the log. */
  readonly complaints: string[] = [];
  /** What the gateway answers to a press. */
  answer: PressOutcome = 'done';
  #view: PanelView = {
    starting: false,
    broker: true,
    status: readyStatus,
    progress: null,
    lastOutcome: null,
  };

  /** @param port instead of the emulated panel */
  constructor(port?: PanelPort) {
    const { chip, link } = emulatedPanel(this.time);
    // Nobody is at its port: it need not run.
    if (port !== undefined) chip.stop();
    this.chip = chip;
    this.link = link;
    const complain = (message: string, fields?: { error?: string }): void => {
      this.complaints.push([message, fields?.error].filter((part) => part !== undefined).join(': '));
    };
    const log: Log = { debug() {}, info() {}, warn: complain, error: complain };
    const random = { fraction: () => 0.5, bytes: (length: number) => new Uint8Array(length) };
    this.panel = createBoardPanel({ port: port ?? link, time: this.time, random, log });
    this.panel.listen({
      changed: () => this.states.push(this.panel.state()),
      pressed: (button, action, told) => {
        this.presses.push(`${button} ${action}`);
        told?.(this.answer);
      },
    });
    this.panel.show(() => this.#view);
  }

  /** Starts the panel, and waits until it shows what it should. */
  async start(): Promise<void> {
    this.panel.start();
    await this.untilState('ready');
  }

  async untilState(state: string, limitMs = 60_000): Promise<void> {
    // johnny-five is loaded from disk: that takes no virtual time, but some real one.
    for (let tries = 0; tries < 5_000 && this.panel.state() !== state; tries += 1) {
      await this.time.advance(Math.min(10, limitMs));
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    if (this.panel.state() !== state) throw new Error(`the panel is ${this.panel.state()}, not ${state}`);
  }

  /** The box is like this now. */
  show(view: Partial<Omit<PanelView, 'status'>> & { status?: Partial<BoxStatus> }): void {
    this.#view = { ...this.#view, ...view, status: { ...this.#view.status, ...view.status } };
    this.panel.show(() => this.#view);
  }

  /** What the LED was seen doing. */
  seen(): string {
    return describeLed(this.chip.ledHistory, this.chip.nowMs).text;
  }

  async stop(): Promise<void> {
    let isOver = false;
    const stopped = this.panel.stop().then(() => {
      isOver = true;
    });
    // It may still be loading johnny-five.
    for (let tries = 0; tries < 5_000 && !isOver; tries += 1) {
      await this.time.advance(1);
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    if (!isOver) throw new Error('the panel does not stop');
    await stopped;
    this.chip.stop();
  }
}
