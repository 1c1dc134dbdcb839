import { connect, type IClientOptions, type MqttClient } from 'mqtt';
import { messageOf, SwipeError } from '../seams/error.ts';
import type { Timers } from '../seams/time.ts';
import { createPublisher } from './mqtt-publisher.ts';
import type { TryOutcome } from './mqtt-version.ts';
import type { BrokerConnection, BrokerHandlers } from './ports.ts';

/** The broker could not be reached, or did not want us. */
export class SessionRefused extends SwipeError {
  readonly outcome: Exclude<TryOutcome, 'worked'>;

  constructor(outcome: Exclude<TryOutcome, 'worked'>, why: string, options?: { cause?: unknown }) {
    super('brokerUnreachable', why, options);
    this.outcome = outcome;
  }
}

const closeTimeoutMs = 2000;

/**
 * One connection with mqtt.js 5, from its first byte to its last.
 *
 * mqtt.js reads nothing while a message is being dealt with, PUBACKs included: whoever takes in a message must
 * not wait for a publish within it.
 *
 * @param unreadMaxBytes drops the connection when one packet grows beyond this: MQTT 3.1.1 knows no limit below 256 MB
 */
export function openSession(
  url: string,
  options: IClientOptions,
  handlers: BrokerHandlers,
  timers: Timers,
  unreadMaxBytes: number,
): Promise<BrokerConnection> {
  return new Promise((resolve, reject) => {
    const client = connect(url, options);
    const publisher = createPublisher(client);
    let state: 'connecting' | 'open' | 'closed' = 'connecting';
    let fault: { why: string; cause?: unknown } | null = null;

    /** The first reason is the true one; what follows from it is noise. */
    const drop = (why: string, cause?: unknown): void => {
      fault ??= { why, cause };
      client.stream.destroy();
    };

    // Without this a round trip of small packets waits for delayed acknowledgements (Nagle): 88 ms instead of 1.
    setNoDelay(client);
    limitUnread(client, unreadMaxBytes, () => drop(`a packet of more than ${unreadMaxBytes} bytes`));

    client.handleMessage = (packet, acknowledge) => {
      // Never acknowledged: the broker brings it again.
      if (state === 'closed') return;
      const { topic, payload, retain } = packet;
      takeIn(handlers, { topic, payload: Buffer.from(payload), retained: retain }).then(
        () => {
          if (state !== 'closed') acknowledge();
        },
        // mqtt.js takes an error here for "acknowledged by others" and goes on reading: drop the connection instead.
        (error: unknown) => drop(`a message was not taken in: ${messageOf(error)}`),
      );
    };
    client.on('error', (error) => drop(textOf(error), error));
    client.on('disconnect', ({ reasonCode }) =>
      drop(`the broker said goodbye, reason code ${reasonCode ?? 0}`),
    );
    client.on('connect', ({ properties }) => {
      if (state !== 'connecting') return;
      state = 'open';
      publisher.open(properties?.receiveMaximum);
      resolve(connection);
    });
    client.on('close', () => {
      const before = state;
      state = 'closed';
      const why = fault?.why ?? 'the connection was closed';
      if (before === 'connecting') reject(refusal(why, fault?.cause, fault === null));
      if (before === 'open') handlers.closed(why);
      publisher.close(why);
    });

    const connection: BrokerConnection = {
      publish: publisher.publish,
      subscribe: publisher.subscribe,
      close: () =>
        new Promise((closed) => {
          if (state === 'closed') return closed();
          fault ??= { why: 'closed by the box' };
          const cancel = timers.after(closeTimeoutMs, () => client.stream.destroy());
          client.once('close', () => {
            cancel();
            closed();
          });
          publisher.close(fault.why);
          // `end` would wait for their acknowledgement for ever.
          for (const id of Object.keys(client.outgoing)) client.removeOutgoingMessage(Number(id));
          client.end();
        }),
    };
  });
}

// Async, so that a handler that throws is one that rejects.
async function takeIn(
  handlers: BrokerHandlers,
  message: Parameters<BrokerHandlers['message']>[0],
): Promise<void> {
  await handlers.message(message);
}

function setNoDelay(client: MqttClient): void {
  // net.Socket and tls.TLSSocket have it; mqtt.js types its streams more widely.
  (client.stream as { setNoDelay?: (on: boolean) => void }).setNoDelay?.(true);
}

function limitUnread(client: MqttClient, mostBytes: number, exceeded: () => void): void {
  let unread = 0;
  client.on('packetreceive', () => {
    unread = 0;
  });
  client.stream.on('data', (chunk: Uint8Array) => {
    unread += chunk.length;
    if (unread > mostBytes) exceeded();
  });
}

// Return code 1 of MQTT 3.1.1 §3.2.2.3, reason code 0x84 of MQTT 5 §3.2.2.2.
const versionRefusals = [1, 0x84];

function refusal(why: string, cause: unknown, hungUp: boolean): SessionRefused {
  const code = (cause as { code?: unknown } | undefined)?.code;
  const refused = typeof code === 'number' && versionRefusals.includes(code);
  return new SessionRefused(refused ? 'versionRefused' : hungUp ? 'hungUp' : 'failed', why, { cause });
}

function textOf(error: Error & { code?: unknown }): string {
  // An address with several IPs fails with an AggregateError that has a code and no message.
  return error.message === '' ? String(error.code ?? error.name) : error.message;
}
