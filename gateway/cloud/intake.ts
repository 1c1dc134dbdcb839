import { createHash } from 'node:crypto';
import { commandMaxBytes, topicsOf } from '../contract/topics.ts';
import { isStorageFull, messageOf } from '../seams/error.ts';
import type { Log } from '../seams/log.ts';
import type { Clock } from '../seams/time.ts';
import { createAdmission, type DropReason } from './admission.ts';
import { createFailedDeliveries } from './failed-deliveries.ts';
import type { BrokerMessage, CommandDesk, Signatures } from './ports.ts';

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

/** The broker's link: from its message to the one way in, and its word on whether the broker may forget it. */
export function createIntake(parts: IntakeParts): Intake {
  const { box, log, registry } = parts;
  const topics = topicsOf(box);
  const admission = createAdmission(parts);
  const failed = createFailedDeliveries();

  async function command({ retained, payload }: BrokerMessage): Promise<void> {
    if (retained) admission.drop('retained', payload);
    else await admission.admit(payload);
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
    dropped: admission.dropped,
  };
}
