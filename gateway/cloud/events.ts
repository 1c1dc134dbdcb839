import type { BoxEvent } from '../contract/event.ts';
import type { BrokerConnection } from './ports.ts';

/** Tells events while there is a connection. Events are for information: they may be lost, and nothing waits for them. */
export interface Events {
  /** Commands come already, on a connection that is not ready yet: what is told about them waits for it. */
  opening(): void;
  connected(connection: Pick<BrokerConnection, 'publish'>): void;
  disconnected(): void;
  /** Sends an event, or drops it when the box is offline. Never throws. */
  emit(event: BoxEvent): void;
  /** How many events were dropped since the start. */
  dropped(): number;
}

const mostQueued = 256;
// Together with the outbox's 16 and the status below the 20 that Mosquitto takes unacknowledged by default.
const windowSize = 2;

/** Events as JSON in the order they came, at most 256 waiting; the oldest make room. */
export function createEvents({ topic }: { topic: string }): Events {
  const queue: string[] = [];
  let connection: Pick<BrokerConnection, 'publish'> | null = null;
  let isOpening = false;
  let inFlight = 0;
  let dropped = 0;

  function pump(): void {
    const now = connection;
    while (now !== null && inFlight < windowSize) {
      const event = queue.shift();
      if (event === undefined) return;
      inFlight += 1;
      now
        .publish(topic, event, { retain: false })
        .catch(() => {
          dropped += 1;
        })
        .finally(() => {
          // The counts of a connection that is gone do not matter any more.
          if (connection !== now) return;
          inFlight -= 1;
          pump();
        });
    }
  }

  return {
    opening() {
      isOpening = true;
    },
    connected(now) {
      connection = now;
      isOpening = false;
      inFlight = 0;
      pump();
    },
    disconnected() {
      connection = null;
      isOpening = false;
      dropped += queue.length;
      queue.length = 0;
    },
    emit(event) {
      if (connection === null && !isOpening) {
        dropped += 1;
        return;
      }
      queue.push(JSON.stringify(event));
      pump();
      if (queue.length > mostQueued) {
        queue.shift();
        dropped += 1;
      }
    },
    dropped: () => dropped,
  };
}
