/** What the tests of the MQTT connector share. */
import mqtt, { type MqttClient } from 'mqtt';
import { type BrokerConfig, createMqttConnector } from '../../gateway/cloud/mqtt-connector.ts';
import type { BrokerHandlers, BrokerMessage } from '../../gateway/cloud/ports.ts';
import { topicsOf } from '../../gateway/contract/topics.ts';
import { isSwipeError } from '../../gateway/seams/error.ts';
import { silentLog } from '../../gateway/seams/log.ts';
import { systemTime } from '../../gateway/system/time.ts';
import type { TestBroker } from './broker.ts';

/** The box in these tests. */
export const box = 'SW-7K3M9QXA2BCD';
/** Its topics. */
export const topics = topicsOf(box);
/** Its last will. */
export const will = { topic: topics.status, payload: '{"online":false}' };
/** A payload as text. */
export const text = (payload: Uint8Array): string => Buffer.from(payload).toString();

/** The box's connector on real time. */
export const connectorTo = (broker: BrokerConfig) =>
  createMqttConnector({ broker, box, timers: systemTime, log: silentLog });

/** Handlers that can be waited on. */
export function recorder(message: BrokerHandlers['message'] = async () => {}) {
  const messages: BrokerMessage[] = [];
  let arrived = (): void => {};
  let told = (_reason: string): void => {};
  const closed = new Promise<string>((resolve) => {
    told = resolve;
  });
  return {
    messages,
    closed,
    /** Resolves when this many messages have come. */
    async atLeast(count: number): Promise<void> {
      while (messages.length < count)
        await new Promise<void>((resolve) => {
          arrived = resolve;
        });
    },
    handlers: {
      message: (received: BrokerMessage) => {
        messages.push(received);
        arrived();
        return message(received);
      },
      closed: (reason: string) => told(reason),
    } satisfies BrokerHandlers,
  };
}

/** Everything that a test opens, closed again whatever happens. */
export async function withCleanup(
  run: (later: (end: () => unknown) => void) => Promise<void>,
): Promise<void> {
  const ends: (() => unknown)[] = [];
  try {
    await run((end) => ends.push(end));
  } finally {
    for (const end of ends.reverse()) await end();
  }
}

/** A plain MQTT 3.1.1 client: the sale system's side. */
export async function senderOn(broker: TestBroker): Promise<MqttClient> {
  return await mqtt.connectAsync(broker.url, { reconnectPeriod: 0 });
}

/** How a promise ended: `resolved`, a SwipeError's code, or the text of any other error. */
export const settled = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'resolved',
    (error) => (isSwipeError(error) ? error.code : String(error)),
  );
