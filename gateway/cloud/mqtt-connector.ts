import type { IClientOptions } from 'mqtt';
import type { Config } from '../contract/config.ts';
import { SwipeError } from '../seams/error.ts';
import type { Log } from '../seams/log.ts';
import type { Timers } from '../seams/time.ts';
import { openSession, SessionRefused } from './mqtt-session.ts';
import { readTls, type TlsTexts } from './mqtt-tls.ts';
import { createVersionChoice, type MqttVersion } from './mqtt-version.ts';
import type { BrokerConnection, BrokerConnector, BrokerHandlers } from './ports.ts';

/** The config's `broker`. */
export type BrokerConfig = NonNullable<Config['broker']>;

/** Where the broker is now. Throws a SwipeError `brokerUnreachable` while that is not known. */
export type BrokerSource = () => BrokerConfig;

/** What {@link createMqttConnector} needs. */
export interface MqttConnectorParts {
  /** A source is asked for every connection. */
  broker: BrokerConfig | BrokerSource;
  /** The box's id, which is its client id. */
  box: string;
  timers: Timers;
  log: Log;
}

const keepaliveSeconds = 30;
const connectTimeoutMs = 10_000;
// How long the broker keeps messages for a box that is away. Commands live 15 minutes; the sender of an older one
// still wants to hear that it expired.
const sessionSeconds = 30 * 24 * 3600;
// Far above a command's 16 KiB, so that what is too large is normally still seen, logged and dropped by the intake;
// what is larger than this a broker of MQTT 5 does not send (§3.1.2.11.4).
const packetMaxBytes = 256 * 1024;
// The broker's share of the box's memory: unacknowledged messages to the box (MQTT 5 §3.1.2.11.3).
const receiveMaximum = 16;

/**
 * Connections with mqtt.js: a persistent session under the box's id, MQTT 5 or, where the broker refuses it,
 * 3.1.1. Each connection is a client of its own, so that nothing of a lost one lives on in a library's memory.
 *
 * @throws SwipeError `configInvalid` when certificates are given for a connection without TLS
 */
export function createMqttConnector({ broker, box, timers, log }: MqttConnectorParts): BrokerConnector {
  if (typeof broker !== 'function') demandTls(broker);
  let versions = createVersionChoice();
  let lastUrl: string | null = null;

  function brokerNow(): BrokerConfig {
    const now = typeof broker === 'function' ? broker() : broker;
    // What one broker has refused another may know.
    if (now.url !== lastUrl) versions = createVersionChoice();
    lastUrl = now.url;
    return now;
  }

  async function tryOnce(
    broker: BrokerConfig,
    will: Will,
    tls: TlsTexts,
    handlers: BrokerHandlers,
  ): Promise<BrokerConnection> {
    const options = optionsOf(broker, box, versions.next(), will, tls);
    try {
      const connection = await openSession(broker.url, options, handlers, timers, 2 * packetMaxBytes);
      versions.tried('worked');
      return connection;
    } catch (error) {
      versions.tried(error instanceof SessionRefused ? error.outcome : 'failed');
      throw error;
    }
  }

  return {
    async connect(will, handlers) {
      const broker = brokerNow();
      const tls = await readTls(broker);
      try {
        return await tryOnce(broker, will, tls, handlers);
      } catch (error) {
        if (!(error instanceof SessionRefused) || error.outcome !== 'versionRefused') throw error;
        log.info('the broker refused this version of MQTT', {
          version: versions.next() === 4 ? '5' : '3.1.1',
        });
        return await tryOnce(broker, will, tls, handlers);
      }
    },
  };
}

function demandTls({ url, ca, cert, key }: BrokerConfig): void {
  if (!url.startsWith('mqtts:') && (ca ?? cert ?? key) !== undefined)
    throw new SwipeError('configInvalid', 'broker.url: ca, cert and key need mqtts://');
}

type Will = Parameters<BrokerConnector['connect']>[0];

function optionsOf(
  { username, password }: BrokerConfig,
  box: string,
  version: MqttVersion,
  will: Will,
  tls: TlsTexts,
): IClientOptions {
  return {
    clientId: box,
    protocolVersion: version,
    clean: false,
    keepalive: keepaliveSeconds,
    connectTimeout: connectTimeoutMs,
    // Reconnecting is the cloud link's.
    reconnectPeriod: 0,
    resubscribe: false,
    queueQoSZero: false,
    // Or mqtt-packet keeps 65,536 small buffers, 7 MB, of every number that a packet may hold.
    writeCache: false,
    will: { topic: will.topic, payload: Buffer.from(will.payload), qos: 1, retain: true },
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(version === 5 && {
      properties: {
        sessionExpiryInterval: sessionSeconds,
        maximumPacketSize: packetMaxBytes,
        receiveMaximum,
      },
    }),
    ...tls,
    rejectUnauthorized: true,
  };
}
