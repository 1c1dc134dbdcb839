import type { Journal, StoredResult } from '../payments/journal-port.ts';
import { messageOf } from '../seams/error.ts';
import type { Log, LogFields } from '../seams/log.ts';
import type { Timers } from '../seams/time.ts';
import { backoffMs, worthALine } from './backoff.ts';
import type { BrokerConnection, Signatures } from './ports.ts';

/** What {@link createOutbox} needs. */
export interface OutboxParts {
  /** Where results go. */
  topic: string;
  journal: Pick<Journal, 'undelivered' | 'delivered' | 'resultOf'>;
  signatures: Pick<Signatures, 'sign'>;
  timers: Timers;
  log: Log;
}

/** Delivers results at least once, across restarts and outages. Nothing here throws. */
export interface Outbox {
  /** A connection is up: everything that is not acknowledged is sent on it. */
  connected(connection: Pick<BrokerConnection, 'publish'>): void;
  /** That connection is gone. */
  disconnected(): void;
  /** A new result was told. */
  wake(): void;
  /** The sender asked again for the result of this operation. */
  resend(id: string): void;
  /** How many results the broker has acknowledged since the start. */
  delivered(): number;
}

const windowSize = 16;
const mostResends = 1000;

type Publishes = Pick<BrokerConnection, 'publish'>;

/** One connection's share of the work. It is left alone, answers and all, when the connection is gone. */
interface Round {
  connection: Publishes;
  /** The highest sequence that was started on this connection. */
  upTo: number;
  inFlight: Set<number>;
  /** The results that are read and not yet started, by sequence. */
  batch: StoredResult[];
  /** The pump is running, perhaps waiting for a signature. */
  busy: boolean;
  /** Where a pending retry will read the journal from; null: none is pending. */
  retryAfter: number | null;
  /** Failures in a row on a connection that is still there. */
  failures: number;
}

/**
 * The way out: results are read from the journal by sequence, signed one after the other, and started in that
 * order, up to 16 without waiting for the broker. What is not acknowledged is sent again on the next connection.
 */
export function createOutbox({ topic, journal, signatures, timers, log }: OutboxParts): Outbox {
  const resends = new Set<string>();
  let round: Round | null = null;
  let delivered = 0;

  /** The next result to send: what the broker does not have yet, then what was asked for again. */
  function next(now: Round): { result: StoredResult; asked: boolean } | null {
    if (now.batch.length === 0) now.batch = journal.undelivered(now.upTo, windowSize);
    const result = now.batch.shift();
    if (result !== undefined) {
      now.upTo = result.sequence;
      // In flight already: a retry reads the journal from further back.
      return now.inFlight.has(result.sequence) ? next(now) : { result, asked: false };
    }
    for (const id of resends) {
      resends.delete(id);
      const stored = journal.resultOf(id);
      if (stored !== null && !now.inFlight.has(stored.sequence)) return { result: stored, asked: true };
    }
    return null;
  }

  async function pump(now: Round): Promise<void> {
    if (now.busy) return;
    now.busy = true;
    try {
      while (round === now && now.inFlight.size < windowSize) {
        const found = next(now);
        if (found === null) break;
        await send(now, found.result, found.asked);
      }
    } catch (error) {
      again(now, now.upTo, { error: messageOf(error) });
    } finally {
      now.busy = false;
    }
  }

  /** Resolves when the result is on its way, not when it has arrived. Never rejects. */
  async function send(now: Round, result: StoredResult, asked: boolean): Promise<void> {
    const { sequence, id, kid, payload } = result;
    const failed = (error: unknown): void => {
      now.inFlight.delete(sequence);
      // The journal brings the others back.
      if (asked) remember(id);
      again(now, sequence - 1, { id, sequence, error: messageOf(error) });
    };
    now.inFlight.add(sequence);
    try {
      const jws = await signatures.sign(payload, kid);
      if (round !== now) return failed('the connection is gone');
      now.connection.publish(topic, jws, { retain: false }).then(() => arrived(now, sequence), failed);
    } catch (error) {
      failed(error);
    }
  }

  function arrived(now: Round, sequence: number): void {
    delivered += 1;
    now.failures = 0;
    now.inFlight.delete(sequence);
    try {
      journal.delivered(sequence);
    } catch (error) {
      // The broker has it; on the next connection it gets it once more.
      log.debug('the delivery of a result could not be written down', { sequence, error: messageOf(error) });
    }
    if (round === now) void pump(now);
  }

  /** After a pause reads the journal again from there, for what is neither acknowledged nor in flight. */
  function again(now: Round, afterSequence: number, fields: LogFields): void {
    if (round !== now) return;
    const pending = now.retryAfter !== null;
    now.retryAfter = Math.min(now.retryAfter ?? afterSequence, afterSequence);
    if (pending) return;
    now.failures += 1;
    const delayMs = backoffMs(now.failures, 1);
    if (worthALine(now.failures))
      log.warn('a result could not be sent; it will be sent again', { ...fields, delayMs });
    timers.after(delayMs, () => {
      if (round !== now) return;
      now.upTo = Math.min(now.upTo, now.retryAfter ?? now.upTo);
      now.retryAfter = null;
      now.batch = [];
      void pump(now);
    });
  }

  function remember(id: string): void {
    if (resends.size >= mostResends && !resends.has(id)) {
      const [oldest] = resends;
      if (oldest !== undefined) resends.delete(oldest);
    }
    resends.add(id);
  }

  return {
    connected(connection) {
      round = {
        connection,
        upTo: 0,
        inFlight: new Set(),
        batch: [],
        busy: false,
        retryAfter: null,
        failures: 0,
      };
      void pump(round);
    },
    disconnected() {
      round = null;
    },
    wake() {
      if (round !== null) void pump(round);
    },
    resend(id) {
      remember(id);
      if (round !== null) void pump(round);
    },
    delivered: () => delivered,
  };
}
