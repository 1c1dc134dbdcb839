/** Where a way out ends: each leg with real sockets on this machine. */
import { once } from 'node:events';
import { createServer as createHttp } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { createServer as createTls } from 'node:tls';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { networkOut } from '../gateway/cli/technician/reach.ts';
import { failureOf } from '../gateway/cli/technician/reach-tls.ts';
import { systemRandom } from '../gateway/system/random.ts';
import { clockFindings } from '../provisioning/technician/checks/clock.ts';
import { reachFindings } from '../provisioning/technician/checks/reach.ts';
import type { Reach } from '../provisioning/technician/world.ts';
import { newRequest, testAuthority } from './support/certificates.ts';
import { freePort } from './support/ports.ts';
import { tempDirs } from './support/temp.ts';

const test = suite('provision: the way out');
const tempDir = tempDirs(test);
const network = networkOut(systemRandom);
const servers: Server[] = [];
test.after.each(() => {
  for (const server of servers.splice(0)) server.close();
});

async function portOf(server: Server): Promise<number> {
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

const health = (status = 200, type = 'application/json', date?: string): Promise<number> =>
  portOf(
    createHttp((_, response) => {
      response.writeHead(status, { 'content-type': type, ...(date === undefined ? {} : { date }) });
      response.end('{}');
    }),
  );

/** A TLS server with a certificate of an authority of this test. */
async function secured(names = ['127.0.0.1']): Promise<{ port: number; ca: string }> {
  const authority = await testAuthority(tempDir(), Date.now());
  const { csr, key } = await newRequest();
  const { chain } = await authority.issueBroker(names, csr, Date.now());
  const ca = (await authority.trustedCas()).join('');
  const server = createTls({ cert: chain, key }, (socket) => socket.on('error', () => {}));
  server.on('tlsClientError', () => {});
  return { port: await portOf(server), ca };
}

const registryAt = async (port: number, ca?: string): Promise<Reach> =>
  (await network.tryRegistry({ url: `http${ca === undefined ? '' : 's'}://127.0.0.1:${port}`, ca })).reach;

test('a registry that answers, and its clock', async () => {
  const port = await health(200, 'application/json', 'Sat, 21 Nov 2026 10:00:00 GMT');
  const tried = await network.tryRegistry({ url: `http://127.0.0.1:${port}` });
  assert.equal(tried, {
    host: '127.0.0.1',
    port,
    reach: { at: 'open' },
    otherMs: Date.UTC(2026, 10, 21, 10),
    viaProxy: null,
  });
});

test('a log-in page of the network is no registry, and its clock is not looked at', async () => {
  for (const port of [await health(302, 'text/html'), await health(200, 'text/html')]) {
    const { reach, otherMs } = await network.tryRegistry({ url: `http://127.0.0.1:${port}` });
    assert.equal([reach.at, otherMs], ['service', null]);
  }
});

test('a port that nobody listens on, a name that is not known', async () => {
  assert.equal(await registryAt(await freePort()), { at: 'port', why: 'refused' });
  const { reach } = await network.tryRegistry({ url: 'http://name.invalid' });
  assert.is(reach.at, 'name');
});

test('a certificate by somebody unknown, for another name; the right one', async () => {
  const { port, ca } = await secured();
  const way = (more: object) => network.tryBroker({ url: `mqtts://127.0.0.1:${port}`, ...more });
  assert.equal((await way({})).reach.at === 'tls' && (await way({})).reach, {
    at: 'tls',
    why: 'unknownCa',
    text: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  });
  const other = await secured(['broker.example']);
  const wrong = await network.tryBroker({ url: `mqtts://127.0.0.1:${other.port}`, ca: other.ca });
  assert.ok(wrong.reach.at === 'tls' && wrong.reach.why === 'wrongName', JSON.stringify(wrong));
  // With a certificate of one's own the handshake is all: the session at the broker is the gateway's.
  const { csr, key } = await newRequest();
  const authority = await testAuthority(tempDir(), Date.now());
  const { chain } = await authority.issueBox('SW-7K3M9QXA2BCD', csr, Date.now());
  assert.equal((await way({ ca, cert: chain, key })).reach, { at: 'open' });
});

test('a CA that cannot be read is told, not thrown', async () => {
  const { port } = await secured();
  const { reach } = await network.tryBroker({ url: `mqtts://127.0.0.1:${port}`, ca: '/nowhere/ca.pem' });
  assert.ok(reach.at === 'tls' && reach.text.includes('/nowhere/ca.pem'), JSON.stringify(reach));
});

test('what is no broker is told from one that does not let the box in', async () => {
  const http = await health();
  const notMqtt = await network.tryBroker({ url: `mqtt://127.0.0.1:${http}` });
  assert.ok(notMqtt.reach.at === 'service' && notMqtt.reach.why === 'notMqtt', JSON.stringify(notMqtt));
  const port = await portOf(
    // CONNACK, not authorised (MQTT 3.1.1 §3.2.2.3).
    createServer((socket) => socket.once('data', () => socket.end(Buffer.from([0x20, 2, 0, 5])))),
  );
  const denied = await network.tryBroker({
    url: `mqtt://127.0.0.1:${port}`,
    username: 'box',
    password: 'wrong',
  });
  assert.ok(denied.reach.at === 'service' && denied.reach.why === 'denied', JSON.stringify(denied));
});

test('a proxy is asked only where the direct way ends, and told as the only way out', async () => {
  const proxy = createHttp();
  proxy.on('connect', (_, socket) => socket.end('HTTP/1.1 200 OK\r\n\r\n'));
  const url = `http://127.0.0.1:${await portOf(proxy)}`;
  const tried = await network.tryBroker({ url: `mqtt://127.0.0.1:${await freePort()}` }, url);
  assert.is(tried.viaProxy, true);
  const [only] = reachFindings(tried, { service: 'broker', boxMs: 0, proxy: url });
  assert.equal([only?.text, only?.with.proxy], ['onlyProxy', url]);
  const closed = await network.tryBroker(
    { url: `mqtt://127.0.0.1:${await freePort()}` },
    'http://127.0.0.1:1',
  );
  assert.is(closed.viaProxy, false);
});

test('what OpenSSL calls it becomes a word; an alert that a certificate is wanted is none of ours', () => {
  const why = (code: string, hasIdentity = true) =>
    failureOf(Object.assign(new Error(code), { code }), hasIdentity)?.why;
  assert.equal(
    [
      'CERT_NOT_YET_VALID',
      'CERT_HAS_EXPIRED',
      'ERR_TLS_CERT_ALTNAME_INVALID',
      'SELF_SIGNED_CERT_IN_CHAIN',
      'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA',
      'ECONNRESET',
    ].map((code) => why(code)),
    ['notYetValid', 'expired', 'wrongName', 'unknownCa', 'refused', 'failed'],
  );
  assert.is(
    failureOf(Object.assign(new Error(''), { code: 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED' }), false),
    null,
  );
});

test('each end of a way has its words', () => {
  const ends: [Reach, string][] = [
    [{ at: 'open' }, 'registryAnswers'],
    [{ at: 'name', why: 'unknown' }, 'nameUnknown'],
    [{ at: 'name', why: 'silent' }, 'dnsSilent'],
    [{ at: 'port', why: 'refused' }, 'portRefused'],
    [{ at: 'port', why: 'silent' }, 'portSilent'],
    [{ at: 'port', why: 'noRoute' }, 'noRoute'],
    [{ at: 'tls', why: 'notYetValid', text: '' }, 'tlsNotYetValid'],
    [{ at: 'service', why: 'http', text: '302' }, 'registryOther'],
  ];
  for (const [reach, text] of ends) {
    const tried = { host: 'registry.example', port: 443, reach, otherMs: null, viaProxy: null };
    const [one] = reachFindings(tried, { service: 'registry', boxMs: 0 });
    assert.equal([one?.text, one?.with.host, one?.with.port], [text, 'registry.example', 443]);
  }
});

test('the clock: right, off, wrong by a year', () => {
  const otherMs = Date.UTC(2026, 10, 21, 10);
  const text = (offMs: number) => clockFindings({ boxMs: otherMs + offMs, otherMs, host: 'x' })[0]?.text;
  assert.equal([0, -29_000, 31_000, -119_000, 121_000, -365 * 86_400_000].map(text), [
    'clockRight',
    'clockRight',
    'clockOff',
    'clockOff',
    'clockWrong',
    'clockWrong',
  ]);
});

test.run();
