import type { AVRTimer, AVRTimerConfig, CPU } from 'avr8js';

/** What avr8js 0.21.1 keeps private in a timer (peripherals/timer.js); its version is pinned for this. */
interface TimerInternals {
  count(reschedule?: boolean): void;
  readonly divider: number;
  readonly tcnt: number;
  readonly ocrA: number;
  readonly ocrB: number;
  readonly TOP: number;
  readonly timerMode: number;
}

const phaseCorrectModes = [1, 4];

/**
 * avr8js wakes at every count of every timer: 250,000 times a second for one with a divider of 64. Its arithmetic
 * allows any number of counts at once, so this lets it wake only when something happens: a compare match or an
 * overflow. That makes the emulated panel several times faster and changes nothing that can be seen.
 */
export function makeTimersLazy(
  cpu: CPU,
  timers: readonly { timer: AVRTimer; config: AVRTimerConfig }[],
): void {
  const byCallback = new Map<() => void, TimerInternals>();
  const addClockEvent = cpu.addClockEvent.bind(cpu);
  cpu.addClockEvent = (callback, cycles) => {
    const timer = byCallback.get(callback);
    // 0: a register was written, and the timer wants to look at it at once.
    if (timer === undefined || cycles <= 0) return addClockEvent(callback, cycles);
    return addClockEvent(callback, cycles + (countsToNextEvent(timer) - 1) * timer.divider);
  };
  for (const { timer, config } of timers) {
    const internals = timer as unknown as TimerInternals;
    byCallback.set(internals.count, internals);
    // A new compare value may be due earlier than what was planned with the old one.
    for (const register of [config.OCRA, config.OCRB]) {
      const write = cpu.writeHooks[register];
      cpu.writeHooks[register] = (value, oldValue, address, mask) => {
        internals.count(false);
        const isDone = write?.(value, oldValue, address, mask);
        cpu.updateClockEvent(internals.count, 0);
        return isDone;
      };
    }
  }
}

function countsToNextEvent({ tcnt, ocrA, ocrB, TOP, timerMode }: TimerInternals): number {
  if (phaseCorrectModes.includes(timerMode)) return 1;
  let next = TOP + 1;
  if (ocrA > tcnt && ocrA < next) next = ocrA;
  if (ocrB > tcnt && ocrB < next) next = ocrB;
  return Math.max(1, next - tcnt);
}
