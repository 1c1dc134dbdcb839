/** Speaks with one printer over one connection: asks and waits, never for ever. Nothing here rejects. */
import { deferred } from '../seams/deferred.ts';
import type { Cancel, Timers } from '../seams/time.ts';
import { AnswerReader, type PrinterAnswer, type Readiness, readinessOf } from './answers.ts';
import { askStatus, clearBuffers } from './commands.ts';
import type { PrinterConnection, PrinterLink } from './links/link.ts';

/** A printer answers a question of the real-time kind at once. */
const askMaxMs = 1_500;
/** After a question without an answer: silence so long that a late one is not taken for the next. */
const quietMs = 500;

/** Waits for one answer, from when it is made. */
export interface Watch {
  isSeen(): boolean;
  /** Resolves when the answer came, the connection is gone, or so much time has passed. */
  wait(ms: number): Promise<void>;
  end(): void;
}

interface Waiter {
  fits(answer: PrinterAnswer): boolean;
  hear(answer: PrinterAnswer | null): void;
}

/** See the module. */
export class Talk {
  readonly #timers: Timers;
  readonly #connection: PrinterConnection;
  readonly #waiters = new Set<Waiter>();
  /** Of DLE EOT: what this printer was found not to answer. */
  readonly #mute = new Set<number>();
  readonly #gone = deferred<string>();
  #isOver = false;
  #heard: () => void = () => {};

  private constructor(timers: Timers, connection: PrinterConnection) {
    this.#timers = timers;
    this.#connection = connection;
  }

  /** Opens a connection. Rejects as the link does. */
  static async open(link: PrinterLink, timers: Timers): Promise<Talk> {
    const reader = new AnswerReader();
    const early: (() => void)[] = [];
    let talk: Talk | null = null;
    // A device may say something, or go, before it is known that it came.
    const whenOpen = (run: (talk: Talk) => void): void => {
      if (talk === null) early.push(() => talk && run(talk));
      else run(talk);
    };
    const connection = await link.open({
      data: (bytes) => whenOpen((open) => open.#take(reader.read(bytes))),
      closed: (reason) => whenOpen((open) => open.#end(reason)),
    });
    talk = new Talk(timers, connection);
    for (const run of early) run();
    return talk;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Resolves with the reason when the connection is gone. */
  get over(): Promise<string> {
    return this.#gone.promise;
  }

  async close(reason: string): Promise<void> {
    this.#end(reason);
    await this.#connection.close();
  }

  /** Sends bytes. False: they were not taken within this time, or the connection is gone. */
  async send(bytes: Uint8Array, limitMs: number): Promise<boolean> {
    if (this.#isOver) return false;
    const taken = this.#connection.write(bytes).then(() => true);
    return this.#within(limitMs, taken, false);
  }

  /** How the printer is; null: it says nothing. */
  async readiness(): Promise<Readiness | null> {
    const printer = await this.#status(1);
    if (printer === null) return null;
    return readinessOf({ printer, offLine: await this.#status(2), paper: await this.#status(4) });
  }

  /** Has both of the printer's buffers emptied. False: it does not say that it did. */
  async clear(): Promise<boolean> {
    const cleared = this.watch(({ kind }) => kind === 'cleared');
    const isSent = await this.send(clearBuffers, askMaxMs);
    if (isSent) await cleared.wait(askMaxMs);
    cleared.end();
    return cleared.isSeen();
  }

  /** Waits for an answer of this kind. */
  watch(fits: (answer: PrinterAnswer) => boolean): Watch {
    const seen = deferred<true>();
    let isSeen = false;
    const waiter: Waiter = {
      fits,
      hear() {
        isSeen = true;
        seen.resolve(true);
      },
    };
    this.#waiters.add(waiter);
    return {
      isSeen: () => isSeen,
      wait: async (ms) => void (await this.#within(ms, seen.promise, true)),
      end: () => void this.#waiters.delete(waiter),
    };
  }

  async #status(n: 1 | 2 | 4): Promise<number | null> {
    if (this.#mute.has(n)) return null;
    let byte: number | null = null;
    const watch = this.watch((answer) => {
      if (answer.kind !== 'status') return false;
      byte ??= answer.byte;
      return true;
    });
    const isSent = await this.send(askStatus(n), askMaxMs);
    if (isSent) await watch.wait(askMaxMs);
    watch.end();
    if (byte !== null || this.#isOver) return byte;
    // One that answers the first question and not this one will not learn it.
    if (n !== 1) this.#mute.add(n);
    await this.#quiet();
    return null;
  }

  /** Resolves when nothing was heard for a while, or after ten times as long. */
  async #quiet(): Promise<void> {
    for (let round = 0; round < 10 && !this.#isOver; round += 1) {
      const heard = deferred<true>();
      this.#heard = () => heard.resolve(true);
      const hasSpoken = await this.#within(quietMs, heard.promise, false);
      this.#heard = () => {};
      if (!hasSpoken) return;
    }
  }

  #take(answers: readonly PrinterAnswer[]): void {
    if (answers.length > 0) this.#heard();
    for (const answer of answers)
      for (const waiter of this.#waiters)
        if (waiter.fits(answer)) {
          this.#waiters.delete(waiter);
          waiter.hear(answer);
          break;
        }
  }

  #end(reason: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#waiters.clear();
    this.#gone.resolve(reason);
  }

  /** What comes first: the value, the time, or the end of the connection, which both give the other value. */
  #within<Value>(ms: number, value: Promise<Value>, otherwise: Value): Promise<Value> {
    return new Promise((resolve) => {
      const cancel: Cancel = this.#timers.after(ms, () => resolve(otherwise));
      const done = (result: Value): void => {
        cancel();
        resolve(result);
      };
      void value.then(done, () => done(otherwise));
      void this.#gone.promise.then(() => done(otherwise));
    });
  }
}
