import { readPanelFirmware } from '../../gateway/simulators/panel/firmware.ts';
import { createEmulatedPanel, type EmulatedPanel } from '../../gateway/simulators/panel/panel.ts';

/** Numbers of the Firmata protocol 2.5.1, "Message Types" and "Sysex Message Format", and of the panel's own sysex. */
export const startSysex = 0xf0;
export const endSysex = 0xf7;
export const reportVersion = 0xf9;
export const own = { heartbeat: 0x01, version: 0x02, state: 0x03, signal: 0x04 } as const;
export const mode = { input: 0x00, output: 0x01, pwm: 0x03, pullup: 0x0b, none: 0x7f } as const;
/** The pins of the LED. */
export const pins = { red: 9, green: 10, blue: 6 } as const;

/** The bytes of one sysex message. */
export const sysex = (...bytes: number[]): number[] => [startSysex, ...bytes, endSysex];

/** 14 bits as two bytes. */
export const bits14 = (value: number): [number, number] => [value & 0x7f, value >> 7];

/** How the panel says it is (sysex 0x03). */
export interface PanelReport {
  isTakenOver: boolean;
  isAbortDown: boolean;
  isInfoDown: boolean;
  resetCause: number;
  uptimeS: number;
  heartbeatsLost: number;
  dropped: number;
}

/** The real firmware in an emulated chip whose time passes by hand, and a host that speaks to it. */
export class Bench {
  readonly panel: EmulatedPanel;
  /** Whole messages that the panel sent, each from its command byte on. */
  readonly heard: number[][] = [];
  #half: number[] = [];

  /** Powered on, and 20 ms old: its banner has been heard and forgotten. */
  constructor(options: { isFresh?: boolean } = {}) {
    this.panel = createEmulatedPanel({ hex: readPanelFirmware() });
    this.panel.listen((bytes) => this.#hear(bytes));
    if (options.isFresh === true) return;
    this.panel.run(20);
    this.heard.length = 0;
  }

  /** Sends bytes and lets time pass until they are in, and then this much. */
  say(bytes: readonly number[], thenMs = 2): void {
    this.panel.write(Uint8Array.from(bytes));
    this.panel.run((bytes.length * 10) / 57.6 + 0.2 + thenMs);
  }

  /** Sends bytes, and returns the messages that came within the time that a list of capabilities takes. */
  ask(bytes: readonly number[]): number[][] {
    const from = this.heard.length;
    this.say(bytes, 20);
    return this.heard.slice(from);
  }

  /** Lets the gateway be alive, for 500 ms unless told otherwise. */
  beat(timeoutMs = 500): void {
    this.say(sysex(own.heartbeat, ...bits14(timeoutMs)));
  }

  /** Writes a colour as johnny-five does: the pins are PWM, and each is written by a message of its own. */
  colour(red: number, green: number, blue: number): void {
    for (const pin of Object.values(pins)) this.say([0xf4, pin, mode.pwm], 0);
    this.say(
      [
        0xe0 | pins.red,
        ...bits14(red),
        0xe0 | pins.green,
        ...bits14(green),
        0xe0 | pins.blue,
        ...bits14(blue),
      ],
      5,
    );
  }

  /** Asks for the state. */
  state(): PanelReport {
    const answer = this.ask(sysex(own.state)).at(-1) ?? [];
    return reportIn(answer);
  }

  /** Runs until the condition holds, and says how many milliseconds that took; fails after `limitMs`. */
  until(condition: () => boolean, limitMs: number, stepMs = 0.5): number {
    const fromMs = this.panel.nowMs;
    while (!condition()) {
      if (this.panel.nowMs - fromMs > limitMs)
        throw new Error(`still not so after ${limitMs} ms: ${String(condition)}`);
      this.panel.run(stepMs);
    }
    return this.panel.nowMs - fromMs;
  }

  #hear(bytes: Uint8Array): void {
    for (const byte of bytes) {
      // A command byte ends what was half said, but the end of a sysex belongs to it.
      if (byte >= 0x80 && byte !== endSysex) this.#half = [];
      this.#half.push(byte);
      const isWhole = this.#half[0] === startSysex ? byte === endSysex : this.#half.length === 3;
      if (!isWhole) continue;
      this.heard.push(this.#half);
      this.#half = [];
    }
  }
}

/** Reads a state message. Throws when it is none. */
export function reportIn(message: readonly number[]): PanelReport {
  if (message.length !== 11 || message[0] !== startSysex || message[1] !== own.state)
    throw new Error(`no state report: ${message.join(' ')}`);
  const [flags, resetCause] = message.slice(2) as [number, number];
  const number = (place: number): number => (message[place] ?? 0) | ((message[place + 1] ?? 0) << 7);
  return {
    isTakenOver: (flags & 1) !== 0,
    isAbortDown: (flags & 2) !== 0,
    isInfoDown: (flags & 4) !== 0,
    resetCause,
    uptimeS: number(4),
    heartbeatsLost: number(6),
    dropped: number(8),
  };
}

/** Pseudo-random bytes that are the same each time (mulberry32). */
export function* randomBytes(seed: number): Generator<number, never> {
  for (let state = seed >>> 0; ; ) {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    yield (mixed ^ (mixed >>> 14)) & 0xff;
  }
}
