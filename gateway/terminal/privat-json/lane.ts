/** One message under way at a time: the protocol has no request ids, so an answer must have one question. */
import type { Cancel, Timers } from '../../seams/time.ts';
import type { Message } from './message.ts';
import type { Pacer } from './pacer.ts';

/** What became of a question. */
export type Reply =
  | { kind: 'answer'; message: Message }
  | { kind: 'busy' }
  | { kind: 'notImplemented' }
  /** Nothing came in time. `sent` false: it was still waiting for its turn, and will not be sent. */
  | { kind: 'noAnswer'; sent: boolean }
  /** The connection is gone. */
  | { kind: 'gone' };

/** Something to ask the terminal. */
export interface Question {
  /** What its answer is known by: the method, or a service message's msgType. */
  name: string;
  bytes: Uint8Array;
  /** From being asked to being given up, the wait for its turn included. */
  timeoutMs: number;
  /** Goes before those that wait. */
  urgent?: boolean;
  /** Called when its turn has come, right before its bytes are written. */
  sent?(): void;
  /** Called once. A link that answers at once may call it within the call that asked. */
  settle(reply: Reply): void;
}

/** A question in a lane. */
export interface Entry {
  readonly question: Question;
  isSent: boolean;
  isOver: boolean;
  /** The lane was full or closed: it will be told so, and never be sent. */
  readonly isRefused: boolean;
  /** Stops its clock. */
  stopClock: Cancel;
  /** Keeps it from being written, if it is not yet. */
  takeBack: Cancel;
}

/** A lane of one connection. */
export interface Lane {
  /** Takes a question and starts its clock; it waits until it is put in line. */
  admit(question: Question): Entry;
  enqueue(entry: Entry): void;
  /** Ends an entry with this reply. Ending it again does nothing. */
  end(entry: Entry, reply: Reply): void;
  /** Drops an entry: nobody wants its answer any more. */
  withdraw(entry: Entry): void;
  /** The name of the question that has been sent and is unanswered; null when there is none. */
  outstanding(): string | null;
  /** Answers the outstanding question. */
  reply(reply: Reply): void;
  /** Ends every question as `gone`, and each later one. */
  stop(): void;
}

/** Entries that a lane holds; a further one is answered with `noAnswer`. */
const entriesMax = 16;

/** Makes a lane. `unanswered` hears of each question that was sent and given up: its answer may still come. */
export function createLane(timers: Timers, pacer: Pacer, unanswered: (name: string) => void): Lane {
  const entries = new Set<Entry>();
  const line: Entry[] = [];
  let current: Entry | null = null;
  let isStopped = false;

  const advance = (): void => {
    if (current !== null || isStopped) return;
    const entry = line.shift();
    if (entry === undefined) return;
    current = entry;
    entry.takeBack = pacer.send(entry.question.bytes, () => {
      entry.isSent = true;
      entry.question.sent?.();
    });
  };
  const release = (entry: Entry): void => {
    entry.isOver = true;
    entry.stopClock();
    entry.takeBack();
    entries.delete(entry);
    const place = line.indexOf(entry);
    if (place !== -1) line.splice(place, 1);
    if (current === entry) current = null;
  };
  const giveUp = (entry: Entry, settle: (sent: boolean) => void): void => {
    if (entry.isOver) return;
    release(entry);
    if (entry.isSent) unanswered(entry.question.name);
    settle(entry.isSent);
    advance();
  };

  const lane: Lane = {
    admit(question) {
      const isRefused = isStopped || entries.size >= entriesMax;
      const entry: Entry = {
        question,
        isSent: false,
        isOver: false,
        isRefused,
        stopClock: timers.after(isRefused ? 0 : question.timeoutMs, () =>
          giveUp(entry, (sent) => question.settle(isStopped ? { kind: 'gone' } : { kind: 'noAnswer', sent })),
        ),
        takeBack: () => {},
      };
      if (!isRefused) entries.add(entry);
      return entry;
    },
    enqueue(entry) {
      if (entry.isOver || entry.isRefused) return;
      if (entry.question.urgent === true) line.unshift(entry);
      else line.push(entry);
      advance();
    },
    end(entry, reply) {
      if (entry.isOver) return;
      release(entry);
      entry.question.settle(reply);
      advance();
    },
    withdraw: (entry) => giveUp(entry, () => {}),
    outstanding: () => (current?.isSent === true ? current.question.name : null),
    reply(reply) {
      if (current !== null) lane.end(current, reply);
    },
    stop() {
      isStopped = true;
      for (const entry of [...entries]) lane.end(entry, { kind: 'gone' });
    },
  };
  return lane;
}
