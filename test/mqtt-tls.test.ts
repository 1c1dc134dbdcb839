import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { startMosquitto } from './support/broker.ts';
import { connectorTo, recorder, settled, topics, will, withCleanup } from './support/mqtt.ts';
import { needing } from './support/needs.ts';
import { tempDirs } from './support/temp.ts';

const test = suite('mqtt tls');
const tempDir = tempDirs(test);

needing(
  test,
  'mosquitto',
  'openssl',
)('TLS with a certificate on both sides', () =>
  withCleanup(async (later) => {
    const directory = tempDir();
    const pem = makeCertificates(directory);
    const broker = await startMosquitto([
      `cafile ${pem.ca}`,
      `certfile ${pem.serverCert}`,
      `keyfile ${pem.serverKey}`,
      'require_certificate true',
      'use_identity_as_username true',
    ]);
    later(broker.stop);
    const url = `mqtts://127.0.0.1:${broker.port}`;
    const good = { url, ca: pem.ca, cert: readFileSync(pem.clientCert, 'utf8'), key: pem.clientKey };
    const connection = await connectorTo(good).connect(will, recorder().handlers);
    await connection.publish(topics.results, 'safe', { retain: false });
    await connection.close();
    assert.match(await broker.line(/New client connected/), /u'the-box'/);

    // A broker with a certificate of somebody else, and a box without one.
    assert.is(
      await settled(connectorTo({ ...good, ca: pem.otherCa }).connect(will, recorder().handlers)),
      'brokerUnreachable',
    );
    assert.is(
      await settled(connectorTo({ url, ca: pem.ca }).connect(will, recorder().handlers)),
      'brokerUnreachable',
    );
  }),
);

function makeCertificates(directory: string) {
  const file = (name: string): string => join(directory, name);
  const openssl = (...words: string[]): void => {
    execFileSync('openssl', words, { cwd: directory, stdio: 'ignore' });
  };
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  for (const name of ['ca', 'other'])
    openssl(
      'req',
      '-x509',
      ...newKey,
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.pem`,
      '-days',
      '2',
      '-subj',
      `/CN=${name}`,
    );
  for (const [name, subject, extension] of [
    ['server', '/CN=broker', 'subjectAltName=IP:127.0.0.1'],
    ['client', '/CN=the-box', 'extendedKeyUsage=clientAuth'],
  ] as const) {
    openssl('req', ...newKey, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', subject);
    writeFileSync(file(`${name}.ext`), extension);
    openssl(
      'x509',
      '-req',
      '-in',
      `${name}.csr`,
      '-CA',
      'ca.pem',
      '-CAkey',
      'ca.key',
      '-CAcreateserial',
      '-days',
      '2',
      '-extfile',
      `${name}.ext`,
      '-out',
      `${name}.pem`,
    );
  }
  return {
    ca: file('ca.pem'),
    otherCa: file('other.pem'),
    serverCert: file('server.pem'),
    serverKey: file('server.key'),
    clientCert: file('client.pem'),
    clientKey: file('client.key'),
  };
}

test.run();
