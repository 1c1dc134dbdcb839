/**
 * Keeps one receipt printer on its line, for ever: finds it, and finds it again when it was switched off or unplugged.
 * Nobody waits for it, and no error of it leaves this file.
 */
import type { PrinterState } from '../contract/event.ts';
import { messageOf } from '../seams/error.ts';
import type { Log } from '../seams/log.ts';
import type { Random } from '../seams/random.ts';
import { createRest, pauseAfter } from '../seams/rest.ts';
import type { Time } from '../seams/time.ts';
import type { PrintJob } from './job.ts';
import type { PrinterLink } from './links/link.ts';
import { PrintQueue } from './queue.ts';
import { type PrinterMemory, Session } from './session.ts';
import { Talk } from './talk.ts';

/** What a printer is made of. */
export interface PrinterParts {
  link: PrinterLink;
  /** False: it can only be written to. */
  answers: boolean;
  /** It has a cutter. */
  cut: boolean;
  time: Time;
  random: Random;
  log: Log;
}

/** A receipt printer. */
export interface Printer {
  state(): Exclude<PrinterState, 'none'>;
  /** One listener; called when the state changed. */
  listen(changed: () => void): void;
  /** Too many papers wait already. */
  isBusy(): boolean;
  /** Prints a paper when its turn comes. Not while it is busy. */
  print(job: PrintJob): void;
  /** @param isTorn before the gateway was started a paper was begun, and nobody knows that it came to its end */
  start(isTorn?: boolean): void;
  stop(): Promise<void>;
}

/** How often an idle printer is asked how it is, and one that needs a hand. */
const idleMs = 5_000;
const troubledMs = 1_000;
/** A printer that was there for so long is looked for again soon; one that comes and goes, less and less often. */
const lastingMs = 10_000;
/** Questions without an answer after which the connection is made anew. */
const silentMax = 3;

/** Makes a printer; it does nothing before `start`. */
export function createPrinter({ link, answers, cut, time, random, log }: PrinterParts): Printer {
  const rest = createRest(time);
  const memory: PrinterMemory = { isTorn: false };
  let state: Exclude<PrinterState, 'none'> = 'absent';
  let changed: () => void = () => {};
  let talk: Talk | null = null;
  let isStopping = false;
  let running: Promise<void> | null = null;
  const queue = new PrintQueue(time, () => state);
  const nextId = idMaker(random);

  const enter = (next: typeof state): void => {
    if (state === next) return;
    state = next;
    log.info('the state of the printer changed', { state, link: link.name });
    changed();
  };

  /** Asks the printer and gives it what waits, until the connection is gone. */
  const serve = async (open: Talk): Promise<void> => {
    const session = new Session({ talk: open, time, answers, cut, memory, nextId });
    for (let silent = 0; !open.isOver; ) {
      const readiness = await session.readiness();
      if (open.isOver) return;
      silent = readiness === null ? silent + 1 : 0;
      if (silent >= silentMax) return void (await open.close('it answers nothing'));
      if (readiness !== null) await session.forget();
      if (readiness === null) enter('absent');
      else if (readiness !== 'ready') {
        enter(readiness);
        queue.fail(readiness);
      } else if (await session.prepare()) {
        enter('ready');
        const job = queue.next();
        if (job !== null) {
          await session.print(job, () => isStopping);
          continue;
        }
      }
      if (!open.isOver)
        await Promise.race([rest.for(readiness === 'ready' ? idleMs : troubledMs), open.over]);
    }
  };

  /** One connection, up to its end. Whether there was a printer for some time. */
  const visit = async (): Promise<boolean> => {
    talk = await Talk.open(link, time);
    try {
      if (isStopping) return false;
      const metMs = time.monotonicMs();
      await serve(talk);
      log.info('the printer is gone', { link: link.name, reason: await talk.over });
      return time.monotonicMs() - metMs >= lastingMs;
    } finally {
      rest.wake();
      enter('absent');
      await talk.close('closed');
      talk = null;
    }
  };

  const run = async (): Promise<void> => {
    let said = '';
    for (let failures = 0; !isStopping; ) {
      let hasLasted = false;
      try {
        hasLasted = await visit();
        said = '';
      } catch (error) {
        const why = messageOf(error);
        if (why !== said) log.warn('there is no printer to be used', { link: link.name, error: why });
        said = why;
      }
      failures = hasLasted ? 0 : failures + 1;
      if (!isStopping) await rest.for(pauseAfter(failures, random));
    }
  };

  return {
    state: () => state,
    listen(next) {
      changed = next;
    },
    isBusy: () => queue.isFull,
    print(job) {
      queue.add(job);
      rest.wake();
    },
    start(isTorn = false) {
      memory.isTorn = isTorn;
      running ??= run().catch((error) =>
        log.error('the printer cannot be used', { link: link.name, error: messageOf(error) }),
      );
    },
    async stop() {
      isStopping = true;
      queue.clear();
      rest.wake();
      await talk?.close('stopping');
      await running;
    },
  };
}

const idCharacters = 0x7f - 0x20;

/** Four printable characters, another four each time: from a place by chance, so that a restart begins elsewhere. */
function idMaker(random: Random): () => string {
  let number = Math.floor(random.fraction() * idCharacters ** 4);
  return () => {
    number = (number + 1) % idCharacters ** 4;
    const digits = [3, 2, 1, 0].map((place) => Math.floor(number / idCharacters ** place) % idCharacters);
    return String.fromCharCode(...digits.map((digit) => 0x20 + digit));
  };
}
