/**
 * One connection to the terminal: cuts the stream, keeps the two lanes, and gives each answer to its question.
 *
 * Nothing ties an answer to its question but its name, and on a serial line an answer to a request from before a
 * restart may arrive at any time. So a session is uncertain until a ping was answered on it: the terminal works in
 * order, whatever it still owed comes before that answer. What is asked in an uncertain session waits behind a ping.
 */
import { messageOf } from '../../seams/error.ts';
import type { Log } from '../../seams/log.ts';
import type { Cancel, Time } from '../../seams/time.ts';
import type { Link, LinkConnection } from '../links/link.ts';
import { classify } from './classify.ts';
import { meaningOf } from './codes.ts';
import { createFramer } from './frame.ts';
import { createLane, type Entry, type Question } from './lane.ts';
import { encodePing, field, type Message, readMessage } from './message.ts';
import { createPacer } from './pacer.ts';

/** How long the ping that clears an uncertain session is waited for. */
const barrierMs = 3_000;

/** Hears what no question asked for. */
export interface SessionListener {
  /** Bytes came. */
  heard(): void;
  /** An answer that no question waits for: a late one, or one to somebody who is gone. */
  unasked(message: Message): void;
  /** Bytes were thrown away. */
  garbled(): void;
}

/** One connection. */
export interface Session {
  /** Counts the connections, from 1. */
  readonly epoch: number;
  /** Asks in the operation lane: anything but service messages. The answer withdraws the question. */
  ask(question: Question): Cancel;
  /** Asks in the service lane, which works while an operation runs. */
  serve(question: Question): Cancel;
  isOpen(): boolean;
  /** Ends every question as `gone`; resolves when the link is free for the next connection. */
  close(reason: string): Promise<void>;
  /** Resolves when the connection is gone. */
  readonly over: Promise<void>;
}

/** What a session is made of. */
export interface SessionParts {
  link: Link;
  time: Time;
  log: Log;
  commandGapMs: number;
  listener: SessionListener;
}

/** Opens a connection. Rejects with a SwipeError `linkFailed`. */
export async function openSession(parts: SessionParts, epoch: number): Promise<Session> {
  const { link, time, log, commandGapMs, listener } = parts;
  const framer = createFramer();
  let connection: LinkConnection | null = null;
  let isOpen = true;
  let isGarbled = false;
  let tellOver = (): void => {};
  const over = new Promise<void>((resolve) => {
    tellOver = resolve;
  });

  /** Names of what was sent and may still be answered; before the first ping, whatever an earlier connection sent. */
  const owed = new Set<string>(['the past']);
  const owes = (name: string): void => void owed.add(name);
  const pacer = createPacer(time, commandGapMs, (bytes) => connection?.write(bytes));
  const operations = createLane(time, pacer, owes);
  const services = createLane(time, pacer, owes);

  const end = (reason: string): void => {
    if (!isOpen) return;
    isOpen = false;
    log.debug('connection to the terminal is over', { link: link.name, epoch, reason });
    pacer.stop();
    operations.stop();
    services.stop();
    tellOver();
  };
  const note = (droppedBytes: number): void => {
    if (droppedBytes === 0) return;
    // A noisy line must not fill the log: told aloud once per connection.
    const fields = { link: link.name, epoch, bytes: droppedBytes };
    if (isGarbled) log.debug('bytes from the terminal were thrown away', fields);
    else log.warn('bytes from the terminal were thrown away', fields);
    isGarbled = true;
    listener.garbled();
  };
  const take = (message: Message): void => {
    // A service message that was given up may still be rejected: that must not be taken for the operation's.
    const service = services.outstanding() ?? [...owed][0] ?? null;
    const outstanding = { operation: operations.outstanding(), service };
    const destination = classify(message, outstanding);
    if (destination.lane === 'unasked') return listener.unasked(message);
    if (destination.lane === 'nobody') return;
    const { reply } = destination;
    if (outstanding.operation === pingName && reply.kind === 'answer' && destination.lane === 'operation') {
      if (!isFine(reply.message)) return;
      owed.clear();
    }
    (destination.lane === 'operation' ? operations : services).reply(reply);
  };
  const data = (bytes: Uint8Array): void => {
    if (!isOpen) return;
    listener.heard();
    const { frames, droppedBytes } = framer.push(bytes);
    note(droppedBytes);
    for (const frame of frames) {
      if (!isOpen) return;
      const { message, droppedBytes } = readMessage(frame);
      note(droppedBytes);
      if (message !== null) take(message);
    }
  };

  const clearThePast = (entry: Entry): void => {
    const barrier = operations.admit(
      pingQuestion(barrierMs, ({ kind }) => {
        if (kind === 'answer') operations.enqueue(entry);
        else operations.end(entry, kind === 'busy' ? { kind } : { kind: 'noAnswer', sent: false });
      }),
    );
    operations.enqueue(barrier);
  };

  connection = await link.open({ data, closed: end });
  return {
    epoch,
    over,
    isOpen: () => isOpen,
    ask(question) {
      const entry = operations.admit(question);
      if (owed.size === 0 || question.name === pingName) operations.enqueue(entry);
      else clearThePast(entry);
      return () => operations.withdraw(entry);
    },
    serve(question) {
      const entry = services.admit(question);
      services.enqueue(entry);
      return () => services.withdraw(entry);
    },
    async close(reason) {
      end(reason);
      try {
        await connection.close();
      } catch (error) {
        log.warn('the link did not close cleanly', { link: link.name, epoch, error: messageOf(error) });
      }
    },
  };
}

const pingName = 'PingDevice';

/** The question whether the terminal speaks this protocol and is free (v1.0.3.1 §5.9). */
export function pingQuestion(timeoutMs: number, settle: Question['settle']): Question {
  return { name: pingName, bytes: encodePing(), timeoutMs, settle };
}

/** A ping's answer counts when it is no error; the older dialect's has no code at all. */
function isFine(message: Message): boolean {
  const code = field(message, 'responseCode') ?? field(message, 'code');
  return message.error !== true && (code === null || meaningOf(code).verdict === 'approved');
}
