import {
  AVRClock,
  AVRIOPort,
  AVRTimer,
  AVRUSART,
  AVRWatchdog,
  avrInstruction,
  CPU,
  clockConfig,
  portBConfig,
  portDConfig,
  timer0Config,
  timer1Config,
  timer2Config,
  usart0Config,
  watchdogConfig,
} from 'avr8js';
import { makeTimersLazy } from './lazy-timers.ts';

/** The clock of an Arduino Uno or Nano. */
export const cyclesPerMs = 16_000;

/** Why a chip starts, as bits of MCUSR (ATmega328P data sheet DS40002061, 11.9.1). */
export const resetCauses = { powerOn: 0x01, external: 0x02, watchdog: 0x08 } as const;

/** A pin of ports B (Arduino's D8 to D13) and D (D0 to D7). */
export interface ChipPin {
  port: 'B' | 'D';
  bit: number;
}

/** What the world around the chip hears. */
export interface ChipListener {
  /** A pin of the ports changed its level; of inputs their pull-ups are told. */
  pins(port: 'B' | 'D', levels: number, changed: number, cycle: number): void;
  /** The UART begins to send a byte. */
  sent(byte: number): void;
  /** Whether a bootloader clears the cause of the start before the sketch can see it. */
  clearsCause(): boolean;
  /** The chip has been reset and starts anew: all pins are inputs. */
  started(cycle: number): void;
}

const registersEnd = 0x100;
const sramBytes = 2048;
const mcusrAddress = watchdogConfig.MCUSR;
const sleepOpcode = 0x9588;
const smcrAddress = 0x53;
const sleepEnable = 0x01;
const interruptFlag = 0x80;
const sregAddress = 95;

const receiverEnable = 0x10;

/**
 * A write to UCSRB that leaves the receiver on must not lose the byte that waits: avr8js 0.21 clears RXC then, the
 * chip does not (ATmega328P data sheet DS40002061, 20.11.2). It does so only where the receiver was on before.
 */
function keepWaitingByte(cpu: CPU): void {
  const written = cpu.writeHooks[usart0Config.UCSRB];
  if (written === undefined) return;
  cpu.writeHooks[usart0Config.UCSRB] = (value, before, address, mask) =>
    written(value, before & ~receiverEnable, address, mask);
}

/** What avr8js keeps private in its CPU; its version is pinned for this. */
interface CpuInternals {
  readonly nextClockEvent: { readonly cycles: number } | null;
}

/** An ATmega328P at 16 MHz that runs a program, as far as the panel uses it: Timers 0 to 2, ports, UART, watchdog. */
export class Chip {
  readonly #program: Uint16Array;
  readonly #listener: ChipListener;
  readonly #inputs = { B: 0xff, D: 0xff };
  #cpu!: CPU;
  #usart!: AVRUSART;
  #ports!: { B: AVRIOPort; D: AVRIOPort };
  #hasReset = false;
  #sleepsAt: number | null = null;
  #hangsAt: number | null = null;

  /** @param program as {@link programIn} gives it */
  constructor(program: Uint8Array, listener: ChipListener) {
    this.#program = new Uint16Array(program.slice().buffer);
    this.#listener = listener;
    this.#start(resetCauses.powerOn, 0, null);
  }

  /** Clock cycles since the first start; never goes back. */
  get cycles(): number {
    return this.#cpu.cycles;
  }

  /** Runs until this cycle has come; at most one instruction further. */
  run(untilCycle: number): void {
    while (this.#cpu.cycles < untilCycle) {
      this.#step(untilCycle);
      if (this.#hasReset) this.#start(resetCauses.watchdog, this.#cpu.cycles, this.#cpu.data);
    }
  }

  /** Takes the power away and gives it back, or pulls the reset line: only that keeps what is in the RAM. */
  reset(cause: 'powerOn' | 'external'): void {
    this.#start(resetCauses[cause], this.#cpu.cycles, cause === 'powerOn' ? null : this.#cpu.data);
  }

  /** The sketch goes no further from here on; with `interrupts` its interrupt routines still run. */
  hang(interrupts: boolean): void {
    this.#hangsAt = this.#cpu.pc;
    if (!interrupts) this.#cpu.data[sregAddress] = this.#cpu.SREG & ~interruptFlag;
  }

  /** The level that the world gives a pin while it is an input. */
  setPin({ port, bit }: ChipPin, isHigh: boolean): void {
    const mask = 1 << bit;
    this.#inputs[port] = isHigh ? this.#inputs[port] | mask : this.#inputs[port] & ~mask;
    this.#ports[port].setPin(bit, isHigh);
  }

  /** A byte has come in. One that meets a receiver that is off, or the one before unread, is lost. */
  receive(byte: number): void {
    if (this.#usart.rxEnable) this.#usart.writeByte(byte, true);
  }

  #step(untilCycle: number): void {
    const cpu = this.#cpu;
    if (cpu.pc === this.#sleepsAt || cpu.pc === this.#hangsAt) {
      // Nothing happens before the next event of a peripheral.
      const next = (cpu as unknown as CpuInternals).nextClockEvent?.cycles ?? untilCycle;
      const hasInterrupt = cpu.nextInterrupt >= 0 && cpu.interruptsEnabled;
      if (!hasInterrupt) cpu.cycles = Math.max(cpu.cycles, Math.min(next, untilCycle));
      cpu.tick();
      if (cpu.pc !== this.#sleepsAt) this.#sleepsAt = null;
      return;
    }
    const isSleep = cpu.progMem[cpu.pc] === sleepOpcode && ((cpu.data[smcrAddress] ?? 0) & sleepEnable) !== 0;
    avrInstruction(cpu);
    // An interrupt that waits already ends the sleep within the next step.
    if (isSleep) this.#sleepsAt = cpu.pc;
    else cpu.tick();
  }

  #start(cause: number, cycle: number, memory: Uint8Array | null): void {
    const cpu = new CPU(this.#program, sramBytes);
    if (memory !== null) cpu.data.set(memory.subarray(registersEnd), registersEnd);
    cpu.cycles = cycle;
    cpu.data[mcusrAddress] = this.#listener.clearsCause() ? 0 : cause;
    // The watchdog calls this. It must not go on with peripherals that were not reset.
    cpu.reset = () => {
      this.#hasReset = true;
    };
    const ports = { B: new AVRIOPort(cpu, portBConfig), D: new AVRIOPort(cpu, portDConfig) };
    makeTimersLazy(
      cpu,
      [timer0Config, timer1Config, timer2Config].map((config) => ({
        timer: new AVRTimer(cpu, config),
        config,
      })),
    );
    new AVRWatchdog(cpu, watchdogConfig, new AVRClock(cpu, cyclesPerMs * 1000, clockConfig));
    const usart = new AVRUSART(cpu, usart0Config, cyclesPerMs * 1000);
    usart.onByteTransmit = (byte) => this.#listener.sent(byte);
    keepWaitingByte(cpu);
    for (const port of ['B', 'D'] as const) {
      ports[port].addListener((levels, before) =>
        this.#listener.pins(port, levels, levels ^ before, cpu.cycles),
      );
      for (let bit = 0; bit < 8; bit += 1) ports[port].setPin(bit, (this.#inputs[port] & (1 << bit)) !== 0);
    }
    this.#cpu = cpu;
    this.#usart = usart;
    this.#ports = ports;
    this.#hasReset = false;
    this.#sleepsAt = null;
    this.#hangsAt = null;
    this.#listener.started(cycle);
  }
}
