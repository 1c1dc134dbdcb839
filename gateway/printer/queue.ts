/** Papers that wait for the printer: few, and none for long. */
import type { PrinterState } from '../contract/event.ts';
import type { Cancel, Time } from '../seams/time.ts';
import type { Readiness } from './answers.ts';
import { failed, type PrintJob, reasonOf } from './job.ts';

/** So many may wait. */
export const queueMax = 16;
/** A printer that is just coming back, as after being switched on, is waited for so long. */
const absentMaxMs = 5_000;

const notReady: Readonly<Record<Exclude<Readiness, 'ready'>, string>> = {
  paperOut: 'the printer has no paper',
  coverOpen: "the printer's cover is open",
  fault: 'the printer reports a fault',
};

/** See the module. */
export class PrintQueue {
  readonly #time: Time;
  readonly #state: () => PrinterState;
  readonly #waiting = new Map<PrintJob, Cancel>();

  constructor(time: Time, state: () => PrinterState) {
    this.#time = time;
    this.#state = state;
  }

  get isFull(): boolean {
    return this.#waiting.size >= queueMax;
  }

  /** Takes a paper in. One that has not begun in time is told as failed. */
  add(job: PrintJob): void {
    const leftMs = job.beginByMs - this.#time.monotonicMs();
    const expire = (): void => {
      const isAbsent = this.#state() === 'absent';
      this.#drop(job);
      job.over(
        isAbsent
          ? failed('printerAbsent', 'the printer does not answer')
          : failed('expired', 'its time passed before the printer came to it'),
      );
    };
    const wait = (ms: number, then: () => void): void => {
      this.#waiting.set(job, this.#time.after(ms, then));
    };
    wait(Math.min(absentMaxMs, leftMs), () => {
      if (this.#state() === 'absent' || leftMs <= absentMaxMs) expire();
      else wait(leftMs - absentMaxMs, expire);
    });
  }

  /** The next paper, which waits no more; null when none does. */
  next(): PrintJob | null {
    const [job] = this.#waiting.keys();
    if (job === undefined) return null;
    this.#drop(job);
    return job;
  }

  /** The printer says that it cannot print now: nothing waits until somebody has put that right. */
  fail(readiness: Exclude<Readiness, 'ready'>): void {
    for (let job = this.next(); job !== null; job = this.next())
      job.over(failed(reasonOf(readiness), notReady[readiness]));
  }

  /** The gateway is going down: nobody is told. */
  clear(): void {
    while (this.next() !== null);
  }

  #drop(job: PrintJob): void {
    this.#waiting.get(job)?.();
    this.#waiting.delete(job);
  }
}
