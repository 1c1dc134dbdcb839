import type { Time } from '../../seams/time.ts';
import { Chip, type ChipPin, cyclesPerMs } from './chip.ts';
import { programIn } from './hex.ts';
import { type LedChange, LedHistory, type Rgb } from './led-history.ts';
import { Pacer } from './pacer.ts';
import { PwmMeter, pwmPeriodCycles } from './pwm-meter.ts';
import { type Tone, ToneMeter } from './tone-meter.ts';
import { UartInput } from './uart.ts';

/** The buttons: `abort` on D2, `info` on D3. */
export type PanelButton = 'abort' | 'info';

const buttonPins: Record<PanelButton, ChipPin> = {
  abort: { port: 'D', bit: 2 },
  info: { port: 'D', bit: 3 },
};
const ledPins: readonly (ChipPin & { channel: keyof Rgb })[] = [
  { channel: 'red', port: 'B', bit: 1 },
  { channel: 'green', port: 'B', bit: 2 },
  { channel: 'blue', port: 'D', bit: 6 },
];
const piezoPin: ChipPin = { port: 'B', bit: 3 };

/** For how long after a byte or an edge the panel is stepped finely, in milliseconds: debouncing takes 5. */
const livelyMs = 20;

interface Planned {
  cycle: number;
  run: () => void;
}

/**
 * The panel's real firmware in an emulated chip, with its wires. With `time` it runs as that time passes, from
 * {@link EmulatedPanel.start} on; without, only when {@link EmulatedPanel.run} says so.
 */
export class EmulatedPanel {
  readonly #chip: Chip;
  readonly #input = new UartInput();
  readonly #meters: Record<keyof Rgb, PwmMeter>;
  readonly #led = new LedHistory();
  readonly #tone = new ToneMeter();
  readonly #listeners = new Set<(bytes: Uint8Array) => void>();
  readonly #pacer: Pacer | null;
  /** `clearsCause`: as with Optiboot, the sketch does not learn from MCUSR why it was started. */
  bootloader: 'none' | 'clearsCause' = 'none';
  #planned: Planned[] = [];
  #sent: number[] = [];
  #livelyUntilMs = 0;

  constructor({ hex, time }: { hex: string; time?: Time }) {
    const meter = (channel: keyof Rgb) =>
      new PwmMeter((value, cycle) => this.#led.record(channel, value, cycle));
    this.#meters = { red: meter('red'), green: meter('green'), blue: meter('blue') };
    this.#chip = new Chip(programIn(hex), {
      pins: (port, levels, changed, cycle) => this.#pinsChanged(port, levels, changed, cycle),
      sent: (byte) => this.#sent.push(byte),
      clearsCause: () => this.bootloader === 'clearsCause',
      started: (cycle) => {
        for (const { channel } of ledPins) this.#meters[channel].edge(false, cycle);
      },
    });
    this.#pacer = time === undefined ? null : new Pacer(this, time);
  }

  /** Milliseconds of the panel's own time since it first had power. */
  get nowMs(): number {
    return this.#chip.cycles / cyclesPerMs;
  }

  /** Lets its time pass with the time that was handed in. */
  start(): void {
    this.#pacer?.start();
  }

  /** Its time stands still. */
  stop(): void {
    this.#pacer?.stop();
  }

  /** Bytes for the panel, at 57600 baud. `done` is called when the last one is in. */
  write(bytes: Uint8Array, done?: () => void): void {
    this.#input.add(bytes, this.#dueCycle(0), done);
    this.#wake(0);
  }

  /** Hears what the panel sends. Returns how to end it. */
  listen(listener: (bytes: Uint8Array) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Closes or opens a button's contact, `afterMs` from now. */
  setButton(button: PanelButton, isDown: boolean, afterMs = 0): void {
    this.#at(afterMs, () => this.#chip.setPin(buttonPins[button], !isDown));
  }

  /** Presses a button and lets it go again, as a finger does: the contact bounces for 2 ms each time. */
  press(button: PanelButton, forMs = 80): void {
    for (const [fromMs, isDown] of [
      [0, true],
      [forMs, false],
    ] as const) {
      this.setButton(button, isDown, fromMs);
      this.setButton(button, !isDown, fromMs + 0.7);
      this.setButton(button, isDown, fromMs + 1.1);
      this.setButton(button, !isDown, fromMs + 1.6);
      this.setButton(button, isDown, fromMs + 2);
    }
  }

  /** What the LED shows, as measured at its pins; certain two milliseconds late. */
  get colour(): Rgb {
    return this.#led.now;
  }

  /** The latest changes of the LED, oldest first. */
  get ledHistory(): readonly LedChange[] {
    return this.#led.changes;
  }

  /** What the piezo sounds now, in hertz; 0: nothing. */
  get frequencyHz(): number {
    return this.#tone.frequencyHz(this.#chip.cycles);
  }

  /** The latest signals of the piezo, oldest first. */
  get tones(): readonly Tone[] {
    return this.#tone.tones;
  }

  /** Presses the board's reset button, or takes its power for a moment. */
  reset(cause: 'powerOn' | 'external' = 'external'): void {
    this.#chip.reset(cause);
  }

  /** The sketch hangs until the watchdog or a reset ends it. */
  hang({ interrupts = true }: { interrupts?: boolean } = {}): void {
    this.#chip.hang(interrupts);
  }

  /** Whether a byte or an edge was a moment ago, or is still to come. */
  isBusy(): boolean {
    return this.#input.waiting > 0 || this.nowMs < this.#livelyUntilMs;
  }

  /** Lets this many milliseconds pass at once; listeners hear at the end what was sent. */
  run(ms: number): void {
    const untilCycle = this.#chip.cycles + ms * cyclesPerMs;
    while (this.#chip.cycles < untilCycle) {
      const byteCycle = this.#input.nextCycle ?? Number.POSITIVE_INFINITY;
      const planCycle = this.#planned[0]?.cycle ?? Number.POSITIVE_INFINITY;
      // A pin that stays as it is tells nothing: it has to be looked at.
      const lookCycle = this.#chip.cycles + pwmPeriodCycles;
      this.#chip.run(Math.min(byteCycle, planCycle, lookCycle, untilCycle));
      if (planCycle <= this.#chip.cycles) this.#planned.shift()?.run();
      if (byteCycle <= this.#chip.cycles) this.#input.deliver(this.#chip);
      for (const { channel } of ledPins) this.#meters[channel].settle(this.#chip.cycles);
    }
    this.#tellSent();
  }

  #tellSent(): void {
    if (this.#sent.length === 0) return;
    const bytes = Uint8Array.from(this.#sent);
    this.#sent = [];
    this.#livelyUntilMs = Math.max(this.#livelyUntilMs, this.nowMs + livelyMs);
    for (const listener of [...this.#listeners]) listener(bytes);
  }

  #at(afterMs: number, run: () => void): void {
    const cycle = this.#dueCycle(afterMs);
    const place = this.#planned.findIndex((one) => one.cycle > cycle);
    this.#planned.splice(place === -1 ? this.#planned.length : place, 0, { cycle, run });
    this.#wake(afterMs);
  }

  #dueCycle(afterMs: number): number {
    const dueMs = Math.max(this.nowMs, this.#pacer?.dueMs ?? 0);
    return Math.ceil((dueMs + afterMs) * cyclesPerMs);
  }

  #wake(afterMs: number): void {
    const dueMs = Math.max(this.nowMs, this.#pacer?.dueMs ?? 0);
    this.#livelyUntilMs = Math.max(this.#livelyUntilMs, dueMs + afterMs + livelyMs);
    this.#pacer?.wake();
  }

  #pinsChanged(port: 'B' | 'D', levels: number, changed: number, cycle: number): void {
    for (const { channel, port: onPort, bit } of ledPins)
      if (onPort === port && (changed & (1 << bit)) !== 0)
        this.#meters[channel].edge((levels & (1 << bit)) !== 0, cycle);
    if (port === piezoPin.port && (changed & (1 << piezoPin.bit)) !== 0) this.#tone.edge(cycle);
  }
}

/**
 * An emulated panel that has just been given power; nothing has run yet.
 * @param options.hex the firmware as Intel HEX: {@link readPanelFirmware}
 * @param options.time what it keeps up with; absent: its time passes by {@link EmulatedPanel.run}
 * Throws a SwipeError `scriptInvalid` when the firmware cannot be read.
 */
export function createEmulatedPanel(options: { hex: string; time?: Time }): EmulatedPanel {
  return new EmulatedPanel(options);
}
