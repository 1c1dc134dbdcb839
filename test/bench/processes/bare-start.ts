/**
 * The bare process that the gateway's start is held against: loads the same libraries, connects, says that it is
 * online.
 *
 * bare-start BROKER-URL STATUS-TOPIC MQTT-VERSION (4 or 5)
 */
import { CompactSign, compactVerify, importJWK } from 'jose';
import Database from 'libsql';
import { connect } from 'mqtt';
import { schedule } from 'node-cron';
import { pino } from 'pino';
import { SerialPort } from 'serialport';
import * as v from 'valibot';

// What is not used is left out of a bundle.
const used = [CompactSign, compactVerify, importJWK, Database, schedule, pino, SerialPort, v.strictObject];
if (!used.every((part) => typeof part === 'function')) throw new Error('a library is missing');

const [url = '', topic = '', version] = process.argv.slice(2);
const client = connect(url, {
  protocolVersion: version === '5' ? 5 : 4,
  clean: false,
  clientId: 'bare-start',
});
client.on('connect', () => {
  (client.stream as { setNoDelay?: (on: boolean) => void }).setNoDelay?.(true);
  client.publish(topic, '{"online":true}', { qos: 1, retain: true });
});
process.once('SIGTERM', () => process.exit(0));
