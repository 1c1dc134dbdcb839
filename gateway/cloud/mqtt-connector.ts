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
export type BrokerConfig = Config['broker'];

/** What {@link createMqttConnector} needs. */
export interface MqttConnectorParts {
  broker: BrokerConfig;
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
  const withTls = broker.url.startsWith('mqtts:');
  if (!withTls && (broker.ca ?? broker.cert ?? broker.key) !== undefined)
    throw new SwipeError('configInvalid', 'broker.url: ca, cert and key need mqtts://');
  const versions = createVersionChoice();

  async function tryOnce(will: Will, tls: TlsTexts, handlers: BrokerHandlers): Promise<BrokerConnection> {
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
      const tls = await readTls(broker);
      try {
        return await tryOnce(will, tls, handlers);
      } catch (error) {
        if (!(error instanceof SessionRefused) || error.outcome !== 'versionRefused') throw error;
        log.info('the broker refused this version of MQTT', {
          version: versions.next() === 4 ? '5' : '3.1.1',
        });
        return await tryOnce(will, tls, handlers);
      }
    },
  };
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
