import type { MqttClient } from 'mqtt';
import { messageOf, SwipeError } from '../seams/error.ts';
import type { BrokerConnection } from './ports.ts';

/** The sending half of one connection. */
export interface Publisher extends Pick<BrokerConnection, 'publish' | 'subscribe'> {
  /** The connection is up; how many unacknowledged messages the broker takes at a time (MQTT 5 §3.2.2.3.3). */
  open(receiveMaximum: number | undefined): void;
  /** The connection is gone: everything that is not acknowledged rejects. */
  close(why: string): void;
}

/**
 * Publishes so that every promise settles. mqtt.js itself, with a persistent session, keeps what is not
 * acknowledged for a reconnection of its own that never comes here, and sends more than the broker's receive
 * maximum. How much may wait is limited by who publishes: each of them has a window.
 */
export function createPublisher(client: MqttClient): Publisher {
  const unsettled = new Set<(error: Error) => void>();
  const waiting: (() => void)[] = [];
  let state: 'connecting' | 'open' | 'closed' = 'connecting';
  let inFlightMost = 65_535;
  let inFlight = 0;
  let gone = 'not connected yet';

  const failure = (why: string, cause?: unknown): SwipeError =>
    new SwipeError('brokerUnreachable', why, { cause });

  /** Runs a request of mqtt.js that answers through a callback, or never. */
  function ask<Answer>(
    request: (done: (error: unknown, answer?: Answer) => void) => void,
  ): Promise<Answer | undefined> {
    return new Promise((resolve, reject) => {
      if (state !== 'open') return reject(failure(gone));
      unsettled.add(reject);
      request((error, answer) => {
        unsettled.delete(reject);
        if (error) reject(failure(messageOf(error), error));
        else resolve(answer);
      });
    });
  }

  function send(topic: string, payload: string, retain: boolean, done: (error: unknown) => void): void {
    const now = (): void => {
      inFlight += 1;
      client.publish(topic, payload, { qos: 1, retain }, (error) => {
        inFlight -= 1;
        done(error);
        if (state === 'open' && inFlight < inFlightMost) waiting.shift()?.();
      });
    };
    if (inFlight < inFlightMost) now();
    else waiting.push(now);
  }

  return {
    async publish(topic, payload, { retain }) {
      await ask((done) => send(topic, payload, retain, done));
    },
    async subscribe(topics) {
      const granted = await ask<{ topic: string; qos: number }[]>((done) =>
        // Retain As Published (MQTT 5 §3.8.3.1): a retained command shows as one even when it is new.
        client.subscribe([...topics], { qos: 1, rap: true }, done),
      );
      const poorer = granted?.find(({ qos }) => qos !== 1);
      if (poorer !== undefined) throw failure(`the broker grants ${poorer.topic} only QoS ${poorer.qos}`);
    },
    open(receiveMaximum) {
      state = 'open';
      inFlightMost = receiveMaximum ?? inFlightMost;
    },
    close(why) {
      state = 'closed';
      gone = why;
      waiting.length = 0;
      for (const reject of unsettled) reject(failure(why));
      unsettled.clear();
    },
  };
}
