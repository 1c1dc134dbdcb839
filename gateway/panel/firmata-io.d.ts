/** As much of firmata-io 2.3 as is used here; it brings no types. */
declare module 'firmata-io' {
  import type { EventEmitter } from 'node:events';

  /** What Firmata is spoken over: emits `open` and `data`. */
  interface Transport extends EventEmitter {
    write(bytes: Uint8Array, done: () => void): void;
  }

  interface Options {
    /** The device is not asked for its pins: `pins` and `analogPins` are what it has. */
    skipCapabilities: true;
    pins: { supportedModes: number[]; analogChannel: number }[];
    analogPins: number[];
  }

  /** The host's side of Firmata. */
  class Firmata extends EventEmitter {
    constructor(transport: Transport, options: Options);
    readonly MODES: Readonly<Record<'INPUT' | 'PWM', number>>;
    pinMode(pin: number, mode: number): void;
    /** `enqueue`: kept until `flushDigitalPorts`. */
    digitalWrite(pin: number, value: 0 | 1, enqueue: boolean): void;
    flushDigitalPorts(): void;
    reportDigitalPin(pin: number, value: 0 | 1): void;
  }

  const bind: { Firmata: typeof Firmata };
  export default bind;
}
