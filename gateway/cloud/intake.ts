import { createHash } from 'node:crypto';
import { parseCommand } from '../contract/parse.ts';
import { commandMaxBytes, topicsOf } from '../contract/topics.ts';
import { isStorageFull, isSwipeError, messageOf } from '../seams/error.ts';
import type { Log } from '../seams/log.ts';
import type { Clock } from '../seams/time.ts';
import { createFailedDeliveries } from './failed-deliveries.ts';
import { createLineLimit } from './line-limit.ts';
import type { BrokerMessage, CommandDesk, Signatures, Verified } from './ports.ts';

/** Why a message on `commands` was dropped without a result. */
export type DropReason = 'retained' | 'oversized' | 'unsigned' | 'otherBox' | 'malformed';

/** What {@link createIntake} needs. */
export interface IntakeParts {
  box: string;
  signatures: Pick<Signatures, 'verify'>;
  desk: CommandDesk;
  clock: Pick<Clock, 'monotonicMs'>;
  log: Log;
  /** Resolves when commands can be taken in; absent: at once. The broker keeps what comes before. */
  ready?: () => Promise<void>;
  /** Hears what the registry says; absent: it is ignored. */
  registry?: (payload: Uint8Array) => void | Promise<void>;
}

/** Takes in what the broker brings. */
export interface Intake {
  /** Resolves when the broker may forget the message; rejects when it must bring it again. */
  message(message: BrokerMessage): Promise<void>;
  /** How many messages on `commands` were dropped, by reason. */
  dropped(): Readonly<Record<DropReason, number>>;
}

const dropLinesPerMinute = 20;

/** The way in: from the broker's message to a checked command at the desk. */
export function createIntake({ box, signatures, desk, clock, log, ready, registry }: IntakeParts): Intake {
  const topics = topicsOf(box);
  const counts: Record<DropReason, number> = {
    retained: 0,
    oversized: 0,
    unsigned: 0,
    otherBox: 0,
    malformed: 0,
  };
  const dropLines = createLineLimit(clock, dropLinesPerMinute);
  const failed = createFailedDeliveries();

  function drop(reason: DropReason, { payload }: BrokerMessage, kid?: string): void {
    counts[reason] += 1;
    const heldBack = dropLines.admit();
    if (heldBack === null) return;
    log.warn('a command was dropped', {
      reason,
      bytes: payload.length,
      ...(kid !== undefined && { kid }),
      ...(heldBack > 0 && { count: heldBack }),
    });
  }

  /** Null: not signed by a known key. Other failures are ours and pass through. */
  async function verify(payload: Uint8Array): Promise<Verified | null> {
    try {
      return await signatures.verify(Buffer.from(payload).toString('latin1'));
    } catch (error) {
      if (isSwipeError(error, 'signatureInvalid')) return null;
      throw error;
    }
  }

  async function command(message: BrokerMessage): Promise<void> {
    if (message.retained) return drop('retained', message);
    if (message.payload.length > commandMaxBytes) return drop('oversized', message);
    const verified = await verify(message.payload);
    if (verified === null) return drop('unsigned', message);
    const { kid, payload } = verified;
    if (typeof payload !== 'object' || payload === null || Array.isArray(payload))
      return drop('malformed', message, kid);
    if ((payload as { box?: unknown }).box !== box) return drop('otherBox', message, kid);
    await ready?.();
    desk.receive(kid, parseCommand(payload));
  }

  async function commandOrAgain(message: BrokerMessage): Promise<void> {
    try {
      await command(message);
    } catch (error) {
      if (isStorageFull(error)) throw error;
      // Ours to repair. The broker brings it again, but a message that always fails must not make the box deaf.
      const digest = createHash('sha256').update(message.payload).digest('base64');
      const times = failed.count(digest);
      if (times !== 'tooOften') {
        log.error('a command could not be taken in; the broker is to send it again', {
          error: messageOf(error),
          count: times,
        });
        throw error;
      }
      log.error('a command could not be taken in again and again; it is dropped', {
        error: messageOf(error),
      });
    }
  }

  async function fromRegistry({ payload }: BrokerMessage): Promise<void> {
    if (registry === undefined || payload.length > commandMaxBytes) {
      log.debug('a message of the registry was ignored', { bytes: payload.length });
      return;
    }
    try {
      await registry(payload);
    } catch (error) {
      // The registry's message is retained: it comes again with the next connection.
      log.error('a message of the registry could not be taken in', { error: messageOf(error) });
    }
  }

  return {
    async message(message) {
      if (message.topic === topics.commands) await commandOrAgain(message);
      else if (message.topic === topics.registry) await fromRegistry(message);
      else
        log.debug('a message on a topic that was not asked for was ignored', {
          bytes: message.payload.length,
        });
    },
    dropped: () => ({ ...counts }),
  };
}
